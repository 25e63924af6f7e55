export const NS_PER_S = 1e9
export const NS_PER_MS = 1e6

export const nsToMs = (ns: number): number => ns / NS_PER_MS
export const nsToS = (ns: number): number => ns / NS_PER_S
export const sToNs = (s: number): number => s * NS_PER_S
export const msToNs = (ms: number): number => ms * NS_PER_MS

const DURATION_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  m: 60e9,
  h: 3600e9,
}

/** `500 ms`, `1.5s`, `2 min` in nanoseconds; undefined when the text is no duration. */
export function parseDurationNs(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-zµ]+)\s*$/.exec(text)
  const unit = DURATION_NS[match?.[2] ?? '']
  return match && unit !== undefined ? Number(match[1]) * unit : undefined
}

/** Three significant digits, never in exponent form: `0.0123`, `4.56`, `123`, `12,300`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  const rounded = Math.abs(value) >= 1000 ? Number(value.toPrecision(3)) : value
  return rounded.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 6) })
}

/** A duration in the unit that reads best: `340 µs`, `12.3 ms`, `4.56 s`. */
export function formatNs(ns: number): string {
  const abs = Math.abs(ns)
  if (abs < 1e6) return `${formatNumber(ns / 1e3)} µs`
  if (abs < 1e9) return `${formatNumber(ns / 1e6)} ms`
  return `${formatNumber(ns / 1e9)} s`
}

/** `1.2 GiB`, `340 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${formatNumber(value)} ${units[unit]}`
}
