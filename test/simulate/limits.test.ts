import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { goDuration } from '../../src/simulate/dialects/openai/manners.js'
import type { Simulator } from '../../src/simulate/index.js'
import { RateLimiter } from '../../src/simulate/rate-limits.js'
import { RequestError } from '../../src/simulate/request-error.js'
import { post, startFixed } from './wire.js'

const MS = 1e6

/** The other way to write the same law (GCRA): no level that is filled, but the moment by which all would be worked off. */
function virtualScheduling(perMin: number, capacity: number) {
  const nsPerOne = 60e9 / perMin
  let doneNs = 0
  return (amount: number, nowNs: number): boolean => {
    const backlogNs = Math.max(0, doneNs - nowNs)
    if (backlogNs + amount * nsPerOne > capacity * nsPerOne) return false
    doneNs = nowNs + backlogNs + amount * nsPerOne
    return true
  }
}

const refusal = (act: () => void): RequestError | undefined => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof RequestError) return thrown
    throw thrown
  }
  return undefined
}

/** All divide a minute into whole nanoseconds, so that the reference is exact. */
const rates = fc.constantFrom(1, 10, 50, 60, 600, 6000)
const gapsMs = fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 200 })

describe('the token bucket', () => {
  test('lets through what the other algorithm for the same law lets through', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 20 }), gapsMs, (perMin, capacity, gaps) => {
        const burstS = (capacity * 60) / perMin
        const limiter = new RateLimiter({ requestsPerMin: perMin, tokensPerMin: undefined, burstS })
        const allows = virtualScheduling(perMin, capacity)
        let nowNs = 0
        for (const gap of gaps) {
          nowNs += gap * MS
          expect(refusal(() => limiter.take(1, nowNs)) === undefined).toBe(allows(1, nowNs))
        }
      }),
    )
  })

  test('the time to wait that it tells is enough, and a millisecond less is not', () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 50 })
    fc.assert(
      fc.property(amounts, (tokens) => {
        const limiter = new RateLimiter({ requestsPerMin: undefined, tokensPerMin: 600, burstS: 10 })
        let nowNs = 0
        for (const amount of tokens) {
          const waitMs = refusal(() => limiter.take(amount, nowNs))?.particulars.retryAfterMs
          if (waitMs === undefined) continue
          expect(refusal(() => limiter.take(amount, nowNs + (waitMs - 1) * MS))).toBeDefined()
          nowNs += waitMs * MS
          expect(refusal(() => limiter.take(amount, nowNs))).toBeUndefined()
        }
      }),
    )
  })

  test('under twice the limit half gets through, after a minute’s worth at once', () => {
    const limiter = new RateLimiter({ requestsPerMin: 60, tokensPerMin: undefined, burstS: 60 })
    let through = 0
    for (let i = 0; i < 1200; i++) if (!refusal(() => limiter.take(1, i * 500 * MS))) through++
    // Ten minutes at 2 per second: 60 at the start, and one for each of the 599.5 s that follow.
    expect(through).toBe(60 + 599)
  })

  test('a request above what the bucket ever holds is told no time to wait', () => {
    const limiter = new RateLimiter({ requestsPerMin: undefined, tokensPerMin: 60, burstS: 60 })
    const error = refusal(() => limiter.take(61, 0))
    expect([error?.kind, error?.particulars.retryAfterMs]).toEqual(['rate-limited', undefined])
  })
})

