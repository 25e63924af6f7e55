import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GrowingText } from '../../src/protocol/sglang/growing-text.js'
import { content, decode, encoderOf, isWhole, sse, text } from './harness.js'
import { testLaws } from './laws.js'

const API = 'sglang-generate'

const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => 2501 + i)
const event = (written: string, idCount: number, total: number, meta: object = {}) => ({
  text: written,
  output_ids: ids(idCount),
  meta_info: {
    ...{ id: 'r1', finish_reason: null, prompt_tokens: 3, completion_tokens: total, cached_tokens: 2 },
    ...{ total_retractions: 0, ...meta },
  },
})
const LENGTH = { finish_reason: { type: 'length', length: 4 }, e2e_latency: 0.9 }

/** The same answer as a server sends it by default, and as one does that was told to send what is new. */
const CUMULATIVE = [
  event('Grüße', 1, 1),
  event('Grüße', 2, 2),
  event('Grüße ✓', 3, 3),
  event('Grüße ✓!', 4, 4, LENGTH),
]
const INCREMENTAL = [event('Grüße', 1, 1), event('', 1, 2), event(' ✓', 1, 3), event('!', 1, 4, LENGTH)]

describe('what of an SGLang stream is output', () => {
  for (const [how, events] of [
    ['all of it every time', CUMULATIVE],
    ['what is new', INCREMENTAL],
  ] as const) {
    test(`a whole answer whose text is sent as ${how}`, () => {
      const heard = decode(API, [sse(...events, '[DONE]')])
      expect(heard.outputs.map((o) => o.text)).toEqual(['Grüße', '', ' ✓', '!'])
      expect(heard.outputs.map((o) => o.tokens)).toEqual([1, 1, 1, 1])
      expect(heard.usage).toEqual({ inputTokens: 3, outputTokens: 4, cachedTokens: 2 })
      expect(heard).toMatchObject({ finish: 'length', timings: { totalNs: 900_000_000 } })
      expect(isWhole(heard)).toBe(true)
    })
  }

  const cases: [what: string, events: readonly unknown[], tokens: number[], text: string][] = [
    ['several tokens at once', [event('a b c', 3, 3)], [3], 'a b c'],
    ['an event that adds nothing', [event('a', 1, 1), event('a', 1, 1)], [1], 'a'],
    ['the new part is like the old', [event(' the', 1, 1), event(' the', 1, 2)], [1, 1], ' the the'],
    [
      'the whole is like it was: a token of half a character',
      [event('a', 1, 1), event('a', 2, 2)],
      [1, 1],
      'a',
    ],
    ['an end that adds nothing', [event('a', 4, 4), event('a', 4, 4, LENGTH)], [4], 'a'],
    ['no text at all', [event('', 0, 0)], [], ''],
    [
      'without counts, a text that grows',
      [{ text: 'a' }, { text: 'a b' }, { text: 'a b c' }],
      [-1, -1, -1],
      'a b c',
    ],
    [
      'without counts, a text in parts',
      [{ text: 'a' }, { text: ' b' }, { text: ' c' }],
      [-1, -1, -1],
      'a b c',
    ],
    [
      'without ids, and in parts',
      [event('a', 1, 1), event(' b', 1, 2), event(' c', 1, 3)].map((e) => ({ ...e, output_ids: undefined })),
      [1, 1, 1],
      'a b c',
    ],
  ]
  test.each(cases)('%s', (_what, events, tokens, written) => {
    const heard = decode(API, [sse(...events)])
    expect(heard.outputs.map((o) => o.tokens)).toEqual(tokens)
    expect(text(heard)).toBe(written)
  })

  test('the parts of any text come out of either way of sending it', () => {
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (parts, step) => {
          const cumulative = new GrowingText()
          const incremental = new GrowingText()
          let soFar = ''
          parts.forEach((part, i) => {
            soFar += part
            expect(cumulative.added(soFar, (i + 1) * step, (i + 1) * step)).toBe(part)
            expect(incremental.added(part, step, (i + 1) * step)).toBe(part)
          })
        },
      ),
    )
  })
})

