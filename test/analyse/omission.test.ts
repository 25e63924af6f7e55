import { describe, expect, test } from 'vitest'
import { summariseRun } from '../../src/analyse/index.js'
import type { RequestRecord } from '../../src/record/index.js'
import { MS, recordOf, writeRun } from './run-folder.js'

/**
 * Coordinated omission: a server that stands still for 2 s under a constant-rate load. What users felt follows from
 * arithmetic; what a client that waits for answers before it sends would tell is next to nothing.
 *
 *     in flight  ─────────┐ stall: nothing moves ┌─ goes on where it stood ─────
 *                        20 s                   22 s
 */
const EVERY_MS = 10
const STALL_FROM_MS = 20_000
const STALL_MS = 2000
const REQUESTS = 6000

/** 45 to 55 ms, in an order that repeats after 11 requests. */
const serviceMs = (index: number): number => 45 + ((index * 7) % 11)

interface Times {
  readonly scheduledMs: number
  readonly sentMs: number
  readonly firstMs: number
}

/**
 * The slow model: time goes in steps of a millisecond. A request takes a slot when one is free, is worked on for as many
 * steps as it needs in which the server does not stand still, and then answers.
 */
function simulate(slots: number): readonly Times[] {
  const done: Times[] = []
  const waiting: number[] = []
  let working: { index: number; sentMs: number; leftMs: number }[] = []
  for (let nowMs = 0; done.length < REQUESTS; nowMs++) {
    for (const { index, sentMs } of working.filter((w) => w.leftMs === 0))
      done.push({ scheduledMs: index * EVERY_MS, sentMs, firstMs: nowMs })
    working = working.filter((w) => w.leftMs > 0)
    if (nowMs % EVERY_MS === 0 && nowMs < REQUESTS * EVERY_MS) waiting.push(nowMs / EVERY_MS)
    while (working.length < slots && waiting.length > 0) {
      const index = waiting.shift() ?? 0
      working.push({ index, sentMs: nowMs, leftMs: serviceMs(index) })
    }
    const stands = nowMs >= STALL_FROM_MS && nowMs < STALL_FROM_MS + STALL_MS
    if (!stands) for (const w of working) w.leftMs--
  }
  return done.sort((a, b) => a.scheduledMs - b.scheduledMs)
}

/** What arithmetic says of a request that is sent when it is due: worked on before, over, in or after the stall. */
function onTimeMs(index: number): number {
  const dueMs = index * EVERY_MS
  const stallEndsMs = STALL_FROM_MS + STALL_MS
  if (dueMs + serviceMs(index) <= STALL_FROM_MS || dueMs >= stallEndsMs) return serviceMs(index)
  if (dueMs < STALL_FROM_MS) return serviceMs(index) + STALL_MS
  return stallEndsMs - dueMs + serviceMs(index)
}

const all = (latencyMs: (index: number) => number): readonly number[] =>
  Array.from({ length: REQUESTS }, (_, index) => latencyMs(index))
const fromSchedule = (times: readonly Times[]): readonly number[] =>
  times.map((t) => t.firstMs - t.scheduledMs)
const fromSend = (times: readonly Times[]): readonly number[] => times.map((t) => t.firstMs - t.sentMs)

/** Nearest rank by definition: the least value with at least the share q at or below it. */
function percentile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.find((_, i) => (i + 1) / sorted.length >= q - 1e-12) ?? Number.NaN
}

const LEVELS = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const
const percentilesOf = (values: readonly number[]) =>
  Object.fromEntries(Object.entries(LEVELS).map(([name, q]) => [name, percentile(values, q)]))

const profile = {
  load: { kind: 'constant', ratePerS: 1000 / EVERY_MS },
  limits: { requests: REQUESTS },
}

/** Percentiles of a metric as the run's findings have them, to a tenth of a microsecond. */
async function measured(times: readonly Times[]) {
  const records: RequestRecord[] = times.map(({ scheduledMs, sentMs, firstMs }, index) =>
    recordOf(index, sentMs, firstMs - sentMs, 0, 1, { scheduledNs: scheduledMs * MS }),
  )
  const { metrics, window } = await summariseRun(writeRun({ profile, records }))
  const shown = (metric: 'ttft' | 'ttftFromSchedule') =>
    Object.fromEntries(
      Object.keys(LEVELS).map((name) => {
        const { value } = metrics[metric][name as keyof typeof LEVELS] ?? { value: Number.NaN }
        return [name, Number(value.toFixed(4))]
      }),
    )
  return { window, metrics, fromSend: shown('ttft'), fromSchedule: shown('ttftFromSchedule') }
}

describe('a server that stands still for 2 s under 100 requests a second', () => {
  const open = simulate(Number.POSITIVE_INFINITY)
  const closed = simulate(10)

  test('does to each request that is sent on time what arithmetic says', () => {
    expect(fromSchedule(open)).toEqual(all(onTimeMs))
    // All 200 that arrived in it, and the 5 before them that were being worked on.
    expect(all(onTimeMs).filter((ms) => ms > 55)).toHaveLength(205)
  })

  test('stands in the percentiles from schedule to the millisecond', async () => {
    const { window, metrics, fromSchedule: got } = await measured(open)
    expect(got).toEqual(percentilesOf(all(onTimeMs)))
    // By hand: 60 of 6,000 may lie above p99. 5 are over 2 s for being worked on when it came; of those that arrived in it,
    // 10 ms apart, the 56th is 550 ms behind the first: 2,000 − 550 + 45 to 55.
    expect(got.p99).toBeGreaterThanOrEqual(1495)
    expect(got.p99).toBeLessThanOrEqual(1505)
    expect(got.p95).toBeLessThanOrEqual(55)
    expect(metrics.ttftFromSchedule.max).toBeCloseTo(STALL_MS + 55, -1)
    // No part of it is taken for a transient.
    expect(window.requests).toBe(REQUESTS)
  })

  test('is one event, not 200: the p99 that hangs on it is given without an interval', async () => {
    const { metrics } = await measured(open)
    expect(metrics.ttftFromSchedule.p99).toMatchObject({ low: null, high: null, method: 'none' })
  })

  test('is hidden by the time from send where ten connections make the load wait, and shown from schedule', async () => {
    const got = await measured(closed)
    expect(got.fromSend).toEqual(percentilesOf(fromSend(closed)))
    expect(got.fromSchedule).toEqual(percentilesOf(fromSchedule(closed)))
    // Ten requests alone were open when it stood still: fewer than 1 %.
    expect(fromSend(closed).filter((ms) => ms > 55)).toHaveLength(10)
    expect(got.fromSend.p99).toBeLessThanOrEqual(55)
    // The others waited to be sent, and behind them the queue had to be worked off.
    expect(got.fromSchedule.p99).toBeGreaterThan(1700)
    expect(got.window.requests).toBe(REQUESTS)
  })
})
