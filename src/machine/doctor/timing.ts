import { formatNs, formatNumber, NS_PER_MS } from '../../base/index.js'
import { type Check, type CheckVerdict, check, type Evidence, type Judge, notTold } from './check.js'
import type { Lateness } from './measure.js'

/** How well the machine can tell and keep time. */

/** The oldest versions that `engines` in package.json admits: 20.19, and what came after. */
const OLDEST_NODE = [20, 19] as const

const node: Judge = ({ facts }) => {
  const [major = 0, minor = 0] = facts.nodeVersion.replace('v', '').split('.').map(Number)
  const [oldest, oldestMinor] = OLDEST_NODE
  const old = major < oldest || (major === oldest && minor < oldestMinor)
  const wanted = `${OLDEST_NODE.join('.')} or newer`
  return check(
    'Node',
    old ? 'problem' : 'ok',
    facts.nodeVersion,
    wanted,
    'install a supported version of Node',
  )
}

/** Streams to a core from which stamps taken in the event loop are late by what a server takes to answer (96 ms at p99). */
const HOPELESS_LOOP_STREAMS = 1000

const STAMP_ADVICE = {
  undici: 'leave out --transport undici (target.transport)',
  kernel: 'leave out --transport kernel (target.transport), or measure from Linux over plain HTTP',
  sdk: 'leave out --transport sdk (target.transport), unless what the official client costs is the question',
  nobody: 'measure from Linux over plain HTTP, or with at most 200 streams to a core',
} as const

const kernelStamps: Judge = ({ facts, need, stamps, workers }) => {
  const wanted = 'available: stamps of the event loop are late by as much as the loop is busy'
  if (stamps.available) return check('kernel stamps', 'ok', 'available', wanted, '')
  const running = Math.min(workers.wanted, Math.max(1, facts.cores - 1))
  // A run that insists on them does not begin.
  const hopeless = stamps.asked === 'kernel' || need.streams / running >= HOPELESS_LOOP_STREAMS
  return check(
    'kernel stamps',
    hopeless ? 'problem' : 'warning',
    `not used: ${stamps.reason}`,
    wanted,
    STAMP_ADVICE[stamps.asked ?? 'nobody'],
  )
}

/** A send later than 2 ms counts as late in a run, where the target answers within 200 ms; half of it is the aim. */
const LATE_NS = NS_PER_MS
const HOPELESS_NS = 10 * NS_PER_MS

function lateness(p99Ns: number): CheckVerdict {
  if (p99Ns > HOPELESS_NS) return 'problem'
  return p99Ns > LATE_NS ? 'warning' : 'ok'
}

const span = ({ p50Ns, p99Ns }: Lateness): string => `p50 ${formatNs(p50Ns)}, p99 ${formatNs(p99Ns)}`

const QUIETER = 'end what else runs here (top), or use a quieter machine'

const timers: Judge = ({ timers: { arrival, timeout } }) =>
  check(
    'timers',
    lateness(arrival.p99Ns),
    `late by ${span(arrival)} (setTimeout alone: ${span(timeout)})`,
    'p99 of at most 1 ms: a request that leaves late is not the load that was asked for',
    QUIETER,
  )

/** A start is many times the work of a message to and fro. */
const STARTS_SHARE = 0.1
const SLOW_NS = 5 * NS_PER_MS

const loopback: Judge = ({ need, loopback: seen }) => {
  const { ratePerS } = need
  const wanted =
    ratePerS === undefined
      ? 'p99 of at most 5 ms'
      : `p99 of at most 5 ms, and ten times the ${formatNumber(ratePerS)} starts/s planned`
  if (!seen) return notTold('loopback', wanted)
  const slow = seen.p99Ns > SLOW_NS || (ratePerS ?? 0) > STARTS_SHARE * seen.roundTripsPerS
  return check(
    'loopback',
    slow ? 'warning' : 'ok',
    `${formatNumber(seen.roundTripsPerS)} round trips/s, ${span(seen)}`,
    wanted,
    QUIETER,
  )
}

/** Those whose reading is an instruction or a shared page, not a call to a device. */
const FAST_CLOCKS: readonly string[] = ['tsc', 'kvm-clock', 'arch_sys_counter', 'hyperv_clocksource_tsc_page']

const clockSource: Judge = ({ facts }) => {
  const wanted = 'one that costs nanoseconds to read, such as tsc'
  if (facts.clockSource === undefined) return notTold('clock source', wanted)
  return check(
    'clock source',
    FAST_CLOCKS.includes(facts.clockSource) ? 'ok' : 'warning',
    facts.clockSource,
    wanted,
    'cat /sys/devices/system/clocksource/clocksource0/available_clocksource, and choose tsc where it is listed',
  )
}

export const timingChecks = (evidence: Evidence): readonly Check[] =>
  [node, kernelStamps, timers, loopback, clockSource].map((judge) => judge(evidence))