describe('how an SGLang stream ends', () => {
  test('by a stop, whatever was met', () => {
    const heard = decode(API, [
      sse(event('a', 1, 1, { finish_reason: { type: 'stop', matched: 2 } }), '[DONE]'),
    ])
    expect(heard).toMatchObject({ finish: 'stop', terminal: true })
  })

  const abort = (reason: object) => event('', 0, 0, { finish_reason: { type: 'abort', ...reason } })
  const failures: [what: unknown, code: string][] = [
    [abort({ message: 'The request queue is full.', status_code: 503, err_type: null }), 'overloaded'],
    [abort({ message: 'Retracted: out of memory', status_code: 500 }), 'server-error'],
    [abort({ message: 'Bad grammar', status_code: 400 }), 'invalid-request'],
    [
      abort({
        message: 'Input length (5000 tokens) exceeds the maximum allowed length (4096 tokens).',
        status_code: 400,
      }),
      'context-too-long',
    ],
    [abort({ message: 'AbortReq from user' }), 'server-error'],
    [abort({}), 'server-error'],
    [{ error: { message: 'top_p must be in (0, 1], got 2.' } }, 'invalid-request'],
    [
      {
        error: {
          message: "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        },
      },
      'context-too-long',
    ],
    [
      {
        error: {
          object: 'error',
          message: 'The request queue is full.',
          type: 'SERVICE_UNAVAILABLE',
          code: 503,
        },
      },
      'overloaded',
    ],
  ]
  test.each(failures)('%j is a failure, and [DONE] after it no success: %s', (what, code) => {
    const heard = decode(API, [sse(what, '[DONE]')])
    expect(heard.failure).toBe(code)
    expect(isWhole(heard)).toBe(false)
  })
})

test('an error that comes after output is no refusal', () => {
  const boom = { error: { message: 'boom' } }
  expect(decode(API, [sse(boom)]).failure).toBe('invalid-request')
  expect(decode(API, [sse(event('a', 1, 1), boom)]).failure).toBe('server-error')
})

const alike = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(content, fc.nat(9), fc.nat(9)).map(([t, i, total]) => event(t, i, total)),
  },
  content.map((written) => event(written, 1, 1, { finish_reason: { type: written } })),
  content.map((error) => ({ ...event('a', 1, 1), error })),
  content.map((written) => ({ text: written })),
)
for (const events of [CUMULATIVE, INCREMENTAL]) {
  testLaws({ api: API, events, write: (e) => sse(e), marker: sse('[DONE]'), alike })
}

describe('an SGLang request', () => {
  const encode = encoderOf(API)
  const plain = { text: 'Be brief.\nHi', stream: true }
  const sampling = { max_new_tokens: 9, temperature: 0 }
  const schema = { type: 'object' }

  const knobs: [knob: object, body: object, sampling: object][] = [
    [{}, plain, sampling],
    [{ temperature: 0.7, seed: 5 }, plain, { max_new_tokens: 9, temperature: 0.7, sampling_seed: 5 }],
    [{ exactOutput: true }, plain, { ...sampling, ignore_eos: true, min_new_tokens: 9 }],
    [{ jsonSchema: schema }, plain, { ...sampling, json_schema: '{"type":"object"}' }],
    [{ promptCache: 'off' }, { ...plain, extra_key: expect.stringMatching(/.{20}/) }, sampling],
    [{ promptCache: 'mark', tools: [{}] }, plain, sampling],
    [
      { extraBody: { rid: 'r', sampling_params: { top_k: 3 } } },
      { ...plain, rid: 'r' },
      { ...sampling, top_k: 3 },
    ],
  ]
  test.each(knobs)('%j: what is written', (knob, body, params) => {
    expect(encode(knob)).toEqual({ ...body, sampling_params: params })
  })
})
