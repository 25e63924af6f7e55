import type { PromptPairs } from '../../../analyse/index.js'
import { makeFrame } from '../../charts/frame.js'
import { grid } from '../../charts/grid.js'
import { logarithmic, MS_LABELS, type Scale, shareOf, thinned, valueAt } from '../../charts/scale.js'
import type { Line } from '../../charts/types.js'
import { shorten } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour, look } from '../../theme.js'

/** Prompts of one side against the same ones of the base. */
export interface NamedPrompts {
  readonly title: string
  readonly slot: number
  readonly prompts: PromptPairs
}

/** Cells of the raster along each axis: prompts in one cell are drawn once. */
const RASTER = { single: 150, many: 45 } as const

/** One dot a prompt: base across, the other side up, both on the same log axis; below the diagonal the other one is lower. */
export function scatterChart(groups: readonly NamedPrompts[], base: string, narrow: boolean): Spec {
  const columns = narrow ? 1 : groups.length > 2 ? 3 : 2
  const all = scaleOf(groups)
  // Two metrics of one pair have nothing in common; one metric of many sides is held against each other.
  const isMixed = new Set(groups.map(({ prompts }) => prompts.metric)).size > 1
  const panels = groups.map((group) => {
    const scale = isMixed ? scaleOf([group]) : all
    const raster = groups.length > 2 ? RASTER.many : RASTER.single
    return {
      title: shorten(group.title, narrow ? 34 : 44),
      subtitle: '',
      y: scale,
      ...(isMixed && { x: thinned(scale, columns === 3 ? 0.24 : 0.14) }),
      lines: [diagonalOf(scale), dotsOf(group.prompts, group.slot, scale, raster)],
      height: columns === 3 ? 190 : 300,
    }
  })
  return grid(
    panels,
    columns,
    makeFrame(narrow, thinned(all, columns === 3 ? 0.24 : 0.14), `${shorten(base, 24)} (log scale)`, 1),
  )
}

const scaleOf = (groups: readonly NamedPrompts[]): Scale =>
  logarithmic(
    groups.flatMap(({ prompts }) => prompts.pairs.flat()),
    groups[0]?.prompts.unit === 'ms' ? MS_LABELS : undefined,
  )

const diagonalOf = (scale: Scale): Line => ({
  label: '',
  colour: colour('ink-2'),
  dash: [4, 3],
  shape: 'circle',
  rows: scale.domain.map((v) => ({ x: v, y: v, say: '' })),
  points: false,
  thin: true,
})

function dotsOf({ pairs }: PromptPairs, slot: number, scale: Scale, raster: number): Line {
  const cells = new Set(
    pairs
      .filter(([a, b]) => a > 0 && b > 0)
      .map(
        ([a, b]) => Math.round(shareOf(scale, a) * raster) * 1000 + Math.round(shareOf(scale, b) * raster),
      ),
  )
  const rows = [...cells].map((cell) => ({
    x: valueAt(scale, Math.floor(cell / 1000) / raster),
    y: valueAt(scale, (cell % 1000) / raster),
    say: '',
  }))
  return { label: '', ...look(slot), dash: [], draw: 'dots', points: false, rows }
}
