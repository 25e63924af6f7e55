import fc from 'fast-check'
import { expect, test } from 'vitest'
import { engineSchema } from '../../src/simulate/description-schema.js'
import { planOutput } from '../../src/simulate/output.js'
import { TEMPLATE_TOKENS, tokenize, tokenizeChat } from '../../src/simulate/tokenizer.js'

test.each([
  ['', 0],
  ['hello', 1],
  ['hello there', 2],
  ['internationalisation', 4], // six letters to a piece
  ['a, b', 3],
  ['1234567 8', 3],
  ['two  spaces ', 3], // the space at the end is a piece of its own
  ['naïve 日本語 🙂', 3],
])('%j has %i tokens', (text, count) => {
  expect(tokenize(text)).toHaveLength(count)
})

test('the chat template adds a fixed number of tokens per message and for the answer', () => {
  const chat = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Why is the sky blue?' },
  ]
  const plain = chat.reduce((sum, m) => sum + tokenize(m.content).length, 0)
  expect(tokenizeChat(chat)).toHaveLength(plain + 2 * TEMPLATE_TOKENS.perMessage + TEMPLATE_TOKENS.answer)
  expect(tokenizeChat(chat, false)).toHaveLength(plain + 2 * TEMPLATE_TOKENS.perMessage)
})

test('the next turn of a conversation begins with the tokens of the turn before', () => {
  const first = [{ role: 'user', content: 'Why?' }]
  const next = [...first, { role: 'assistant', content: ' amber basin' }, { role: 'user', content: 'And?' }]
  const before = [...tokenizeChat(first), ...tokenize(' amber basin')]
  expect([...tokenizeChat(next)].slice(0, before.length)).toEqual(before)
})

const { simulator } = engineSchema.parse({
  model: {
    servedModel: 'm',
    params: 1,
    embeddingParams: 0,
    weightBytes: 1,
    layers: 1,
    kvHeads: 1,
    headDim: 1,
    dModel: 1,
  },
  gpu: { memoryGiB: 1, bandwidthGBs: 1, flopsT: 1 },
  memory: { activationGiB: 0, otherGiB: 0 },
  scheduler: { maxModelLen: 16 },
})

test('generated text, tokenized again, has as many tokens and the same ids as were generated', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 300 }), (seed, maxTokens) => {
      const output = planOutput({ maxTokens, minTokens: 0, ignoreEos: true, seed }, simulator)
      const places = Array.from({ length: output.tokens }, (_, i) => i)
      const text = places.map((i) => output.textAt(i)).join('')
      expect([...tokenize(text)]).toEqual(places.map((i) => output.idAt(i)))
    }),
  )
})

test('an output that may stop does so at a length drawn from its seed, with an end token that has no text', () => {
  const lengths = Array.from({ length: 2000 }, (_, seed) => {
    const output = planOutput({ maxTokens: 1000, minTokens: 0, ignoreEos: false, seed }, simulator)
    if (output.finish === 'stop') expect(output.textAt(output.tokens - 1)).toBe('')
    else expect(output.tokens).toBe(1000)
    return output.tokens
  }).sort((a, b) => a - b)
  // The median of 2,000 draws of a lognormal with sigma 0.6 lies within 4 % of the true one (3 standard errors: 5 %).
  expect(Math.abs((lengths[1000] ?? 0) / simulator.naturalMedianTokens - 1)).toBeLessThan(0.05)
})

test('minTokens puts the end off, ignoreEos takes it away', () => {
  for (let seed = 0; seed < 200; seed++) {
    const late = planOutput({ maxTokens: 500, minTokens: 450, ignoreEos: false, seed }, simulator)
    expect(late.tokens).toBeGreaterThan(450)
    const exact = planOutput({ maxTokens: 37, minTokens: 0, ignoreEos: true, seed }, simulator)
    expect([exact.tokens, exact.finish]).toEqual([37, 'length'])
  }
})
