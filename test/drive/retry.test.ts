import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FailureCode } from '../../src/base/index.js'
import { createBudget } from '../../src/drive/budget.js'
import { delayBeforeNextMs } from '../../src/drive/retry.js'
import type { BudgetCaps } from '../../src/profile/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import { driveHere } from './harness.js'

const policyOf = (retry: object) => profileSchema.parse({ retry }).retry
const failed = (code: FailureCode = 'rate-limited', more: object = {}) => ({
  failure: { code, message: '', ...more },
  hadOutput: false,
})

/** So many attempts refused before. */
const times = (count: number) => Array.from({ length: count }, () => ({ code: 'rate-limited' as const }))

describe('the wait before the next attempt', () => {
  test.each([
    ['none: the failure is final', { policy: 'none' }, [undefined]],
    ['fixed', { policy: 'fixed', baseS: 3 }, [3000, 3000, 3000, undefined]],
    ['tenacity: 2, 2 and 4 s', { policy: 'tenacity' }, [2000, 2000, 4000, undefined]],
    [
      'tenacity: no wait above 30 s',
      { policy: 'tenacity', attempts: 8 },
      [2e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3],
    ],
    [
      'tenacity around a client that retries by itself: 12 attempts',
      { policy: 'tenacity-over-sdk' },
      [500, 1000, 2000, 500, 1000, 2000, 500, 1000, 4000, 500, 1000, undefined],
    ],
    ['openai-sdk at its longest: 0.5 and 1 s', { policy: 'openai-sdk' }, [500, 1000, undefined]],
    ['at once', { policy: 'none', attempts: 3 }, [0, 0, undefined]],
  ])('%s', (_, retry, waits) => {
    const policy = policyOf(retry)
    const waited = waits.map((_wait, i) => delayBeforeNextMs(policy, times(i), failed(), () => 0))
    expect(waited).toEqual(waits)
  })

  test('what the client beneath does not try again goes to the decorator at once', () => {
    const policy = policyOf({ policy: 'tenacity-over-sdk' })
    const waitAfter = (codes: FailureCode[], last: FailureCode) =>
      delayBeforeNextMs(
        policy,
        codes.map((code) => ({ code })),
        failed(last),
        () => 0,
      )
    expect(waitAfter([], 'authentication')).toBe(2000)
    expect(waitAfter(['authentication'], 'rate-limited')).toBe(500)
    const wrongKey = Array<FailureCode>(3).fill('authentication')
    expect(waitAfter(['rate-limited', ...wrongKey], 'authentication')).toBeUndefined()
  })

  test.each([
    ['full: from nothing to the whole wait', 'full', 0, 1],
    ['equal: from half of it on', 'equal', 0.5, 1],
    ['a share: up to so much less', 0.25, 0.75, 1],
  ] as const)('jitter %s', (_, jitter, least, most) => {
    const policy = policyOf({ policy: 'exponential', jitter, baseS: 1, maxS: 16, attempts: 10 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, u) => {
        const wholeMs = 1000 * Math.min(16, 2 ** (n - 1))
        const waitMs = delayBeforeNextMs(policy, times(n - 1), failed(), () => u) ?? -1
        return waitMs >= least * wholeMs - 1e-9 && waitMs <= most * wholeMs + 1e-9
      }),
    )
  })

  test.each([
    [
      'the server’s own wish is obeyed where the policy honours it',
      'openai-sdk',
      failed('rate-limited', { retryAfterMs: 9000 }),
      9000,
    ],
    ['and passed over where it does not', 'tenacity', failed('rate-limited', { retryAfterMs: 9000 }), 2000],
    ['what another attempt cannot mend is final', 'exponential', failed('authentication'), undefined],
    ['a decorator that knows no codes tries even that again', 'tenacity', failed('authentication'), 2000],
    ['so is a quota that is used up', 'openai-sdk', failed('quota'), undefined],
    ['so is anything after output has begun', 'tenacity', { ...failed('reset'), hadOutput: true }, undefined],
    [
      'a decorator tries an error inside the stream again',
      'tenacity',
      { ...failed('overloaded'), httpStatus: 200 },
      2000,
    ],
    ['the official clients do not', 'openai-sdk', { ...failed('overloaded'), httpStatus: 200 }, undefined],
  ])('%s', (_, policy, attempt, waitMs) => {
    expect(delayBeforeNextMs(policyOf({ policy }), [], attempt, () => 0)).toBe(waitMs)
  })
})

