import { formatNumber } from '../base/index.js'
import { type Evidence, gradeOf, type Judgement, percent, type Rule } from './validity-rule.js'

function notSteady({ point, allow, drift }: Evidence): Judgement | null {
  if (point.window.steady) return null
  return {
    severity: 'caveat',
    message: `no steady state was found: ${point.window.note || 'latency kept changing'}`,
    seen: drift,
    allowed: drift === null ? null : allow.driftShare,
    unit: 'share',
  }
}

function overloaded({ point, inFlightRising }: Evidence): Judgement | null {
  if (!inFlightRising) return null
  const { offeredPerS, requestsPerS, meanInFlight } = point.throughput
  return {
    severity: 'caveat',
    message: `requests in flight kept rising (mean ${formatNumber(meanInFlight)}): ${offeredPerS === null ? 'more' : formatNumber(offeredPerS)} a second were offered and ${formatNumber(requestsPerS)} completed, so the rate is above capacity and there is no steady state`,
    seen: offeredPerS,
    allowed: offeredPerS === null ? null : requestsPerS,
    unit: 'requests/s',
  }
}

/** In flight = rate × mean life holds for any system at rest; when it does not, ours is not at rest or miscounts. */
function littlesLaw({ point, allow, meanLifeMs }: Evidence): Judgement | null {
  const { fromS, toS, requests, steady } = point.window
  if (meanLifeMs === null || !steady || toS - fromS < (5 * meanLifeMs) / 1000) return null
  const expected = (requests / (toS - fromS)) * (meanLifeMs / 1000)
  const { meanInFlight } = point.throughput
  const seen = Math.abs(meanInFlight - expected) / expected
  if (!(seen > allow.littlesLawShare)) return null
  return {
    severity: 'caveat',
    message: `${formatNumber(meanInFlight)} requests were in flight, where rate × mean life gives ${formatNumber(expected)}`,
    seen,
    allowed: allow.littlesLawShare,
    unit: 'share',
  }
}

/** A closed loop has no rate to miss. */
function rateNotReached({ allow, plannedPerS, sentPerS }: Evidence): Judgement | null {
  if (plannedPerS === null || sentPerS === null || plannedPerS === 0) return null
  const seen = 1 - sentPerS / plannedPerS
  if (seen <= allow.rateShortfallShare) return null
  return {
    severity: gradeOf(seen, allow.rateShortfallInvalidShare),
    message: `${formatNumber(plannedPerS)} requests a second were planned and ${formatNumber(sentPerS)} sent, ${percent(seen)} fewer`,
    seen,
    allowed: allow.rateShortfallShare,
    unit: 'share',
  }
}

function dropped({ point, allow }: Evidence): Judgement | null {
  const count = point.failures.find((f) => f.code === 'no-slot')?.count ?? 0
  const seen = point.planned === 0 ? 0 : count / point.planned
  if (seen <= allow.droppedShare) return null
  return {
    severity: 'caveat',
    message: `${count} of ${point.planned} planned arrivals found limits.maxInFlight reached and were not sent`,
    seen,
    allowed: allow.droppedShare,
    unit: 'share',
  }
}

/** Was the load the one that was asked for, and did it come to rest? */
export const loadRules: readonly Rule[] = [
  {
    code: 'not-steady',
    advice: 'Send more requests per point, or a longer warm-up (limits.warmupS).',
    judge: notSteady,
  },
  {
    code: 'overloaded',
    advice: 'Latency here grows with the length of the run; lower the rate to find the capacity.',
    judge: overloaded,
  },
  {
    code: 'littles-law',
    advice: 'Load or latency changed inside the window; look at the time series.',
    judge: littlesLaw,
  },
  {
    code: 'rate-not-reached',
    advice:
      'Lower the rate, or find out whether the target (arrivals-dropped) or falloff (generator-late) could not follow.',
    judge: rateNotReached,
  },
  {
    code: 'arrivals-dropped',
    advice: 'The rate is above what the target can take; lower it, or raise limits.maxInFlight.',
    judge: dropped,
  },
]
