import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { content, decode, encoderOf, isWhole, text } from './harness.js'
import { testLaws } from './laws.js'

const API = 'tgi-generate'

/** TGI writes no space after the colon. */
const write = (event: unknown): Buffer => Buffer.from(`data:${JSON.stringify(event)}\n\n`)
const stream = (...events: unknown[]): Buffer => Buffer.concat(events.map(write))

const token = (written: string, more: object = {}, special = false) => ({
  index: 1,
  token: { id: 2501, text: written, logprob: -0.12, special },
  generated_text: null,
  details: null,
  ...more,
})
const details = (reason: string) => ({
  finish_reason: reason,
  generated_tokens: 4,
  seed: null,
  input_length: 3,
})
const last = (reason: string) => token('</s>', { generated_text: 'Grüße ✓!', details: details(reason) }, true)

const ANSWER = [token('Grüße'), token(' ✓'), token('!'), last('eos_token')]

describe('what of a TGI stream is output', () => {
  const cases: [what: string, body: Buffer, outputs: number, visible: number, text: string][] = [
    ['a token', stream(token('a')), 1, 1, 'a'],
    ['a token that is part of a character', stream(token('')), 1, 1, ''],
    ['a special token counts, but is no text', stream(token('</s>', {}, true)), 1, 0, ''],
    ['the last token counts, and the whole text beside it is none', stream(last('eos_token')), 1, 0, ''],
    ['the last token may be text', stream(token('a', { generated_text: 'xxa' })), 1, 1, 'a'],
    ['a comment that keeps the connection', Buffer.from(':\n\n'), 0, 0, ''],
    ['an event without a token', stream({ index: 0, generated_text: null }), 0, 0, ''],
  ]
  test.each(cases)('%s', (_what, body, outputs, visible, written) => {
    const heard = decode(API, [body])
    expect(heard.outputs).toHaveLength(outputs)
    expect(heard.outputs.filter((o) => o.visible)).toHaveLength(visible)
    expect(text(heard)).toBe(written)
    expect(heard.failure).toBeUndefined()
  })

  test('a whole answer: one output for each token, the text of those that have one, and the usage', () => {
    const heard = decode(API, [stream(...ANSWER)])
    expect(text(heard)).toBe('Grüße ✓!')
    expect(heard.usage).toEqual({ inputTokens: 3, outputTokens: heard.outputs.length })
    expect(isWhole(heard)).toBe(true)
  })
})

describe('how a TGI stream ends', () => {
  test.each([
    ['eos_token', 'stop'],
    ['stop_sequence', 'stop'],
    ['length', 'length'],
    ['of tomorrow', 'of tomorrow'],
  ])('%s is %s', (reason, finish) => {
    expect(decode(API, [stream(last(reason))])).toMatchObject({ finish, terminal: true })
  })

  test('an empty text ends it too, and without details there is neither reason nor usage', () => {
    const heard = decode(API, [stream(token('</s>', { generated_text: '' }, true))])
    expect(heard).toMatchObject({ terminal: true, finish: undefined, usage: undefined })
  })

  test.each([
    [{ error: 'Model is overloaded', error_type: 'overloaded' }, 'overloaded'],
    [
      { error: 'Input validation error: `temperature` must be strictly positive', error_type: 'validation' },
      'invalid-request',
    ],
    [
      {
        error:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens',
        error_type: 'validation',
      },
      'context-too-long',
    ],
    [
      { error: 'Request failed during generation: Server error: CUDA', error_type: 'generation' },
      'server-error',
    ],
    [{ error: 'Incomplete generation stream', error_type: 'incomplete_generation_stream' }, 'server-error'],
  ])('%j, told at status 200, is %s', (event, code) => {
    const heard = decode(API, [stream(token('a'), event)])
    expect(heard.failure).toBe(code)
    expect(isWhole(heard)).toBe(false)
  })
})

testLaws({
  api: API,
  events: ANSWER,
  write,
  plain: (written) => token(written, { index: written.length }),
  alike: fc.oneof(
    { weight: 6, arbitrary: content.map((written) => token(written)) },
    fc
      .tuple(content, fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }))
      .map(([written, id, logprob]) => ({
        ...token(written),
        token: { id, text: written, logprob, special: false },
      })),
    content.map((written) => token(written, {}, true)),
    content.map((written) => token(written, { generated_text: written })),
    content.map((written) => token(written, { details: details('length') })),
    content.map((written) => ({ ...token(written), error: written })),
    content.map((written) => ({ ...token(written), token: null })),
  ),
})

describe('a TGI request', () => {
  const encode = encoderOf(API, { exactOutput: true })
  const plain = { max_new_tokens: 9, details: true, do_sample: false }
  const schema = { type: 'object' }

  const knobs: [knob: object, parameters: object][] = [
    [{}, plain],
    [{ temperature: 0 }, plain],
    [
      { temperature: 0.7, seed: 5 },
      { ...plain, do_sample: true, temperature: 0.7, seed: 5 },
    ],
    [{ jsonSchema: schema }, { ...plain, grammar: { type: 'json', value: schema } }],
    [{ promptCache: 'off', tools: [{}] }, plain],
    [
      { extraBody: { parameters: { top_k: 3, details: null } } },
      { max_new_tokens: 9, do_sample: false, top_k: 3 },
    ],
  ]
  test.each(knobs)('%j: what is written', (knob, parameters) => {
    expect(encode(knob)).toEqual({ inputs: 'Be brief.\nHi', parameters })
  })
})
