import type { TuneVerdict } from '../../../record/index.js'
import { distinct, type Lanes, lanesOf } from '../../charts/lanes.js'
import { num } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour } from '../../theme.js'
import { knobTitle, loadKind, loadUnit, looksOf, rowName, type TuneView } from '../view.js'
import { loadText, SIGNS, verdictWords } from '../words.js'

/** What was measured of a setting at one load, or at a few neighbouring ones. */
interface MapCell {
  readonly lane: string
  readonly column: string
  readonly goodputPerS: number
  /** Of every load in it: one that passes and one that fails may stand in one cell. */
  readonly verdicts: readonly TuneVerdict[]
  /** Of a cell where nothing is shown: whether it holds as far as was seen. */
  readonly leans: boolean
  readonly say: string
}

export interface TuneMap {
  readonly lanes: readonly string[]
  readonly columns: readonly string[]
  readonly cells: readonly MapCell[]
  /** Settings whose engine never came up: the lane and the cause. */
  readonly failed: readonly { readonly lane: string; readonly cause: string }[]
}

/** Pixels that a column needs, so that neither figures nor the loads below them touch. */
const CELL = 64

const titled = ({ tune }: TuneView, names: readonly string[], narrow: boolean): Lanes =>
  lanesOf(names, narrow, narrow ? null : knobTitle(tune))

/** Goodput of every setting at every load; loads that lie close together share a column. */
export function mapOf(view: TuneView, narrow: boolean): TuneMap {
  const { tune, started } = view
  const lanes = distinct(
    started.map((s) => rowName(tune, s)),
    narrow,
  )
  const own = titled(view, lanes, narrow)
  const loads = started.flatMap((s) => looksOf(view, s).map((l) => l.load))
  const bins = binsOf(loads, Math.min(10, Math.max(2, Math.floor(own.width / CELL))))
  const cells = started.flatMap((setting, i) =>
    bins.flatMap((bin): MapCell[] => {
      const inside = looksOf(view, setting).filter((l) => bin.includes(l.load))
      const shown =
        inside.findLast((l) => l.verdict === 'pass') ?? inside.findLast((l) => l.leans) ?? inside[0]
      if (shown === undefined) return []
      const { goodputPerS } = shown.trial.figures
      const say = inside.map(
        (l) => `${loadText(l.trial.load)}: ${num(l.trial.figures.goodputPerS)} good/s, ${verdictWords(l)}`,
      )
      return [
        {
          lane: lanes[i] ?? '',
          column: binName(bin),
          goodputPerS,
          leans: shown.leans,
          verdicts: [...new Set(inside.map((l) => l.verdict))],
          say: `${rowName(tune, setting)}. ${say.join('; ')}`,
        },
      ]
    }),
  )
  const failed = started.flatMap((setting, i) => {
    const last = setting.starts.at(-1)
    const isUp = setting.starts.some((s) => s.kind === 'started')
    return last?.kind === 'failed' && !isUp ? [{ lane: lanes[i] ?? '', cause: last.cause }] : []
  })
  return { lanes, columns: bins.map(binName), cells, failed }
}

/** Loads in at most so many groups, the closest ones together, by the factor between them. */
export function binsOf(loads: readonly number[], most: number): readonly (readonly number[])[] {
  let bins = [...new Set(loads)].toSorted((a, b) => a - b).map((load): readonly number[] => [load])
  while (bins.length > most) {
    const spans = bins.slice(1).map((bin, i) => (bin.at(-1) ?? 1) / (bins[i]?.[0] ?? 1))
    const at = spans.indexOf(Math.min(...spans))
    const merged = [...(bins[at] ?? []), ...(bins[at + 1] ?? [])]
    bins = [...bins.slice(0, at), merged, ...bins.slice(at + 2)]
  }
  return bins
}

const binName = (bin: readonly number[]): string => {
  const [low, high] = [num(bin[0]), num(bin.at(-1))]
  return low === high ? low : `${low}–${high}`
}

