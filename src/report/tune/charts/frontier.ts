import { parseObjective } from '../../../profile/index.js'
import type { TuneManifest, TuneTrial } from '../../../record/index.js'
import { makeFrame } from '../../charts/frame.js'
import { stack } from '../../charts/panel.js'
import { logarithmic, MS_LABELS, zeroBased } from '../../charts/scale.js'
import type { Line, Panel, Row } from '../../charts/types.js'
import { ms, num } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour, look } from '../../theme.js'
import { rowOf, type TuneView } from '../view.js'
import { loadText, SIGNS } from '../words.js'

/** A latency whose p99 goodput is set against. */
export interface Latency {
  readonly metric: 'ttft' | 'chunkGap'
  readonly name: string
  read(trial: TuneTrial): number | null
}

/** Trials that can be drawn: both figures are there, and the latency has a place on a log scale. */
export const drawnOf = (tune: TuneManifest, { read }: Latency): readonly TuneTrial[] =>
  tune.trials.filter((t) => (read(t) ?? 0) > 0)

/** Trials than which none has both more goodput and a lower p99, by rising p99. */
export function frontierOf(trials: readonly TuneTrial[], { read }: Latency): readonly TuneTrial[] {
  const sorted = trials.toSorted(
    (a, b) => (read(a) ?? 0) - (read(b) ?? 0) || b.figures.goodputPerS - a.figures.goodputPerS,
  )
  let most = Number.NEGATIVE_INFINITY
  return sorted.filter(({ figures: { goodputPerS } }) => {
    if (goodputPerS <= most) return false
    most = goodputPerS
    return true
  })
}

/** Where the p99 of the latency may be at most, in ms, by the objectives. */
export function limitOf({ objectives }: TuneManifest, { metric }: Latency): number | null {
  const limits = objectives.flatMap((text) => {
    const o = parseObjective(text)
    const is = typeof o !== 'string' && o.kind === 'metric' && o.metric === metric && o.quantile === 0.99
    return is && o.comparison === '<=' ? [o.limit] : []
  })
  return limits.length === 0 ? null : Math.min(...limits)
}

/** Goodput over p99, a mark a trial: up and to the left is better. */
export function frontierChart(view: TuneView, latency: Latency, narrow: boolean): Spec {
  const { tune } = view
  const trials = drawnOf(tune, latency)
  const limit = limitOf(tune, latency)
  const p99s = [...trials.flatMap((t) => latency.read(t) ?? []), ...(limit === null ? [] : [limit])]
  // Wide enough for a second tick where all trials are alike.
  const x = logarithmic(
    p99s.flatMap((v) => [v / 1.3, v * 1.3]),
    MS_LABELS,
  )
  const marks =
    limit === null
      ? []
      : [{ at: limit, low: null, high: null, label: `limit ${ms(limit)}`, colour: colour('bad') }]
  const frame = makeFrame(narrow, x, `p99 of ${latency.name}, log scale`, 1, { marks })
  const groups = [
    { label: '', style: { ...look(5), shape: 'diamond' }, own: trials.filter((t) => !isNamed(view, t)) },
    { label: 'default', style: look(1), own: trials.filter((t) => isDefault(view, t)) },
    { label: 'best', style: look(0), own: trials.filter((t) => isBest(view, t)) },
  ]
  const panel: Panel = {
    title: 'Good requests per second',
    subtitle: 'full: shown to pass; hollow: failed or undecided; up and to the left is better',
    // A little room above, for the names.
    y: zeroBased(trials.map((t) => 1.1 * t.figures.goodputPerS)),
    lines: [
      edge(frontierOf(trials, latency), latency),
      ...groups.map(
        ({ style, own }): Line => ({ ...dots(style), rows: own.map((t) => rowFor(tune, t, latency)) }),
      ),
    ],
    height: narrow ? 230 : 300,
    missing: trials.length > 0 ? null : 'not measured',
    texts: groups.flatMap(({ label, style, own }) => nameOf(label, style.colour, own, latency)),
  }
  return stack([panel], frame)
}

const isBest = ({ best }: TuneView, { setting }: TuneTrial): boolean => setting === best?.id
const isDefault = (view: TuneView, trial: TuneTrial): boolean =>
  trial.setting === view.standard?.id && !isBest(view, trial)
const isNamed = (view: TuneView, trial: TuneTrial): boolean => isBest(view, trial) || isDefault(view, trial)

const dots = (style: ReturnType<typeof look>) => ({ ...style, label: '', draw: 'dots' as const, thin: false })

/** A line through the best trade-offs, without marks of its own. */
const edge = (trials: readonly TuneTrial[], { read }: Latency): Line => ({
  label: '',
  colour: colour('line'),
  dash: [],
  shape: 'circle',
  points: false,
  draw: 'step',
  rows: trials.map((t) => ({ x: read(t) ?? 0, y: t.figures.goodputPerS, say: '' })),
})

const rowFor = (tune: TuneManifest, trial: TuneTrial, { read, name }: Latency): Row => ({
  x: read(trial) ?? 0,
  y: trial.figures.goodputPerS,
  open: trial.verdict !== 'pass',
  say: `${rowOf(tune, trial.setting)} at ${loadText(trial.load)}: ${num(trial.figures.goodputPerS)} good/s, p99 of ${name} ${ms(read(trial))}, ${SIGNS[trial.verdict][2]}`,
})

/** Beside the trial of most goodput, a passed one where there is any. */
function nameOf(label: string, ink: string, own: readonly TuneTrial[], { read }: Latency) {
  const passed = own.filter((t) => t.verdict === 'pass')
  const [top] = (passed.length > 0 ? passed : own).toSorted(
    (a, b) => b.figures.goodputPerS - a.figures.goodputPerS,
  )
  return top === undefined || label === ''
    ? []
    : [{ x: read(top) ?? 0, y: top.figures.goodputPerS, label, colour: ink }]
}
