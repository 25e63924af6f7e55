import { expect, test } from 'vitest'
import { reachedCap, setAside } from '../../../src/drive/budget.js'
import { createPurse } from '../../../src/experiment/compare/money.js'
import type { PreparedTarget } from '../../../src/experiment/target.js'
import { profileSchema } from '../../../src/profile/schema.js'

const profileOf = (over: object) => profileSchema.parse({ limits: { requests: 200 }, ...over })

const targetAt = (baseUrl: string, model: string) =>
  ({ baseUrl, facts: { url: baseUrl, api: 'openai-chat', model } }) as unknown as PreparedTarget

const LOCAL = targetAt('http://127.0.0.1:8000', 'm')
const BILLED = targetAt('https://api.openai.com', 'gpt-4o-mini')

test('what one side spends no other has: the lowest cap of all holds for all together', async () => {
  const profiles = [profileOf({ budget: { requests: 3 } }), profileOf({ budget: { requests: 5 } })]
  const purse = createPurse(profiles, { yes: false })
  await purse.open(
    profiles.map((profile, side) => ({ side, name: `s${side}`, profile, target: LOCAL })),
    5,
  )
  const [a, b] = [purse.budgetOf(0), purse.budgetOf(1)]
  if (a === undefined || b === undefined) throw new Error('no budget')
  const use = { inputTokens: 1, outputTokens: 1 }
  expect([setAside(a, use), setAside(b, use), setAside(a, use), setAside(b, use)]).toEqual([
    true,
    true,
    true,
    false,
  ])
  expect(reachedCap(a)).toBe('requests')
})

test('each side pays its own prices', async () => {
  const cheap = { inputPerMTok: 1, outputPerMTok: 1 }
  const dear = { inputPerMTok: 100, outputPerMTok: 100 }
  const profiles = [cheap, dear].map((prices) => profileOf({ budget: { usd: 1, prices } }))
  const purse = createPurse(profiles, { yes: false })
  await purse.open(
    profiles.map((profile, side) => ({ side, name: `s${side}`, profile, target: LOCAL })),
    5,
  )
  expect(purse.priceOf(0)).toEqual({
    inputPerMillion: 1,
    outputPerMillion: 1,
    source: 'prices of the profile',
  })
  const half = { inputTokens: 500_000, outputTokens: 0 }
  const [a, b] = [purse.budgetOf(0), purse.budgetOf(1)]
  if (a === undefined || b === undefined) throw new Error('no budget')
  // Half a dollar here would be fifty there.
  expect(setAside(a, half)).toBe(true)
  expect(setAside(b, half)).toBe(false)
})

test('is asked for once, for all sides that bill together', async () => {
  const questions: string[] = []
  const profiles = [profileOf({}), profileOf({}), profileOf({})]
  const ask = async (question: string) => {
    questions.push(question)
    return true
  }
  const purse = createPurse(profiles, { yes: false, ask })
  const targets = [LOCAL, BILLED, BILLED]
  const asked = profiles.map((profile, side) => ({
    ...{ side, name: `s${side}`, profile },
    target: targets[side] ?? LOCAL,
  }))
  await purse.open(asked, 5)
  // An engine that is started again later is known by then.
  await purse.open(asked.slice(1), 5)
  expect(questions).toHaveLength(1)
  expect(questions[0]).toMatch(/^s1: gpt-4o-mini .* at each of 5 runs cost .*\. s2: gpt-4o-mini .*Go on\?$/)
  expect(purse.priceOf(0)).toBeNull()
  expect(purse.priceOf(1)?.inputPerMillion).toBe(0.15)
  expect(purse.budgetOf(1)).toBeUndefined()
})

test('refuses without consent', async () => {
  const profile = profileOf({})
  const purse = createPurse([profile], { yes: false })
  await expect(purse.open([{ side: 0, name: 'api', profile, target: BILLED }], 5)).rejects.toThrow(
    /^--yes: api: gpt-4o-mini at .* is billed/,
  )
})
