import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { content, decode, encoderOf, isWhole, sse, text } from './harness.js'
import { testLaws } from './laws.js'

const API = 'llamacpp-completion'

const piece = (written: string, predicted: number, more: object = {}) => ({
  ...{ index: 0, content: written, tokens: [2501], stop: false, id_slot: 0 },
  ...{ tokens_predicted: predicted, tokens_evaluated: 3 },
  ...more,
})
const TIMINGS = { cache_n: 2, prompt_n: 1, prompt_ms: 12.1, predicted_n: 4, predicted_ms: 640.25 }
const last = (more: object = {}) =>
  piece('', 4, {
    ...{ tokens: [], stop: true, model: 'm', truncated: false, stop_type: 'limit', timings: TIMINGS },
    ...more,
  })
const PROGRESS = piece('', 0, {
  tokens: [],
  prompt_progress: { total: 3, cache: 2, processed: 3, time_ms: 4 },
})

const ANSWER = [PROGRESS, piece('Grüße', 1), piece(' ✓', 3), piece('!', 4), last()]

describe('what of a llama.cpp stream is output', () => {
  const cases: [what: string, events: readonly unknown[], tokens: number[], text: string][] = [
    ['a piece with one token', [piece('a', 1)], [1], 'a'],
    ['a piece with several: part of a character was held back', [piece('a', 1), piece('é', 4)], [1, 3], 'aé'],
    ['progress of the prompt is none', [PROGRESS], [], ''],
    [
      'a last event that counts a token without text',
      [piece('a', 1), last({ tokens_predicted: 2 })],
      [1, 1],
      'a',
    ],
    ['a last event that counts none', [piece('a', 4), last()], [4], 'a'],
    ['a server that does not count', [piece('a', 1, { tokens_predicted: undefined })], [-1], 'a'],
    ['token ids without text', [piece('', 1, { tokens_predicted: undefined })], [-1], ''],
  ]
  test.each(cases)('%s', (_what, events, tokens, written) => {
    const heard = decode(API, [sse(...events)])
    expect(heard.outputs.map((o) => o.tokens)).toEqual(tokens)
    expect(heard.outputs.every((o) => o.visible)).toBe(true)
    expect(text(heard)).toBe(written)
  })

  test('a whole answer: its text, its tokens chunk by chunk, the usage and the account', () => {
    const heard = decode(API, [sse(...ANSWER)])
    expect(text(heard)).toBe('Grüße ✓!')
    expect(heard.outputs.map((o) => o.tokens)).toEqual([1, 2, 1])
    expect(heard.usage).toEqual({ inputTokens: 3, outputTokens: 4, cachedTokens: 2 })
    expect(heard.timings).toEqual({ prefillNs: 12_100_000, decodeNs: 640_250_000 })
    expect(heard.models).toEqual(['m'])
    expect(isWhole(heard)).toBe(true)
  })

  test('an account that is none is not told', () => {
    for (const timings of [undefined, null, {}, { prompt_ms: -1, predicted_ms: 'x' }]) {
      expect(decode(API, [sse(last({ timings }))]).timings).toBeUndefined()
    }
  })
})

describe('how a llama.cpp stream ends', () => {
  const flags = (more: object) => ({ stop_type: undefined, ...more })
  const cases: [how: object, finish: string | undefined][] = [
    [{ stop_type: 'eos' }, 'stop'],
    [{ stop_type: 'word' }, 'stop'],
    [{ stop_type: 'limit' }, 'length'],
    [{ stop_type: 'none', truncated: true }, 'length'],
    [{ stop_type: 'none' }, undefined],
    [flags({ stopped_eos: true, stopped_limit: false }), 'stop'],
    [flags({ stopped_word: true }), 'stop'],
    [flags({ stopped_limit: true, stopped_eos: false }), 'length'],
  ]
  test.each(cases)('%j is %s', (how, finish) => {
    expect(decode(API, [sse(last(how))])).toMatchObject({ finish, terminal: true })
  })

  test.each([
    [{ code: 500, message: 'boom', type: 'server_error' }, 'server-error'],
    [{ code: 500, message: 'Context size has been exceeded.', type: 'server_error' }, 'overloaded'],
    [
      {
        ...{ code: 400, type: 'exceed_context_size_error', n_prompt_tokens: 9000, n_ctx: 4096 },
        message: 'the request exceeds the available context size, try increasing it',
      },
      'context-too-long',
    ],
    [{ code: 503, message: 'Loading model', type: 'unavailable_error' }, 'overloaded'],
  ])('the error %j is %s', (error, code) => {
    const heard = decode(API, [sse(piece('a', 1), { error })])
    expect(heard.failure).toBe(code)
    expect(isWhole(heard)).toBe(false)
  })
})

testLaws({
  api: API,
  events: ANSWER,
  write: (event) => sse(event),
  alike: fc.oneof(
    fc.tuple(content, fc.nat(20)).map(([written, count]) => piece(written, count)),
    content.map((written) => piece(written, 3, { tokens: [] })),
    content.map((written) => piece(written, 3, { stop: true, stop_type: written })),
    content.map((error) => piece('a', 3, { error })),
  ),
})

describe("llama.cpp's account in a stream of OpenAI's shape", () => {
  test('is told, with the text and without', () => {
    const event = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], timings: TIMINGS }
    for (const wantsText of [true, false]) {
      expect(decode('openai-chat', [sse(event)], wantsText).timings).toEqual({
        prefillNs: 12_100_000,
        decodeNs: 640_250_000,
      })
    }
  })
})

describe('a llama.cpp request', () => {
  const encode = encoderOf(API)
  const plain = { model: 'm', prompt: 'Be brief.\nHi', n_predict: 9, temperature: 0, stream: true }
  const schema = { type: 'object' }

  const knobs: [knob: object, body: object][] = [
    [{}, plain],
    [
      { temperature: 0.7, seed: 5 },
      { ...plain, temperature: 0.7, seed: 5 },
    ],
    [{ exactOutput: true }, { ...plain, ignore_eos: true }],
    [{ promptCache: 'off' }, { ...plain, cache_prompt: false }],
    [{ promptCache: 'mark', tools: [{}] }, plain],
    [{ jsonSchema: schema }, { ...plain, json_schema: schema }],
    [{ extraBody: { id_slot: 1, temperature: null } }, { ...plain, id_slot: 1, temperature: undefined }],
  ]
  test.each(knobs)('%j: what is written', (knob, body) => {
    expect(encode(knob)).toEqual(body)
  })
})
