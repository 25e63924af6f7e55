import type { PointFindings } from '../analyse/index.js'
import { ms, num, percent, whole } from './format.js'

/** What retries did, in a few lines; none where the policy allows none. */
export function retryLines({ retries: r }: PointFindings): readonly string[] {
  if (r === null) return []
  const lines = [
    `${r.policy}, up to ${whole(r.attemptsAllowed)} attempts: ${percent(r.endedWellShare)} of ${whole(r.requests)} requests ended well, ${percent(r.firstTryShare)} at the first attempt; ${percent(r.gaveUpShare)} failed after several`,
    `p50 ${ms(r.e2eMs.p50)}, p99 ${ms(r.e2eMs.p99)} from the first attempt; of those rescued by another ${ms(r.rescuedE2eMs.p50)} and ${ms(r.rescuedE2eMs.p99)}`,
    `${num(r.amplification)} attempts a request: ${num(r.attemptsPerS)} a second were sent for ${num(r.requestsPerS)} requests a second`,
  ]
  return r.storm === null ? lines : [...lines, stormText(r.storm)]
}

type Storm = NonNullable<NonNullable<PointFindings['retries']>['storm']>

const stormText = ({ atS, requestsPerS, attemptsPerS }: Storm): string =>
  `retry storm from ${num(atS)} s on: at ${num(requestsPerS)} requests a second, ${num(attemptsPerS)} attempts`

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
      `${LIMIT_NAMES[kind]}: ${num(lowestRemaining)} of ${num(limit)} left at the least, at ${num(lowestAtS)} s`,
  )
  if (refusals === 0) return lines
  const when = `from ${num(firstRefusalAtS)} s to ${num(lastRefusalAtS)} s`
  return [...lines, `${whole(refusals)} attempts refused for a rate limit, ${when}`]
}
