import type { MetricName } from '../profile/index.js'
import type { CanaryFindings, PointFindings } from './findings.js'

type Measured = Pick<PointFindings, 'metrics' | 'instrument'>

/**
 * By how much values of a metric may be off for our own sake: the canary's error at p99, in the metric's own unit. Null where
 * no canary told, and for metrics that no stamp of an arrival enters.
 */
export function instrumentError(point: Measured, metric: MetricName): number | null {
  const { canary } = point.instrument
  return canary === null ? null : ERRORS[metric](canary, point.metrics)
}

type ErrorOf = (canary: CanaryFindings, metrics: PointFindings['metrics']) => number | null

/** From a send to one stamp. */
const oneStamp: ErrorOf = ({ ttftMs, stampMs }) => Math.max(ttftMs?.p99 ?? 0, stampMs.p99)

/** (last − first) / (tokens − 1): a difference of two stamps, as a gap is, with its error spread over the tokens between. */
const perToken: ErrorOf = ({ gapMs, stampMs }, { outputTokens }) =>
  (gapMs ?? stampMs).p99 / Math.max(1, (outputTokens.p50?.value ?? 2) - 1)

/** Speed is the inverse of the time per token, and errs by the same share. */
const inverse: ErrorOf = (canary, metrics) => {
  const tpot = metrics.tpot.p50?.value
  const speed = metrics.perStreamTokensPerS.p50?.value
  const error = perToken(canary, metrics)
  return tpot === undefined || speed === undefined || tpot <= 0 || error === null
    ? null
    : (speed * error) / tpot
}

const none: ErrorOf = () => null

const ERRORS: Readonly<Record<MetricName, ErrorOf>> = {
  ttft: oneStamp,
  ttftFromSchedule: oneStamp,
  ttfv: oneStamp,
  tpot: perToken,
  chunkGap: ({ gapMs }) => gapMs?.p99 ?? null,
  // The longest gap of a request is where our own worst moment lands.
  maxStall: ({ gapMs }) => gapMs?.max ?? null,
  e2e: oneStamp,
  e2eFromSchedule: oneStamp,
  headers: ({ stampMs }) => stampMs.p99,
  lateness: none,
  perStreamTokensPerS: inverse,
  inputTokens: none,
  outputTokens: none,
}
