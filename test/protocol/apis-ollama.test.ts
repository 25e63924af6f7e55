import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiOf } from '../../src/protocol/index.js'
import { content, decode, isWhole, text } from './harness.js'
import { testLaws } from './laws.js'

const write = (event: unknown): Buffer => Buffer.from(`${JSON.stringify(event)}\n`)
const stream = (...events: unknown[]): Buffer => Buffer.concat(events.map(write))

const line = (more: object) => ({ model: 'm', created_at: '2026-01-01T00:00:00.1Z', ...more, done: false })
const chat = (message: object) => line({ message: { role: 'assistant', ...message } })
const ACCOUNT = {
  total_duration: 912_000_000,
  load_duration: 4_000_000,
  prompt_eval_count: 11,
  prompt_eval_duration: 30_000_000,
  eval_count: 64,
  eval_duration: 850_000_000,
}
const last = (more: object) => ({
  ...line({ message: { role: 'assistant', content: '' } }),
  done: true,
  done_reason: 'stop',
  ...more,
})
const CALL = { function: { name: 'f', arguments: { a: 1 } } }

const CHAT = [
  chat({ content: '', thinking: 'Let me' }),
  chat({ content: 'Grüße' }),
  chat({ content: ' ✓' }),
  chat({ content: '', tool_calls: [CALL] }),
  last(ACCOUNT),
]
const GENERATE = [
  line({ response: '', thinking: 'Let me' }),
  line({ response: 'Grüße' }),
  line({ response: ' ✓' }),
  { ...line({ response: '' }), done: true, done_reason: 'length', context: [1, 2, 3], ...ACCOUNT },
]

describe("what of Ollama's lines is output", () => {
  const cases: [what: string, event: object, outputs: number, visible: number, text: string][] = [
    ['content', chat({ content: 'a' }), 1, 1, 'a'],
    ['empty content', chat({ content: '' }), 0, 0, ''],
    ['thinking', chat({ content: '', thinking: 'hm' }), 1, 0, ''],
    ['thinking and content at once', chat({ content: 'a', thinking: 'hm' }), 1, 1, 'a'],
    ['a call of a tool', chat({ content: '', tool_calls: [CALL] }), 1, 1, ''],
    ['no calls', chat({ content: '', tool_calls: [] }), 0, 0, ''],
    ['a response', line({ response: 'a' }), 1, 1, 'a'],
    ['an empty response', line({ response: '' }), 0, 0, ''],
    ['thinking beside a response', line({ response: '', thinking: 'hm' }), 1, 0, ''],
    ['the last line', last(ACCOUNT), 0, 0, ''],
    ['a last line that still says something', last({ message: { content: 'a' } }), 1, 1, 'a'],
  ]
  test.each(cases)('%s', (_what, event, outputs, visible, written) => {
    const heard = decode('ollama-chat', [write(event)])
    expect(heard.events).toBe(1)
    expect(heard.outputs).toHaveLength(outputs)
    expect(heard.outputs.filter((o) => o.visible)).toHaveLength(visible)
    expect(text(heard)).toBe(written)
  })

  test.each([
    ['ollama-chat', CHAT, [false, true, true, true], 'stop'],
    ['ollama-generate', GENERATE, [false, true, true], 'length'],
  ] as const)('a whole answer of %s', (api, events, visible, finish) => {
    const heard = decode(api, [stream(...events)])
    expect(text(heard)).toBe('Grüße ✓')
    expect(heard.outputs.map((o) => o.visible)).toEqual(visible)
    expect(heard).toMatchObject({ models: ['m'], finish, usage: { inputTokens: 11, outputTokens: 64 } })
    expect(isWhole(heard)).toBe(true)
  })

  test('a model that changes is told again', () => {
    const other = { ...chat({ content: 'b' }), model: 'n' }
    expect(decode('ollama-chat', [stream(CHAT[1], CHAT[2], other)]).models).toEqual(['m', 'n'])
  })
})

