import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { createBudget, type NO_USE, reachedCap, setAside, settle, usdOf } from '../../src/drive/budget.js'
import { pricesOf } from '../../src/experiment/prices.js'
import { isPrivate } from '../../src/experiment/private-address.js'
import { prepareBudget } from '../../src/experiment/spending.js'
import { profileSchema } from '../../src/profile/schema.js'

const OPENAI = 'https://api.openai.com'
const targetAt = (baseUrl: string, model: string) => ({
  baseUrl,
  facts: { url: baseUrl, api: 'openai-chat', model },
})
const profileOf = (over: object) =>
  profileSchema.parse({
    limits: { requests: 200 },
    workload: { inputTokens: 1000, outputTokens: 500 },
    ...over,
  })

async function complaintOf(over: object, target = targetAt(OPENAI, 'gpt-4o-mini')): Promise<string> {
  try {
    await prepareBudget(profileOf(over), target, 1, { yes: false })
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.message
    throw thrown
  }
  return ''
}

describe('which addresses bill', () => {
  test.each([
    ['http://127.0.0.1:8000', true],
    ['http://[::1]:8000', true],
    ['http://localhost:8000', true],
    ['http://gpu.localhost', true],
    ['http://10.1.2.3', true],
    ['http://172.31.0.1', true],
    ['http://172.32.0.1', false],
    ['http://192.168.1.9', true],
    ['http://[fd00::1]', true],
    ['https://8.8.8.8', false],
    ['https://no-such-name.invalid', false],
  ])('%s is private: %s', async (url, expected) => {
    expect(await isPrivate(url)).toBe(expected)
  })
})

describe('prices', () => {
  test('are those of the list for a provider at its own address, and of nobody elsewhere', async () => {
    const known = await pricesOf(profileOf({}), { url: OPENAI, model: 'gpt-4o-mini' }, 1000)
    expect(known).toMatchObject({ inputPerMTok: 0.15, outputPerMTok: 0.6, cachedPerMTok: 0.075 })
    // Without TLS it is the same provider.
    const plain = { url: OPENAI.replace('https:', 'http:'), model: 'gpt-4o-mini' }
    expect(await pricesOf(profileOf({}), plain, 1000)).toEqual(known)
    expect(known?.source).toMatch(/^list prices of OpenAI, \d{4}-\d\d-\d\d$/)
    expect(
      await pricesOf(profileOf({}), { url: 'https://8.8.8.8', model: 'gpt-4o-mini' }, 1000),
    ).toBeUndefined()
    expect(await pricesOf(profileOf({}), { url: OPENAI, model: 'no-such-model' }, 1000)).toBeUndefined()
  })

  test('of a prompt beyond a tier are those of the tier', async () => {
    const url = 'https://api.anthropic.com'
    const at = (tokens: number) => pricesOf(profileOf({}), { url, model: 'claude-sonnet-4-5' }, tokens)
    expect((await at(1000))?.inputPerMTok).toBe(3)
    expect((await at(300_000))?.inputPerMTok).toBe(6)
  })

  test('of the profile take their place', async () => {
    const prices = { inputPerMTok: 7, outputPerMTok: 9 }
    expect(
      await pricesOf(profileOf({ budget: { prices } }), { url: OPENAI, model: 'gpt-4o-mini' }, 1),
    ).toMatchObject(prices)
  })

  test('are dated by the list that is installed', () => {
    const require = createRequire(import.meta.url)
    const folder = require.resolve('@pydantic/genai-prices').replace(/dist.*$/, '')
    const { version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as { version: string }
    // With another version goes another date: set both in src/experiment/prices.ts.
    expect(version).toBe('0.1.8')
  })
})

describe('before the start', () => {
  test('a target that bills needs a yes, and says what it will cost', async () => {
    // 200 requests × (1000 × 0.15 + 500 × 0.60) / 10⁶ = 0.09 USD.
    expect(await complaintOf({})).toMatch(
      /^--yes: gpt-4o-mini at .* is billed: 200 requests of some 1,000 input and 500 output tokens cost about 0\.09 USD \(list prices of OpenAI, .*\)/,
    )
    const agreed = await prepareBudget(profileOf({}), targetAt(OPENAI, 'gpt-4o-mini'), 1, { yes: true })
    expect(agreed).toBeUndefined()
  })

  test.each([
    [true, ''],
    [false, '--yes: not agreed to; no request was sent'],
  ])('on a terminal it is asked: %s', async (answer, complaint) => {
    const asked: string[] = []
    const ask = async (question: string) => {
      asked.push(question)
      return answer
    }
    const result = prepareBudget(profileOf({}), targetAt(OPENAI, 'gpt-4o-mini'), 3, { yes: false, ask })
    if (complaint === '') expect(await result).toBeUndefined()
    else await expect(result).rejects.toThrow(complaint)
    expect(asked[0]).toMatch(/at each of 3 points cost about 0\.27 USD .*Go on\?$/)
  })

  test.each([{ keyEnv: 'SOME_KEY' }, { headers: { authorization: 'Bearer ${SOME_KEY}' } }])(
    'so does a public one that is asked with a key, whose price nobody knows: %j',
    async (target) => {
      expect(await complaintOf({ target }, targetAt('https://8.8.8.8', 'unknown'))).toMatch(
        /^--yes: unknown at .* is asked with a key, and no price is known \(budget\.prices tells one\): 200 requests of some 1,000 /,
      )
      expect(await complaintOf({ target }, targetAt('http://127.0.0.1:8000', 'unknown'))).toBe('')
    },
  )

  test('nobody is asked where nothing is billed', async () => {
    expect(await complaintOf({}, targetAt('http://127.0.0.1:8000', 'gpt-4o-mini'))).toBe('')
    expect(await complaintOf({}, targetAt('https://8.8.8.8', 'unknown'))).toBe('')
  })

  test('a cap in money where no price is known is refused', async () => {
    expect(await complaintOf({ budget: { usd: 1 } }, targetAt('http://127.0.0.1:8000', 'unknown'))).toMatch(
      /^budget\.usd: no price is known of unknown .* give budget\.prices/,
    )
  })
})

describe('a budget in money', () => {
  const prices = { inputPerMTok: 2, outputPerMTok: 8, cachedPerMTok: 0.5 }

  test('adds up input, cached input and output at their prices', () => {
    // 600 × 2 + 400 × 0.5 + 100 × 8 millionths of a dollar.
    expect(usdOf(prices, { inputTokens: 1000, cachedTokens: 400, outputTokens: 100 })).toBeCloseTo(0.0022, 12)
  })

  test('is never broken, whatever is set aside and taken, in whatever order', () => {
    const use = fc.record({ inputTokens: fc.nat(5000), outputTokens: fc.nat(5000) })
    const steps = fc.array(fc.tuple(use, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(steps, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (plan, usd) => {
        const budget = createBudget({ usd }, prices)
        let spentUsd = 0
        const open: { most: typeof NO_USE; took: typeof NO_USE }[] = []
        for (const [most, share, close] of plan) {
          if (!setAside(budget, most)) {
            expect(reachedCap(budget)).toBe('usd')
            break
          }
          const took = {
            inputTokens: Math.floor(most.inputTokens * share),
            outputTokens: Math.floor(most.outputTokens * share),
          }
          spentUsd += usdOf(prices, took)
          open.push({ most, took })
          const ended = close ? open.shift() : undefined
          if (ended) settle(budget, ended.most, ended.took)
        }
        return spentUsd <= usd + 1e-9
      }),
    )
  })
})
