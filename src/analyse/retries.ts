import { NS_PER_S, nsToS } from '../base/index.js'
import { attemptsAllowed, type RetryPolicy } from '../profile/index.js'
import { Column } from './column.js'
import type { RetryFindings } from './findings-traffic.js'
import type { Gathered } from './gather.js'
import { allRows } from './rows.js'
import { quantileOf, sortValues } from './stats/index.js'

/** Retries that add half as much again to the load: the target is kept busy refusing. */
const STORM = 1.5
/** One interval may be chance. */
const STORM_INTERVALS = 3
const MOST_INTERVALS = 60
/** An interval with fewer requests says little on a ratio. */
const LEAST_REQUESTS = 8

/** Null where the policy allows no retry: there is nothing to be said. */
export function retryFindings(g: Gathered, policy: RetryPolicy | undefined): RetryFindings | null {
  if (policy === undefined || attemptsAllowed(policy) <= 1) return null
  const { measured, stopped, sentNs } = g.columns
  const rows = allRows(g.rows).filter(
    (row) => measured.at(row) === 1 && stopped.at(row) === 0 && !Number.isNaN(sentNs.at(row)),
  )
  const completed = rows.filter((row) => g.state(row) === 'completed')
  const retried = (row: number): boolean => g.attempts(row) > 1
  const share = (part: Int32Array): number | null => (rows.length === 0 ? null : part.length / rows.length)
  const course = courseOf(g, rows)
  const spanS = course.length * course.binS
  const sum = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0)
  return {
    policy: policy.policy,
    attemptsAllowed: attemptsAllowed(policy),
    requests: rows.length,
    endedWellShare: share(completed),
    firstTryShare: share(completed.filter((row) => !retried(row))),
    retriedShare: share(rows.filter(retried)),
    gaveUpShare: share(rows.filter((row) => g.state(row) !== 'completed' && retried(row))),
    e2eMs: latencyOf(g, completed),
    rescuedE2eMs: latencyOf(g, completed.filter(retried)),
    amplification:
      rows.length === 0 ? null : rows.reduce((all, row) => all + g.attempts(row), 0) / rows.length,
    requestsPerS: spanS > 0 ? sum(course.requests) / spanS : null,
    attemptsPerS: spanS > 0 ? sum(course.attempts) / spanS : null,
    storm: stormOf(course),
    course: Array.from({ length: course.length }, (_, i) => binOf(course, i)),
  }
}

function latencyOf(g: Gathered, rows: Int32Array): RetryFindings['e2eMs'] {
  const values = new Column()
  for (const row of rows) for (const ms of g.values.e2e.row(row)) values.push(ms)
  if (values.length === 0) return { n: 0, p50: null, p99: null }
  const sorted = sortValues(values.values)
  return { n: sorted.length, p50: quantileOf(sorted, 0.5), p99: quantileOf(sorted, 0.99) }
}

/** Requests and attempts in equal intervals, from the first request to the last: what comes after is the tail alone. */
interface Course {
  readonly fromNs: number
  readonly binS: number
  readonly length: number
  readonly requests: Float64Array
  readonly attempts: Float64Array
}

function courseOf(g: Gathered, rows: Int32Array): Course {
  const { sentNs } = g.columns
  const fromNs = rows.reduce((first, row) => Math.min(first, sentNs.at(row)), Number.POSITIVE_INFINITY)
  const toNs = rows.reduce((last, row) => Math.max(last, sentNs.at(row)), Number.NEGATIVE_INFINITY)
  const length = Math.max(0, Math.min(MOST_INTERVALS, Math.floor(rows.length / LEAST_REQUESTS)))
  const usable = toNs > fromNs ? length : 0
  const binNs = usable === 0 ? 0 : (toNs - fromNs) / usable
  const requests = new Float64Array(usable)
  const attempts = new Float64Array(usable)
  const count = (counts: Float64Array, atNs: number): void => {
    if (atNs > toNs || usable === 0) return
    const bin = Math.min(usable - 1, Math.floor((atNs - fromNs) / binNs))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  for (const row of rows) {
    count(requests, sentNs.at(row))
    g.visitAttempts(row, (atNs) => count(attempts, atNs))
  }
  return { fromNs, binS: binNs / NS_PER_S, length: usable, requests, attempts }
}

const binOf = ({ fromNs, binS, requests, attempts }: Course, i: number): RetryFindings['course'][number] => ({
  atS: nsToS(fromNs) + i * binS,
  requestsPerS: (requests[i] ?? 0) / binS,
  attemptsPerS: (attempts[i] ?? 0) / binS,
})

function stormOf(course: Course): RetryFindings['storm'] {
  const { length, requests, attempts } = course
  const stormy = (i: number): boolean => (attempts[i] ?? 0) >= STORM * Math.max(1, requests[i] ?? 0)
  const ahead = Array.from({ length: STORM_INTERVALS }, (_, k) => k)
  for (let i = 0; i + STORM_INTERVALS <= length; i++) {
    if (ahead.every((k) => stormy(i + k))) return binOf(course, i)
  }
  return null
}