const event = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`
const whole = (res: ServerResponse): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  const usage = { choices: [], usage: { prompt_tokens: 4, completion_tokens: 2 } }
  res.end(`${event('a')}${event('b', 'stop')}data: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`)
}
const refuse = (res: ServerResponse): void => void res.writeHead(429).end('{"error":{"message":"slow"}}')
const cutAfterOutput = (res: ServerResponse): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write(event('a'))
  setTimeout(() => res.destroy(), 20)
}

let server: Server
let answers: ((res: ServerResponse) => void)[] = []
/** Of each request by its place in the plan. */
let asked = new Map<string, number>()
beforeAll(async () => {
  server = createServer((req, res) => {
    const id = String(req.headers['x-request-id'])
    const nth = asked.get(id) ?? 0
    asked.set(id, nth + 1)
    req.resume().on('end', () => (answers[nth] ?? whole)(res))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

interface Story {
  readonly script: typeof answers
  readonly retry: object
  readonly limits?: object
  readonly requests?: number
  readonly caps?: BudgetCaps
  readonly stopAfterMs?: number
}

function drive({ script, retry, limits = {}, requests = 3, caps, stopAfterMs }: Story) {
  answers = script
  asked = new Map()
  return driveHere({
    profile: profileSchema.parse({
      load: { kind: 'closed', concurrency: 3 },
      limits: { requests, ...limits },
      workload: { inputTokens: 4, outputTokens: 2 },
      retry,
    }),
    transport: 'undici',
    port: (server.address() as AddressInfo).port,
    ...(caps && { budget: createBudget(caps, undefined) }),
    meddle(stop, sender) {
      if (stopAfterMs === undefined) return () => {}
      const timer = setTimeout(() => {
        stop.abort()
        sender.endRetries({ code: 'stopped', message: 'over' })
      }, stopAfterMs)
      return () => clearTimeout(timer)
    },
  })
}

describe('a request that is tried again', () => {
  const fixed = { policy: 'fixed', baseS: 0.05, attempts: 3 }

  test('ends once, with the attempts before in its record', async () => {
    const { records, states } = await drive({ script: [refuse, refuse, whole], retry: fixed })
    expect(states).toEqual({ completed: 3 })
    for (const r of records) {
      expect(r).toMatchObject({ state: 'completed', httpStatus: 200, outputTokens: 2 })
      expect(r.attempts?.map((a) => [a.code, a.httpStatus, a.waitNs])).toEqual([
        ['rate-limited', 429, 50e6],
        ['rate-limited', 429, 50e6],
      ])
      expect((r.lastTokenNs ?? 0) - (r.sentNs ?? 0)).toBeGreaterThan(99e6)
    }
  })

  test('fails with its last failure when no attempt is left', async () => {
    const { records } = await drive({ script: [refuse, refuse, refuse, whole], retry: fixed })
    expect(records.map((r) => [r.state, r.error?.code, r.attempts?.length])).toEqual(
      Array(3).fill(['failed', 'rate-limited', 2]),
    )
  })

  test('is not tried again once output has begun', async () => {
    const on = ['cut-stream', 'reset', 'rate-limited']
    const { records } = await drive({ script: [cutAfterOutput, whole], retry: { ...fixed, on } })
    expect(records.map((r) => [r.state, r.attempts])).toEqual(Array(3).fill(['cut-off', undefined]))
  })

  test('is in flight while it waits, and over when the run is', async () => {
    const patient = { policy: 'fixed', baseS: 30, attempts: 2 }
    const { records } = await drive({ script: [refuse], retry: patient, stopAfterMs: 500 })
    expect(records.map((r) => [r.state, r.error?.code, r.attempts?.length, r.lastSentNs])).toEqual(
      Array(3).fill(['cancelled', 'stopped', 1, undefined]),
    )
  })

  test('is not tried again when its deadline would pass in the pause', async () => {
    const retry = { policy: 'fixed', baseS: 5, attempts: 2 }
    const { records } = await drive({ script: [refuse], retry, limits: { totalMs: 1000 } })
    expect(records.map((r) => [r.state, r.error?.code, r.attempts])).toEqual(
      Array(3).fill(['failed', 'rate-limited', undefined]),
    )
  })

  test('jitter is the same for the same seed, in whatever order requests fail', async () => {
    const jittery = { policy: 'exponential', baseS: 0.02, attempts: 3 }
    const waits = async (requests: number) => {
      const { records } = await drive({ script: [refuse, refuse, whole], retry: jittery, requests })
      return records.sort((a, b) => a.index - b.index).map((r) => r.attempts?.map((a) => a.waitNs))
    }
    const few = await waits(4)
    expect(new Set(few.flat()).size).toBe(8)
    expect((await waits(8)).slice(0, 4)).toEqual(few)
  })
})

describe('a budget', () => {
  test.each([
    ['requests, to the last one', { requests: 7 }, 7],
    ['output tokens, at two a request', { outputTokens: 9 }, 4],
    ['input tokens, at four a request', { inputTokens: 20 }, 5],
  ])('caps %s; the rest is unsent and says why', async (_, caps, sent) => {
    const { records, requests } = await drive({ script: [], retry: {}, requests: 12, caps })
    expect(records).toHaveLength(requests)
    const outcomes = records.map((r) => [r.state, r.error?.code].join(' '))
    expect([...asked.values()].reduce((a, b) => a + b, 0)).toBe(sent)
    expect(outcomes.filter((o) => o === 'completed ')).toHaveLength(sent)
    expect(outcomes.filter((o) => o === 'unsent budget')).toHaveLength(12 - sent)
  })

  test('counts every attempt; the failure before the cap is the last word', async () => {
    const retry = { policy: 'none', attempts: 10 }
    const { records } = await drive({
      script: Array(10).fill(refuse),
      retry,
      requests: 3,
      caps: { requests: 8 },
    })
    expect([...asked.values()].reduce((a, b) => a + b, 0)).toBe(8)
    expect(records.map((r) => r.error?.code)).toEqual(Array(3).fill('rate-limited'))
  })
})
