import type { TuneManifest, TuneVerdict } from '../../../record/index.js'
import { distinct, type Lanes, lanesOf } from '../../charts/lanes.js'
import { num } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour } from '../../theme.js'
import { rowName, type TuneView } from '../view.js'
import { duration, loadText, SIGNS } from '../words.js'

interface Bar {
  readonly kind: 'start' | 'failed start' | 'trial'
  readonly lane: string
  readonly from: number
  readonly to: number
  readonly hue: string
  /** 0: hollow. Tells the verdict where there is no room for its sign, and no eye for its hue. */
  readonly shade: number
  readonly sign: string
  readonly say: string
}

const SHADES: Readonly<Record<TuneVerdict, number>> = { pass: 1, undecided: 0.3, fail: 0 }

/** From here on the axis counts minutes. */
const MINUTES_FROM_S = 600

/** Everything that took engine time, in its order: a lane a setting, starts thin, trials by their verdict. */
export function searchChart(view: TuneView, narrow: boolean): Spec {
  const { tune } = view
  const settings = tune.settings.filter((s) => view.started.includes(s))
  const names = distinct(
    settings.map((s) => rowName(tune, s)),
    narrow,
  )
  const lanes = lanesOf(names, narrow, null)
  const shown = new Map(settings.map((s, i) => [s.id, lanes.show(names[i] ?? s.id)]))
  const unitS = tune.engineS >= MINUTES_FROM_S ? 60 : 1
  const bars = barsOf(tune, shown, unitS)
  const end = Math.max(tune.engineS / unitS, ...bars.map((b) => b.to), 1e-3)
  const scale = { domain: [0, end], nice: false, zero: true }
  const axis = {
    title: unitS === 60 ? 'minutes of engine time' : 'seconds of engine time',
    tickCount: narrow ? 4 : 8,
    labelExpr: "format(datum.value, ',~g')",
    aria: false,
  }
  const x = { field: 'from', type: 'quantitative', scale, axis }
  return {
    usermeta: { right: lanes.width },
    width: lanes.width,
    height: lanes.height,
    layer: [
      laneLayer([...shown.values()], lanes),
      ...roundLayers(tune, unitS, x, end, lanes),
      ...barLayers(bars, x, lanes, end),
    ],
  }
}

function barsOf(tune: TuneManifest, shown: ReadonlyMap<string, string>, unitS: number): readonly Bar[] {
  const place = (atS: number, seconds: number) => ({ from: atS / unitS, to: (atS + seconds) / unitS })
  const starts = tune.settings.flatMap((s) =>
    s.starts.map((start): Bar => {
      const isUp = start.kind === 'started'
      const what = isUp ? `started in ${duration(start.seconds)}` : `did not start: ${start.cause}`
      return {
        kind: isUp ? 'start' : 'failed start',
        lane: shown.get(s.id) ?? s.id,
        ...place(start.atS, start.seconds),
        hue: colour(isUp ? 'c6' : 'bad'),
        shade: 1,
        sign: isUp ? '' : '✗',
        say: `${rowName(tune, s)} ${what}`,
      }
    }),
  )
  const trials = tune.trials.flatMap((t): Bar[] => {
    const setting = tune.settings.find((s) => s.id === t.setting)
    if (setting === undefined) return []
    const [sign, tone, words] = SIGNS[t.verdict]
    return [
      {
        kind: 'trial',
        lane: shown.get(t.setting) ?? t.setting,
        ...place(t.atS, t.seconds),
        hue: colour(tone as 'good' | 'bad' | 'warn'),
        shade: SHADES[t.verdict],
        sign,
        say: `${t.id}, ${t.purpose}: ${rowName(tune, setting)} at ${loadText(t.load)} for ${duration(t.seconds)}, ${words}, ${num(t.figures.goodputPerS)} good/s`,
      },
    ]
  })
  return [...starts, ...trials]
}

type Axis = Readonly<Record<string, unknown>>

/** A hair line under every lane. */
const laneLayer = (lanes: readonly string[], { y, width }: Lanes): Spec => ({
  data: { values: lanes.map((lane) => ({ lane })) },
  mark: { type: 'rule', color: colour('grid'), aria: false },
  encoding: { y, x: { value: 0 }, x2: { value: width } },
})

