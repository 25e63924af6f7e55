import {
  type ComparisonFindings,
  figureOf,
  type MetricComparison,
  type PairFindings,
  type SideFindings,
  shortLabel,
  type Verdict,
} from '../../analyse/index.js'
import { formatNumber } from '../../base/index.js'

/** How a comparison's figures are written, in text and in Markdown alike. */

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  better: 'better',
  worse: 'worse',
  equivalent: 'equivalent',
  'not-shown': 'not shown',
}

type Scale = MetricComparison['scale']
type Effected = Pick<MetricComparison, 'scale' | 'effect'>

const partOf = (scale: Scale, value: number): number => 100 * (scale === 'ratio' ? value - 1 : value)
const unitOf = (scale: Scale): string => (scale === 'ratio' ? '%' : 'points')

/** A value of one side with its unit; a quantile that falls among failures has none. */
export const valueText = (key: string, value: number | null): string =>
  value === null ? '–' : (figureOf(key)?.format(value) ?? formatNumber(value))

/** `+9.2 %`; of shares `+0.52 points`. */
export const changeText = ({ scale, effect }: Effected): string =>
  effect === null ? '–' : `${signedPart(scale, effect.value)} ${unitOf(scale)}`

/** `+7.1 … +11.3`, in the unit of the change; an open end has no bound. */
export function boundsText({ scale, effect }: Effected): string {
  if (effect === null || (effect.low === null && effect.high === null)) return '–'
  const bound = (value: number | null): string => (value === null ? '' : signedPart(scale, value))
  return `${bound(effect.low)} … ${bound(effect.high)}`.trim()
}

/** `+7.1 … +11.3 %` */
export function intervalText(effected: Effected): string {
  const bounds = boundsText(effected)
  return bounds === '–' ? bounds : `${bounds} ${unitOf(effected.scale)}`
}

/** `±10 %` */
export const marginText = ({ margin, scale }: Pick<MetricComparison, 'margin' | 'scale'>): string =>
  `±${formatNumber(100 * margin)} ${margin === 0.01 && scale === 'difference' ? 'point' : unitOf(scale)}`

/** Where two runs a side say nothing an interval may reach to where no number helps. */
const MOST_PERCENT = 999

const signedPart = (scale: Scale, value: number): string =>
  partOf(scale, value) > MOST_PERCENT
    ? `> +${MOST_PERCENT}`
    : signed(partOf(scale, value), scale === 'ratio' ? 1 : 2)

/** With its sign and so many digits behind the point, of large values none; nothing is `0`. */
function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(Math.abs(value) >= 99.95 ? 0 : digits)
  if (Number(text) === 0) return '0'
  return `${value > 0 ? '+' : '−'}${text}`
}

/** How far an effect is from none, whatever its scale. */
const sizeOf = ({ scale, effect }: Effected): number =>
  effect === null ? 0 : Math.abs(scale === 'ratio' ? Math.log(effect.value) : effect.value)

/** `95 %` */
export const levelText = ({ design }: ComparisonFindings): string =>
  `${formatNumber(100 * (1 - design.level))} %`

export const gatedOf = ({ metrics }: PairFindings): readonly MetricComparison[] =>
  metrics.filter((m) => m.gated)

/** Figures that nobody asked about beforehand and that differ by their interval all the same, the largest first. */
export const movedOf = ({ metrics }: PairFindings): readonly MetricComparison[] =>
  metrics.filter((m) => !m.gated && isMoved(m)).sort((a, b) => sizeOf(b) - sizeOf(a))

/** One of each metric, and of those with the very same values: what moves a p90 moves the p95. */
export function firstOfEach(figures: readonly MetricComparison[]): readonly MetricComparison[] {
  const metricOf = ({ key }: MetricComparison): string => key.split('.')[0] ?? key
  const isLike = (m: MetricComparison, other: MetricComparison): boolean =>
    metricOf(m) === metricOf(other) || (m.centreA === other.centreA && m.centreB === other.centreB)
  return figures.filter((m, i) => figures.findIndex((other) => isLike(m, other)) === i)
}

function isMoved({ scale, effect }: Effected): boolean {
  if (effect === null || effect.low === null || effect.high === null) return false
  const none = scale === 'ratio' ? 1 : 0
  return effect.low > none || effect.high < none
}

/** `TTFT p99 at concurrency=8` */
export const nameOf = ({ key, at }: Pick<MetricComparison, 'key' | 'at'>): string =>
  at === 'run' || at === 'sweep' ? shortLabel(key) : `${shortLabel(key)} at ${at}`

/** What a side is, in a line. */
export function sideText({ runs }: SideFindings): string {
  const [first] = runs
  if (first === undefined) return 'no run'
  const { model, url, engine, version } = first.target
  const server = [engine, version].filter((part) => part !== null).join(' ')
  return [manyText(runs.length, first.unit), model, server, url].filter((part) => part !== '').join(' · ')
}

const manyText = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`

/** What reaching it takes, what it costs, and what it allows. */
export function accessText({ connect, cost, limit, charsPerToken }: SideFindings): string {
  const phases = connect ? { DNS: connect.dnsMs, TCP: connect.tcpMs, TLS: connect.tlsMs } : {}
  const parts = [
    ...Object.entries(phases).flatMap(([name, ms]) =>
      ms === null ? [] : [`${name} ${formatNumber(ms)} ms`],
    ),
    ...(cost ? [`${formatNumber(1000 * cost.usdPerRequest)} USD per 1,000 requests (${cost.source})`] : []),
    ...(limit ? [limitText(limit)] : []),
    ...(charsPerToken === null ? [] : [`${formatNumber(charsPerToken)} characters a token`]),
  ]
  return parts.join(' · ')
}

function limitText({ requestsPerMin, tokensPerMin, refused }: NonNullable<SideFindings['limit']>): string {
  const told = [
    ...(requestsPerMin === null ? [] : [`${formatNumber(requestsPerMin)} requests/min`]),
    ...(tokensPerMin === null ? [] : [`${formatNumber(tokensPerMin)} tokens/min`]),
  ]
  const limit = told.length === 0 ? [] : [`limit ${told.join(', ')}`]
  const met = refused === 0 ? [] : [`${formatNumber(refused)} requests refused by a rate limit`]
  return [...limit, ...met].join(', ')
}

/** How it was measured, in a sentence. */
export function designText(findings: ComparisonFindings): string {
  const { interleaved, paired, runs, looks, unit, stopReason } = findings.design
  const order = interleaved
    ? `${manyText(Math.min(...runs), 'block')} with one ${unit} of each side in random order${paired ? ', compared within the block' : ''}`
    : `${unit === 'sweep' ? 'Sweeps' : 'Runs'} that were not measured in turns`
  const look = looks.planned > 1 ? `; look ${looks.taken} of ${looks.planned}` : ''
  const ended = stopReason === null || stopReason === 'complete' ? '' : `; ended: ${END_WORDS[stopReason]}`
  return `${order}${look}; intervals of ${levelText(findings)}${ended}.`
}

const END_WORDS = {
  decided: 'every gated figure has its verdict',
  budget: 'the budget was spent',
  interrupted: 'interrupted',
  'target-lost': 'a target stopped answering',
} as const