describe("Ollama's account of its own work", () => {
  const told = { loadNs: 4e6, prefillNs: 3e7, decodeNs: 8.5e8, totalNs: 9.12e8 }
  const { load_duration: _load, prompt_eval_duration: _prompt, ...rest } = ACCOUNT
  const cases: [what: string, account: object, timings: object | undefined][] = [
    ['in nanoseconds, as it is told', ACCOUNT, told],
    ['what is missing took no time', rest, { ...told, loadNs: 0, prefillNs: 0 }],
    ['nothing told is nothing known', { eval_count: 3 }, undefined],
    ['what is no duration is none', { total_duration: -1, eval_duration: 'x' }, undefined],
  ]
  test.each(cases)('%s', (_what, account, timings) => {
    expect(decode('ollama-chat', [write(last(account))]).timings).toEqual(timings)
  })

  test('a prompt that came from its cache may have no count: that is not 0', () => {
    const { prompt_eval_count: _count, ...cached } = ACCOUNT
    expect(decode('ollama-chat', [write(last(cached))]).usage).toEqual({ outputTokens: 64 })
  })
})

describe("how Ollama's lines end", () => {
  test.each(['stop', 'length', 'load', 'unload'])('done_reason %s', (reason) => {
    const heard = decode('ollama-chat', [write(last({ done_reason: reason }))])
    expect(heard).toMatchObject({ finish: reason, terminal: true })
  })

  test('the last line need not have its end', () => {
    const body = stream(...CHAT)
    expect(isWhole(decode('ollama-chat', [body.subarray(0, -1)]))).toBe(true)
  })

  test.each([
    ['an error was encountered while running the model: CUDA error', 'server-error'],
    ['server busy, please try again.  maximum pending requests exceeded', 'overloaded'],
    ['model "llama9" not found, try pulling it first', 'not-found'],
    ['llama runner process has terminated: signal: killed', 'server-error'],
  ])('a line that tells an error (%s) is %s', (error, code) => {
    const heard = decode('ollama-chat', [stream(chat({ content: 'a' }), { error })])
    expect(heard.failure).toBe(code)
    expect(isWhole(heard)).toBe(false)
  })
})

for (const { api, events, field } of [
  { api: 'ollama-chat', events: CHAT, field: (written: string) => chat({ content: written }) },
  { api: 'ollama-generate', events: GENERATE, field: (written: string) => line({ response: written }) },
]) {
  testLaws({
    api,
    events,
    write,
    plain: field,
    alike: fc.oneof(
      { weight: 6, arbitrary: content.map(field) },
      fc.tuple(content, content).map(([written, at]) => ({ ...field(written), created_at: at })),
      content.map((written) => ({ ...field(written), model: written })),
      content.map((written) => ({ ...field(written), done: true })),
      content.map((written) => ({ ...field(written), error: written })),
      content.map((written) => ({ ...field(''), thinking: written })),
      content.map((written) => chat({ content: '', thinking: written })),
      content.map((written) => chat({ content: written, tool_calls: [CALL] })),
    ),
  })
}

describe('an Ollama request', () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
  ]
  const request = {
    model: 'm',
    messages,
    outputTokens: 9,
    exactOutput: true,
    chunkUsage: true,
    extraBody: {},
  }
  const encode = (api: string, more: object) =>
    JSON.parse(apiOf(api).encode({ ...request, ...more })) as object
  const options = { num_predict: 9, temperature: 0 }
  const plain = { model: 'm', stream: true, options }
  const schema = { type: 'object' }

  const knobs: [knob: object, body: object][] = [
    [{}, plain],
    [
      { temperature: 0.7, seed: 5 },
      { ...plain, options: { num_predict: 9, temperature: 0.7, seed: 5 } },
    ],
    [{ jsonSchema: schema }, { ...plain, format: schema }],
    [{ promptCache: 'off' }, plain],
    [
      { extraBody: { keep_alive: '10m', think: false, options: { num_ctx: 4096, temperature: null } } },
      { ...plain, keep_alive: '10m', think: false, options: { num_predict: 9, num_ctx: 4096 } },
    ],
  ]
  test.each(knobs)('%j: what is written', (knob, body) => {
    expect(encode('ollama-chat', knob)).toEqual({ ...body, messages })
    expect(encode('ollama-generate', knob)).toEqual({ ...body, prompt: 'Be brief.\nHi' })
  })

  test('tools go with a chat only', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }]
    expect(encode('ollama-chat', { tools })).toMatchObject({ tools })
    expect(encode('ollama-generate', { tools })).not.toHaveProperty('tools')
  })
})