function barLayers(bars: readonly Bar[], x: Axis, lanes: Lanes, end: number): readonly Spec[] {
  const hue = { field: 'hue', type: 'nominal', scale: null, legend: null }
  const room = (b: Bar): boolean => ((b.to - b.from) / end) * lanes.width >= lanes.fontSize
  const of = (...kinds: readonly Bar['kind'][]): readonly Bar[] => bars.filter((b) => kinds.includes(b.kind))
  const rect = (values: readonly Bar[], height: number): Spec => ({
    data: { values },
    mark: { type: 'rect', height, strokeWidth: 1.3, cornerRadius: 2 },
    encoding: {
      x,
      x2: { field: 'to' },
      y: lanes.y,
      fill: hue,
      stroke: hue,
      fillOpacity: { field: 'shade', type: 'quantitative', scale: null, legend: null },
      description: { field: 'say', type: 'nominal' },
    },
  })
  const signs = (
    values: readonly Bar[],
    at: (b: Bar) => number,
    mark: Readonly<Record<string, unknown>>,
  ): Spec => ({
    data: { values: values.map((b) => ({ ...b, at: at(b), ink: b.shade === 1 ? colour('paper') : b.hue })) },
    mark: { type: 'text', fontSize: lanes.fontSize, fontWeight: 700, aria: false, ...mark },
    encoding: {
      x: { ...x, field: 'at' },
      y: lanes.y,
      text: { field: 'sign', type: 'nominal' },
      ...(mark.fill === undefined && { fill: { field: 'ink', type: 'nominal', scale: null, legend: null } }),
    },
  })
  return [
    rect(of('start'), 4),
    rect(of('failed start', 'trial'), lanes.laneHeight - 12),
    signs(of('trial').filter(room), (b) => (b.from + b.to) / 2, {}),
    // Rare, and often too short for a sign of its own: it stands behind the bar.
    signs(of('failed start'), (b) => b.to, { fill: colour('bad'), align: 'left', dx: 3 }),
  ]
}

/** Where each round begins, and the confirmation; the name above where the next one leaves room. */
function roundLayers(tune: TuneManifest, unitS: number, x: Axis, end: number, lanes: Lanes): readonly Spec[] {
  const marks = roundStarts(tune).map(({ name, atS }) => ({ from: atS / unitS, t: name }))
  const named = marks.filter(({ from, t }, i) => {
    const next = marks[i + 1]?.from ?? end * 1.02
    return ((next - from) / end) * lanes.width > t.length * lanes.fontSize * 0.62
  })
  return [
    {
      data: { values: marks },
      mark: { type: 'rule', color: colour('line'), strokeDash: [4, 3], aria: false },
      encoding: { x, y: { value: -16 }, y2: { value: lanes.height } },
    },
    {
      data: { values: named },
      mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 3, fill: colour('ink-2'), aria: false },
      encoding: { x, y: { value: -4 }, text: { field: 't', type: 'nominal' } },
    },
  ]
}

/** Of each round, and of the confirmation, when its first start or trial began. */
export function roundStarts(tune: TuneManifest): readonly { readonly name: string; readonly atS: number }[] {
  const starts = tune.settings.flatMap((s) => s.starts.map((start) => ({ setting: s.id, ...start })))
  const begins = (trials: TuneManifest['trials']): number | null => {
    const [first] = trials.toSorted((a, b) => a.atS - b.atS)
    if (first === undefined) return null
    const up = starts.find((s) => s.setting === first.setting && Math.abs(s.atS + s.seconds - first.atS) < 1)
    return up?.atS ?? first.atS
  }
  const rounds = [...new Set(tune.trials.flatMap((t) => t.round ?? []))].toSorted((a, b) => a - b)
  const named = rounds.map((index) => ({
    name: tune.rounds.find((r) => r.index === index)?.purpose ?? `round ${index}`,
    atS: begins(tune.trials.filter((t) => t.round === index)),
  }))
  const last = { name: 'confirmation', atS: begins(tune.trials.filter((t) => t.round === null)) }
  return [...named, last].flatMap(({ name, atS }) => (atS === null ? [] : [{ name, atS }]))
}
