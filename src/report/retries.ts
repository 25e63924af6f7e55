import type { PointFindings } from '../analyse/index.js'
import { ms, num, percent, plural, whole } from './format.js'

/** What retries did, in a few lines; none where the policy allows none. */
export function retryLines({ retries: r }: PointFindings): readonly string[] {
  if (r === null) return []
  const lines = [
    `policy ${r.policy}, up to ${whole(r.attemptsAllowed)} attempts: ${percent(r.endedWellShare)} of ${plural(r.requests, 'request')} ended well, ${percent(r.firstTryShare)} at the first attempt; ${percent(r.gaveUpShare)} failed after several`,
    `end to end from the first attempt, where it ended well: ${latencyText(r.e2eMs)}${rescuedText(r)}`,
    `${num(r.amplification)} attempts per request: ${num(r.attemptsPerS)} attempts/s for ${num(r.requestsPerS)} requests/s`,
  ]
  return r.storm === null ? lines : [...lines, stormText(r.storm)]
}

type Retries = NonNullable<PointFindings['retries']>

const rescuedText = ({ rescuedE2eMs }: Retries): string =>
  rescuedE2eMs.n === 0 ? '' : `; after a retry: ${latencyText(rescuedE2eMs)}`

const latencyText = ({ p50, ...rest }: Retries['e2eMs']): string => `p50 ${ms(p50)}, p99 ${tailText(rest)}`

/** With fewer values than these the interval of a p99 has no upper end: 1 − 0.99ⁿ < 97.5 %. */
const BOUNDED_FROM = 368

/** A p99 of few values says with how many it was found. */
export const tailText = ({ n, p99 }: Pick<Retries['e2eMs'], 'n' | 'p99'>): string =>
  p99 === null || n >= BOUNDED_FROM ? ms(p99) : `${ms(p99)} (of ${whole(n)})`

type Storm = NonNullable<Retries['storm']>

const stormText = ({ atS, requestsPerS, attemptsPerS }: Storm): string =>
  `retry storm from ${num(atS)} s on: ${num(attemptsPerS)} attempts/s there for ${num(requestsPerS)} requests/s`

const LIMIT_NAMES = {
  requests: 'requests',
  tokens: 'tokens',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
} as const

/** What was seen of the provider's limits; none where there were none. */
export function limitLines({ limits }: PointFindings): readonly string[] {
  if (limits === null) return []
  const { told, refusals, firstRefusalAtS, lastRefusalAtS } = limits
  const lines = told.map(
    ({ kind, limit, lowestRemaining, lowestAtS }) =>
      `${LIMIT_NAMES[kind]}: ${num(lowestRemaining)} of ${num(limit)} left at the lowest, at ${num(lowestAtS)} s`,
  )
  if (refusals === 0) return lines
  const when = `from ${num(firstRefusalAtS)} s to ${num(lastRefusalAtS)} s`
  return [...lines, `${whole(refusals)} attempts refused for a rate limit, ${when}`]
}