test.each([
  [0, '0ms'],
  [19.2, '20ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [360_000, '6m0s'],
  [3_723_004, '1h2m3.004s'],
])('%f ms is written %s', (ms, text) => {
  expect(goDuration(ms)).toBe(text)
})

describe('limits on the wire', () => {
  let simulator: Simulator
  afterEach(() => simulator.close())
  const chat = { messages: [{ role: 'user', content: 'hello' }], max_tokens: 2, ignore_eos: true }
  const limited = (limits: object) => startFixed({ rateLimits: JSON.stringify(limits) })

  test('OpenAI’s headers are on every answer, and a refusal says which limit, and how long', async () => {
    simulator = await limited({ requestsPerMin: 3, tokensPerMin: 600 })
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await post(simulator.url, '/v1/chat/completions', chat))
    expect(answers.map((a) => a.status)).toEqual([200, 200, 200, 429])
    expect(answers.map((a) => a.headers.get('x-ratelimit-limit-requests'))).toEqual(['3', '3', '3', '3'])
    expect(answers.map((a) => a.headers.get('x-ratelimit-remaining-requests'))).toEqual(['2', '1', '0', '0'])
    // Eight tokens of prompt and two that may be generated, of which a tenth of a second gives one back.
    expect(Number(answers[0]?.headers.get('x-ratelimit-remaining-tokens'))).toBe(590)
    expect(answers[0]?.headers.get('x-ratelimit-reset-requests')).toMatch(/^(20|19\.\d+)s$/)
    expect(answers[3]?.headers.get('retry-after')).toBe('20')
    expect(Number(answers[3]?.headers.get('retry-after-ms'))).toBeLessThanOrEqual(20_000)
    expect(JSON.parse(answers[3]?.text ?? '').error).toMatchObject({
      type: 'requests',
      code: 'rate_limit_exceeded',
    })
  })

  test('streams have them too, and so have refusals for other reasons', async () => {
    simulator = await limited({ requestsPerMin: 3 })
    const streamed = await post(simulator.url, '/v1/responses', {
      input: 'hi',
      stream: true,
      max_output_tokens: 2,
    })
    const refused = await post(simulator.url, '/v1/chat/completions', { messages: [] })
    expect(streamed.headers.get('x-ratelimit-remaining-requests')).toBe('2')
    expect([refused.status, refused.headers.get('x-ratelimit-remaining-requests')]).toEqual([400, '2'])
    expect(refused.headers.get('x-ratelimit-limit-tokens')).toBeNull()
  })

  test('Anthropic’s are moments, and its refusal is in its own shape', async () => {
    simulator = await limited({ tokensPerMin: 12 })
    const ask = { messages: chat.messages, max_tokens: 2 }
    const first = await post(simulator.url, '/v1/messages', ask)
    const second = await post(simulator.url, '/v1/messages', ask)
    expect([first.status, second.status]).toEqual([200, 429])
    expect(first.headers.get('anthropic-ratelimit-tokens-limit')).toBe('12')
    expect(first.headers.get('anthropic-ratelimit-tokens-remaining')).toBe('2')
    expect(first.headers.get('anthropic-ratelimit-tokens-reset')).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/)
    expect(JSON.parse(second.text)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
    // Ten tokens taken of twelve, eight missing at one each 5 s.
    expect(second.headers.get('retry-after')).toBe('40')
  })

  test.each([
    ['/generate_stream', { inputs: 'x' }, 200],
    ['/generate', { inputs: 'x' }, 429],
    ['/api/generate', { model: 'fixed', prompt: 'x' }, 429],
    ['/completion', { prompt: 'x' }, 429],
  ])('an engine’s own API knows no such headers: %s', async (path, body, status) => {
    simulator = await limited({ requestsPerMin: 1, burstS: 60 })
    await post(simulator.url, '/v1/chat/completions', chat)
    const second = await post(simulator.url, path, body)
    expect(second.status).toBe(status)
    expect(second.text).toContain('error')
    expect([...second.headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([])
  })
})

describe('keys', () => {
  let simulator: Simulator
  afterEach(() => simulator.close())

  test('where one is required any will do, and none is refused in the API’s own shape', async () => {
    simulator = await startFixed({ requireKey: true })
    const { url } = simulator
    const ask = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 2 }
    const statusOf = async (path: string, headers = {}) => (await post(url, path, ask, headers)).status
    expect(await statusOf('/v1/chat/completions', { authorization: 'Bearer any' })).toBe(200)
    expect(await statusOf('/v1/messages', { 'x-api-key': 'any' })).toBe(200)
    expect(await statusOf('/v1/chat/completions', { authorization: 'Bearer ' })).toBe(401)
    const refused = await post(url, '/v1/messages', ask)
    expect(JSON.parse(refused.text).error.type).toBe('authentication_error')
    expect((await fetch(`${url}/v1/models`)).status).toBe(401)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })
})
