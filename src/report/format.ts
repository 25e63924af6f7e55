import type { Quantile } from '../analyse/index.js'
import { formatNumber } from '../base/index.js'

/** Shown where there is nothing to show: not observed, or too few samples. */
export const ABSENT = '–'

type Maybe = number | null | undefined
const or = (value: Maybe, show: (value: number) => string): string =>
  value === null || value === undefined ? ABSENT : show(value)

/** `412 ms`, `1.24 s`. */
export const ms = (value: Maybe): string =>
  or(value, (v) => (Math.abs(v) >= 1000 ? `${formatNumber(v / 1000)} s` : `${formatNumber(v)} ms`))

/** Three significant digits. */
export const num = (value: Maybe): string => or(value, formatNumber)

export const whole = (value: Maybe): string => or(value, (v) => Math.round(v).toLocaleString('en-US'))

/** `98.2 %` of a share from 0 to 1. */
export const percent = (share: Maybe): string =>
  or(
    share,
    (v) => `${(v * 100).toLocaleString('en-US', { maximumFractionDigits: Math.abs(v) < 0.1 ? 2 : 1 })} %`,
  )

/** `+4.1 %`. */
export const signedPercent = (share: Maybe): string =>
  or(share, (v) => `${v > 0 ? '+' : v < 0 ? '−' : ''}${percent(Math.abs(v))}`)

export type Unit = 'ms' | 'tokens/s' | 'tokens' | string

/** A value in its unit. */
export const inUnit = (value: Maybe, unit: Unit): string =>
  unit === 'ms' ? ms(value) : or(value, (v) => `${formatNumber(v)} ${unit}`.trim())

/** A quantile is printed only when its interval is bounded on both sides. */
export const bounded = (q: Quantile | null | undefined): Quantile | null =>
  q && q.low !== null && q.high !== null ? q : null

/** The value of a bounded quantile, else null. */
export const boundedValue = (q: Quantile | null | undefined): number | null => bounded(q)?.value ?? null

/** `412 ms (390–450 ms)`; an unbounded one says what can be said: `≥ 390 ms`. */
export function quantile(q: Quantile | null | undefined, unit: Unit): string {
  if (!q) return ABSENT
  if (q.low !== null && q.high !== null) return `${inUnit(q.value, unit)} (${interval(q.low, q.high, unit)})`
  if (q.low !== null) return `≥ ${inUnit(q.low, unit)}`
  return q.high !== null ? `≤ ${inUnit(q.high, unit)}` : ABSENT
}

/** A median stands alone when its interval is bounded, in brackets when too few requests bound it. */
export function median(q: Quantile | null | undefined, show: (value: Maybe) => string): string {
  if (!q) return ABSENT
  return bounded(q) ? show(q.value) : `(${show(q.value)})`
}

/** `390–450 ms`, in one unit where both ends share it. */
export function interval(low: Maybe, high: Maybe, unit: Unit): string {
  const [a, b] = [inUnit(low, unit), inUnit(high, unit)]
  const [valueA, unitA] = splitUnit(a)
  const [valueB, unitB] = splitUnit(b)
  return unitA === unitB ? `${valueA}–${valueB}${unitB === '' ? '' : ` ${unitB}`}` : `${a} – ${b}`
}

const splitUnit = (text: string): readonly [string, string] => {
  const at = text.indexOf(' ')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** Cuts a label to what a chart has room for. */
export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

/** `2026-11-21 05:13 UTC` of an ISO time. */
export const utc = (iso: string | undefined): string =>
  iso === undefined ? ABSENT : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`

const DIMENSIONS: Readonly<Record<string, string>> = {
  concurrency: 'requests in flight',
  ratePerS: 'arrivals per second',
  rate: 'arrivals per second',
  maxNumSeqs: 'max_num_seqs',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
}

/** What a swept dimension means to a reader. */
export const dimensionLabel = (dimension: string): string =>
  DIMENSIONS[dimension.split('.').at(-1) ?? dimension] ?? dimension

/** `1 request in flight`, `32 requests in flight`, `max_num_seqs 8`. */
export function atDimension(dimension: string, value: number): string {
  const label = dimensionLabel(dimension)
  if (!label.includes(' ')) return `${label} ${num(value)}`
  return `${num(value)} ${value === 1 ? label.replace(/^(request|arrival)s\b/, '$1').replace(/tokens$/, 'token') : label}`
}

/** `1 request`, `3 requests`. */
export const plural = (count: number, word: string): string =>
  `${whole(count)} ${word}${count === 1 ? '' : 's'}`

/** A sentence begins with a capital (unless with a name such as `max_num_seqs`) and ends with a stop. */
export const sentence = (text: string): string => {
  const trimmed = text.trim()
  if (trimmed === '') return ''
  const word = /^[a-z]+(?=[\s,:;.-]|$)/.test(trimmed)
  return (
    (word ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed) +
    (/[.!?]$/.test(trimmed) ? '' : '.')
  )
}
