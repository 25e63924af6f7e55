import type { TuneSetting } from '../../../record/index.js'
import { makeFrame } from '../../charts/frame.js'
import { stack } from '../../charts/panel.js'
import { loadScale, PERCENT_LABELS, type Scale, zeroBased } from '../../charts/scale.js'
import type { Panel } from '../../charts/types.js'
import { num, percent } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { look } from '../../theme.js'
import { type Looked, loadKind, loadUnit, looksOf, rowName, type TuneView } from '../view.js'
import { loadText } from '../words.js'

/** What the engine told of a trial. */
export interface Gauge {
  readonly title: string
  readonly subtitle: string
  read(looked: Looked): number | null
  readonly show: (value: number | null | undefined) => string
  readonly scale: (values: readonly (number | null)[]) => Scale
}

export const GAUGES: readonly Gauge[] = [
  {
    title: 'KV cache in use',
    subtitle: 'highest reading',
    read: ({ trial }) => trial.figures.kvUsageMax,
    show: percent,
    scale: () => zeroBased([1], PERCENT_LABELS),
  },
  {
    title: 'Preemptions per request',
    subtitle: 'requests whose cache was taken and computed again',
    read: ({ trial: { figures, judged } }) =>
      figures.preemptions === null || judged === 0 ? null : figures.preemptions / judged,
    show: num,
    scale: (values) => zeroBased(values, undefined, 0.1),
  },
  {
    title: 'Running at once',
    subtitle: 'most requests in one batch',
    read: ({ trial }) => trial.figures.runningMax,
    show: num,
    scale: (values) => zeroBased(values),
  },
  {
    title: 'Waiting in the engine',
    subtitle: 'mean',
    read: ({ trial }) => trial.figures.waitingMean,
    show: num,
    scale: (values) => zeroBased(values),
  },
]

/** More lines than these cannot be told apart. */
const MOST = 6

/** Best and default, and of the others those that were looked at most. */
export function comparedOf(view: TuneView): readonly TuneSetting[] {
  const measured = view.started.filter((s) => looksOf(view, s).length > 0)
  const named = (s: TuneSetting): boolean => s.isDefault || s.id === view.best?.id
  const others = measured
    .filter((s) => !named(s))
    .toSorted((a, b) => looksOf(view, b).length - looksOf(view, a).length)
  const kept = new Set([...measured.filter(named), ...others].slice(0, MOST).map((s) => s.id))
  return measured.filter((s) => kept.has(s.id))
}

/** The engine's own figures over the load, a line a setting. */
export function engineChart(view: TuneView, narrow: boolean): Spec {
  const settings = comparedOf(view)
  const loads = settings.flatMap((s) => looksOf(view, s).map((l) => l.load))
  const names = settings.map((s) => rowName(view.tune, s))
  const longest = Math.max(1, ...names.map((n) => n.length))
  const frame = makeFrame(narrow, scaleOf(loads), loadUnit(loadKind(view.tune)), longest)
  return stack(
    GAUGES.map((gauge) => panelOf(view, gauge, settings, narrow)),
    frame,
  )
}

/** Best and default look alike wherever they are drawn; the others share the rest in their order. */
function lookOf(
  { best }: TuneView,
  setting: TuneSetting,
  all: readonly TuneSetting[],
): ReturnType<typeof look> {
  if (setting.id === best?.id) return look(0)
  if (setting.isDefault) return look(1)
  return look(2 + all.filter((s) => s.id !== best?.id && !s.isDefault).indexOf(setting))
}

/** More loads than these would leave no room between their lines. */
const MOST_TICKS = 8

/** A tick at every load where they are few, else at round figures. */
function scaleOf(loads: readonly number[]): Scale {
  const scale = loadScale(loads)
  if (scale.ticks.length <= MOST_TICKS) return scale
  const [low, high] = scale.domain
  const leads = high / low > 10 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8]
  const powers = Array.from({ length: 12 }, (_, i) => 10 ** (i - 4))
  const ticks = powers.flatMap((power) => leads.map((lead) => Number((lead * power).toPrecision(3))))
  return { ...scale, ticks: ticks.filter((t) => t >= low && t <= high) }
}

function panelOf(view: TuneView, gauge: Gauge, settings: readonly TuneSetting[], narrow: boolean): Panel {
  const lines = settings.map((setting) => ({
    label: rowName(view.tune, setting),
    ...lookOf(view, setting, settings),
    rows: looksOf(view, setting).map((looked) => {
      const y = gauge.read(looked)
      const at = `${rowName(view.tune, setting)} at ${loadText(looked.trial.load)}`
      return { x: looked.load, y, say: `${at}: ${gauge.title.toLowerCase()} ${gauge.show(y)}` }
    }),
  }))
  const values = lines.flatMap((line) => line.rows.map((row) => row.y))
  return {
    title: gauge.title,
    subtitle: gauge.subtitle,
    y: gauge.scale(values),
    lines,
    height: narrow ? 110 : 120,
    missing: values.every((v) => v === null) ? 'not observed' : null,
  }
}