/** Shaded by goodput; every cell with its figure and the sign of its verdict. */
export function tuneMapChart(view: TuneView, narrow: boolean): Spec {
  const map = mapOf(view, narrow)
  const lanes = titled(view, map.lanes, narrow)
  const width = Math.min(lanes.width, Math.max(1, map.columns.length) * 110)
  const most = Math.max(1e-9, ...map.cells.map((c) => c.goodputPerS))
  const values = map.cells.map((cell) => ({
    lane: lanes.show(cell.lane),
    column: cell.column,
    say: cell.say,
    shade: 0.05 + 0.42 * (cell.goodputPerS / most),
    t: num(cell.goodputPerS),
    sign: signOf(cell),
    hue: hueOf(cell.verdicts),
  }))
  const x = {
    field: 'column',
    type: 'ordinal',
    sort: map.columns,
    scale: { domain: map.columns, paddingInner: 0, paddingOuter: 0 },
    axis: {
      title: loadUnit(loadKind(view.tune)),
      labelAngle: 0,
      ticks: false,
      domain: false,
      grid: false,
      aria: false,
      titlePadding: 8,
    },
  }
  return {
    usermeta: { right: lanes.width },
    width,
    height: lanes.height,
    layer: [
      cellLayer(values, x, lanes),
      ...textLayers(values, x, lanes, width / Math.max(1, map.columns.length)),
      ...map.failed.map(({ lane, cause }) => failedLayer(lanes.show(lane), cause, lanes)),
    ],
  }
}

/** A border within the cell says more than what is undecided about it. */
const signOf = ({ verdicts, leans }: MapCell): string =>
  verdicts.length === 1 && verdicts[0] === 'undecided' ? (leans ? '(✓)' : '(✗)') : shownSigns(verdicts)

const shownSigns = (verdicts: readonly TuneVerdict[]): string =>
  (['pass', 'fail', 'undecided'] as const)
    .filter((v) => verdicts.includes(v))
    .slice(0, 2)
    .map((v) => SIGNS[v][0])
    .join('')

const hueOf = (verdicts: readonly TuneVerdict[]): string =>
  colour(verdicts.length > 1 ? 'ink' : (SIGNS[verdicts[0] ?? 'undecided'][1] as 'good' | 'bad' | 'warn'))

type Axis = Readonly<Record<string, unknown>>

const cellLayer = (values: readonly object[], x: Axis, { y }: Lanes): Spec => ({
  data: { values },
  mark: { type: 'rect', color: colour('heat'), stroke: colour('paper'), strokeWidth: 2, cornerRadius: 3 },
  encoding: {
    x,
    y,
    description: { field: 'say', type: 'nominal' },
    fillOpacity: { field: 'shade', type: 'quantitative', scale: null, legend: null },
  },
})

/** The figure ends left of the cell's middle, the sign begins right of it. */
function textLayers(
  values: readonly object[],
  x: Axis,
  { y, fontSize }: Lanes,
  cell: number,
): readonly Spec[] {
  const at = cell > 60 ? 6 : 4
  const hue = { field: 'hue', type: 'nominal', scale: null, legend: null }
  return [
    {
      data: { values },
      mark: { type: 'text', align: 'right', dx: at, fill: colour('ink'), fontSize, aria: false },
      encoding: { x, y, text: { field: 't', type: 'nominal' } },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', dx: at + 4, fontSize, fontWeight: 700, aria: false },
      encoding: { x, y, text: { field: 'sign', type: 'nominal' }, fill: hue },
    },
  ]
}

const failedLayer = (lane: string, cause: string, { y, fontSize }: Lanes): Spec => ({
  data: { values: [{ lane, t: `✗ did not start: ${cause}`, say: `${lane} did not start: ${cause}` }] },
  mark: { type: 'text', align: 'left', fill: colour('bad'), fontSize, fontWeight: 600 },
  encoding: {
    x: { value: 6 },
    y,
    text: { field: 't', type: 'nominal' },
    description: { field: 'say', type: 'nominal' },
  },
})
