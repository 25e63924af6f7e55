/** An axis whose domain and ticks are decided here, so that nothing depends on Vega's guesses. */
export interface Scale {
  readonly type: 'linear' | 'log'
  readonly base?: number
  readonly domain: readonly [number, number]
  readonly ticks: readonly number[]
  /** Vega expression over `datum.value`. */
  readonly labels: string
}

type Values = readonly (number | null | undefined)[]

const present = (values: Values): number[] =>
  values.filter((v): v is number => typeof v === 'number' && Number.isFinite(v))

const PLAIN = "format(datum.value, ',~g')"
const SHORT_LABELS = `datum.value >= 10000 ? format(datum.value / 1000, '~g') + 'k' : ${PLAIN}`
export const MS_LABELS =
  "datum.value >= 1000 ? format(datum.value / 1000, '~g') + ' s' : format(datum.value, '~g') + ' ms'"
export const PERCENT_LABELS = "format(datum.value * 100, '~g') + ' %'"

/** 1, 2, 2.5 or 5 times a power of ten, at least `x`. */
function niceStep(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x))
  const lead = x / power
  return ([1, 2, 2.5, 5].find((step) => lead <= step + 1e-9) ?? 10) * power
}

/** From zero to just above the largest value; `least` keeps an all-zero panel from having no height. */
export function zeroBased(values: Values, labels = SHORT_LABELS, least = 1): Scale {
  const max = Math.max(least, ...present(values))
  const step = niceStep(max / 4)
  const top = max * 1.04
  const ticks = Array.from({ length: Math.floor(top / step) + 1 }, (_, i) =>
    Number((i * step).toPrecision(12)),
  )
  return { type: 'linear', domain: [0, top], ticks, labels }
}

/** A positive log domain around the positive values, with ticks at powers of ten (and 2, 5 where there are few). */
export function logarithmic(values: Values, labels = SHORT_LABELS): Scale {
  const positive = present(values).filter((v) => v > 0)
  const low = positive.length > 0 ? Math.min(...positive) : 1
  const high = positive.length > 0 ? Math.max(...positive) : 10
  const domain: readonly [number, number] = [low / 1.25, high * 1.25]
  const powers = ticksOf(domain, [1])
  const few = Math.log10(domain[1] / domain[0]) < 1.8 || powers.length < 2
  return { type: 'log', base: 10, domain, ticks: few ? ticksOf(domain, [1, 2, 5]) : powers, labels }
}

function ticksOf([low, high]: readonly [number, number], leads: readonly number[]): readonly number[] {
  const ticks: number[] = []
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++)
    for (const lead of leads) ticks.push(Number((lead * 10 ** p).toPrecision(12)))
  return ticks.filter((t) => t >= low && t <= high)
}

/** The load axis: log2 with a tick at every tested load. A load of zero has no place on it and is left out. */
export function loadScale(loads: readonly number[]): Scale {
  const ticks = [...new Set(loads.filter((x) => x > 0))].toSorted((a, b) => a - b)
  const low = ticks[0] ?? 1
  const high = ticks.at(-1) ?? 2
  const pad = Math.max(1.06, (high / low) ** 0.03)
  return { type: 'log', base: 2, domain: [low / pad, high * pad], ticks, labels: PLAIN }
}

const along = (scale: Scale, value: number): number => {
  const [a, b] = scale.domain
  return scale.type === 'log' ? Math.log(value / a) / Math.log(b / a) : (value - a) / (b - a)
}

/** Where a value stands on the scale: 0 at the low end, 1 at the high end. */
export const shareOf = (scale: Scale, value: number): number => Math.min(1, Math.max(0, along(scale, value)))

/** With fewer ticks: those that stand at least so much of the axis apart from the one before. */
export function thinned(scale: Scale, apart: number): Scale {
  const ticks: number[] = []
  for (const tick of scale.ticks) {
    const last = ticks.at(-1)
    if (last === undefined || shareOf(scale, tick) - shareOf(scale, last) >= apart) ticks.push(tick)
  }
  return { ...scale, ticks }
}

export const valueAt = (scale: Scale, share: number): number => {
  const [a, b] = scale.domain
  return scale.type === 'log' ? a * (b / a) ** share : a + (b - a) * share
}

/** On a log scale a value at or below zero cannot be drawn and is absent; on any scale it is clipped to the domain. */
export function drawable(scale: Scale, value: number | null | undefined): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null
  if (scale.type === 'log' && value <= 0) return null
  return Math.min(scale.domain[1], Math.max(scale.domain[0], value))
}

export const vegaScale = (scale: Scale): Record<string, unknown> => ({
  type: scale.type,
  domain: scale.domain,
  nice: false,
  ...(scale.type === 'log' ? { base: scale.base } : { zero: false }),
})
