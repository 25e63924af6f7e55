import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudget } from '../../src/drive/budget.js'
import {
  isUneven,
  perMinuteOf,
  rateBetweenRefusals,
  sizeBound,
  type Try,
} from '../../src/experiment/limits/estimate.js'
import { findLimits } from '../../src/experiment/limits/limits.js'
import { profileSchema } from '../../src/profile/schema.js'
import { type Bucket, startLimitedServer } from './token-bucket.js'

/** What a token bucket makes of requests at these moments: written out, one after the other. */
function triesOf(full: number, refillPerS: number, momentsS: readonly number[], capacity = full): Try[] {
  let level = full
  let nowS = 0
  return momentsS.map((atS) => {
    level = Math.min(capacity, level + (atS - nowS) * refillPerS)
    nowS = atS
    const letIn = level >= 1
    if (letIn) level--
    return { atS, amount: 1, letIn }
  })
}

describe('what was let in between two refusals', () => {
  test('encloses the rate of any token bucket that does not run over, at whatever pace it is asked', () => {
    let enclosed = 0
    const pauses = fc.array(fc.double({ min: 0.01, max: 2, noNaN: true }), { minLength: 30, maxLength: 200 })
    const perS = fc.double({ min: 0.2, max: 20, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), perS, pauses, (full, refillPerS, list) => {
        let atS = 0
        const moments = list.map((pause) => {
          atS += pause
          return atS
        })
        const rate = rateBetweenRefusals(triesOf(full, refillPerS, moments, Number.POSITIVE_INFINITY))
        if (rate === undefined) return true
        enclosed++
        return rate.low <= refillPerS + 1e-9 && refillPerS <= rate.high + 1e-9
      }),
    )
    expect(enclosed).toBeGreaterThan(10)
  })

  test('a window that begins anew every minute is told from it', () => {
    const everyS = Array.from({ length: 400 }, (_, i) => i * 0.5)
    const steady = triesOf(50, 50 / 60, everyS)
    const windowed = everyS.map((atS) => ({ atS, amount: 1, letIn: (atS % 60) * 2 < 50 }))
    for (const [tries, expected] of [
      [steady, false],
      [windowed, true],
    ] as const) {
      const rate = rateBetweenRefusals(tries)
      if (rate === undefined) throw new Error('no refusals')
      expect(isUneven(tries, rate)).toBe(expected)
    }
  })
})

test.each([
  // In and out at the same size: the rate decides.
  ['none', [100, 100, 200], [100, 300], undefined],
  ['above the largest that was let in', [100, 200], [210, 300], 200],
  ['none where nothing was refused', [100], [], undefined],
])('a bound on the size of a request: %s', (_, letIn, refused, expected) => {
  const tries = [
    ...refused.map((amount, i) => ({ atS: 2 * i, amount, letIn: false })),
    ...letIn.map((amount, i) => ({ atS: 2 * i + 1, amount, letIn: true })),
  ]
  expect(sizeBound(tries)).toBe(expected)
})

test.each([
  ['OpenAI’s, a minute', { limit: 500, remaining: 499, resetMs: 120 }, 500],
  ['OpenAI’s, a day', { limit: 10_000, remaining: 9999, resetMs: 8640 }, 10_000 / 1440],
  ['Anthropic’s, with a time to whole seconds', { limit: 50, remaining: 49, resetMs: 1000 }, 50],
  ['nothing used up', { limit: 50, remaining: 50, resetMs: 0 }, 50],
  ['no more than the limit', { limit: 50 }, 50],
  ['no limit', { remaining: 3 }, undefined],
])('a limit that headers tell, by the minute: %s', (_, state, perMin) => {
  expect(perMinuteOf(state)).toBe(perMin)
})

interface Asked {
  readonly requests: Bucket
  readonly tokens?: Bucket
  readonly withHeaders?: boolean
  readonly maxRequests?: number
  readonly seconds?: number
}

async function limitsOf({ maxRequests = 400, seconds = 24, ...server }: Asked) {
  const { port, seen, close } = await startLimitedServer(server)
  const url = `http://127.0.0.1:${port}`
  try {
    const report = await findLimits({
      profile: profileSchema.parse({ limits: { requests: maxRequests } }),
      target: {
        ...{ baseUrl: url, metricsUrl: url, headers: {}, ways: [{ origin: url, connection: {} }] },
        facts: { url, api: 'openai-chat', model: 'm' },
      },
      budget: createBudget({ requests: maxRequests }, undefined),
      ...{ seconds, stepS: 0.5, mostWords: 3200 },
      onPhase: () => {},
      signal: new AbortController().signal,
    })
    return { report, seen, of: (kind: string) => report.limits.find((limit) => limit.kind === kind) }
  } finally {
    await close()
  }
}

describe('falloff limits', () => {
  test('finds the requests and the tokens a minute of a server that tells nothing', async () => {
    const { report, seen, of } = await limitsOf({
      requests: { capacity: 2, refillPerS: 8 },
      tokens: { capacity: 1000, refillPerS: 1000 },
    })
    const requests = of('requests')
    expect(requests?.sureness).toBe('measured')
    expect(requests?.low ?? 0).toBeLessThanOrEqual(480)
    expect(requests?.high ?? 0).toBeGreaterThanOrEqual(480)
    expect(Math.abs((requests?.perMin ?? 0) / 480 - 1)).toBeLessThan(0.1)
    const tokens = of('tokens')
    expect(Math.abs((tokens?.perMin ?? 0) / 60_000 - 1)).toBeLessThan(0.15)
    expect(report.sent).toBe(seen.length)
    expect(report.refused).toBe(seen.filter((s) => !s.letIn).length)
  }, 30_000)

  test('believes the headers, and then asks no further', async () => {
    const { report, of } = await limitsOf({
      requests: { capacity: 50, refillPerS: 50 / 60 },
      tokens: { capacity: 30_000, refillPerS: 500 },
      withHeaders: true,
    })
    expect(of('requests')).toMatchObject({ perMin: 50, sureness: 'told' })
    expect(of('tokens')).toMatchObject({ perMin: 30_000, sureness: 'told' })
    expect(report).toMatchObject({ sent: 1, refused: 0 })
  })

  test('keeps to its cap, and says what was let in where none was refused', async () => {
    const { report, of } = await limitsOf({ requests: { capacity: 1000, refillPerS: 10 }, maxRequests: 12 })
    expect(report.sent).toBe(12)
    expect(of('requests')).toMatchObject({ perMin: null, sureness: 'at least', burst: null })
    expect(of('requests')?.low ?? 0).toBeGreaterThan(5)
    expect(of('requests')?.cut).toBe(true)
  })

  test('with a cap that leaves nothing after the first request, nothing is claimed', async () => {
    const { report } = await limitsOf({ requests: { capacity: 10, refillPerS: 1 }, maxRequests: 1 })
    const unknown = { perMin: null, low: null, sureness: 'unknown', how: 'no cap left anything to ask with' }
    expect(report.limits).toMatchObject([
      { kind: 'requests', ...unknown },
      { kind: 'tokens', ...unknown },
    ])
  })

  test('looks no longer than it may, though the limit asks for long pauses', async () => {
    const { report, of } = await limitsOf({
      ...{ requests: { capacity: 2, refillPerS: 0.05 }, withHeaders: true, seconds: 2 },
    })
    expect(report.tookS).toBeLessThan(20)
    expect(of('requests')).toMatchObject({ perMin: 3, sureness: 'told' })
    expect(of('tokens')).toMatchObject({ perMin: null, cut: true })
  })
})
