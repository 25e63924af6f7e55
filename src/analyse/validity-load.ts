import { formatNumber } from '../base/index.js'
import { percent, type Rule } from './validity-rule.js'

const notSteady: Rule = ({ point }) =>
  point.window.steady
    ? null
    : {
        code: 'not-steady',
        severity: 'caveat',
        message: `no steady state was found: ${point.window.note || 'latency kept changing'}`,
        advice: 'Send more requests per point, or a longer warm-up (limits.warmupS).',
      }

const shortRun: Rule = ({ point, meanLifeMs }) => {
  const seconds = point.window.toS - point.window.fromS
  const needed = Math.max(5, meanLifeMs === null ? 0 : (5 * meanLifeMs) / 1000)
  if (seconds >= needed) return null
  return {
    code: 'short-run',
    severity: 'caveat',
    message: `the window lasts ${formatNumber(seconds)} s; 5 s and five mean lives of a request (${formatNumber(needed)} s) are wanted`,
    advice: 'Raise limits.requests or limits.durationS.',
  }
}

/** Latency of what completed flatters a target that sheds or times out the rest. */
const failures: Rule = ({ point }) => {
  const { states } = point
  const lost = states.failed + states['timed-out'] + states['cut-off']
  const ended = lost + states.completed
  const part = ended === 0 ? 0 : lost / ended
  if (part <= 0.01) return null
  const kinds = point.failures.map((f) => `${f.code} ${f.count}`).join(', ')
  return {
    code: 'failures',
    severity: part > 0.5 ? 'invalid' : 'caveat',
    message: `${percent(part)} of the requests did not complete (${kinds}); latency percentiles are of those that did`,
    advice: 'Read latency together with the failures; objectives count each failure as a miss.',
  }
}

const unsent: Rule = ({ point }) => {
  const dropped = point.failures.find((f) => f.code === 'no-slot')?.count ?? 0
  if (dropped <= 0.001 * point.planned) return null
  return {
    code: 'arrivals-dropped',
    severity: 'caveat',
    message: `${dropped} of ${point.planned} planned arrivals found limits.maxInFlight reached and were not sent`,
    advice: 'The rate is above what the target can take; lower it, or raise limits.maxInFlight.',
  }
}

const cacheContamination: Rule = ({ point, manifest }) => {
  const { workload } = manifest.profile
  const hits = Math.max(point.server?.prefixHitShare ?? 0, point.tokens.cachedShare ?? 0)
  const expected =
    !workload.salt ||
    workload.prefix !== undefined ||
    workload.conversation !== undefined ||
    workload.dataset !== undefined
  if (expected || hits <= 0.05) return null
  return {
    code: 'cache-contamination',
    severity: 'caveat',
    message: `${percent(hits)} of the input came from the prefix cache although every prompt was made unique`,
    advice:
      'A chat template or other traffic is cached: TTFT is flattered by it. Longer prompts or a restart of the engine settle it.',
  }
}

const inFlightRising: Rule = ({ point, inFlightRising: rising }) =>
  rising
    ? {
        code: 'overloaded',
        severity: 'caveat',
        message: `requests in flight kept rising (mean ${formatNumber(point.throughput.meanInFlight)}): the rate is above capacity, and there is no steady state`,
        advice: 'Latency here grows with the length of the run; lower the rate to find the capacity.',
      }
    : null

/** In flight = rate × mean life holds for any system at rest; when it does not, ours is not at rest or miscounts. */
const littlesLaw: Rule = ({ point, meanLifeMs }) => {
  const { fromS, toS, requests, steady } = point.window
  if (meanLifeMs === null || !steady || toS - fromS < (5 * meanLifeMs) / 1000) return null
  const expected = (requests / (toS - fromS)) * (meanLifeMs / 1000)
  const { meanInFlight } = point.throughput
  if (Math.abs(meanInFlight - expected) <= 0.15 * expected) return null
  return {
    code: 'littles-law',
    severity: 'caveat',
    message: `${formatNumber(meanInFlight)} requests were in flight, where rate × mean life gives ${formatNumber(expected)}`,
    advice: 'Load or latency changed inside the window; look at the time series.',
  }
}

const serverRestarted: Rule = ({ point }) =>
  point.server?.restarted === true
    ? {
        code: 'server-restarted',
        severity: 'invalid',
        message: 'a counter of the engine fell inside the window: it restarted',
        advice: 'Find out why the engine restarted, then run again.',
      }
    : null

/** On load, target and steady state. */
export const loadRules: readonly Rule[] = [
  notSteady,
  shortRun,
  failures,
  unsent,
  cacheContamination,
  inFlightRising,
  littlesLaw,
  serverRestarted,
]
