import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  content,
  decode,
  eventsOf,
  isWhole,
  namedSse,
  recorded,
  type SseEvent,
  splits,
  sse,
  text,
  withoutText,
  writeTyped,
} from './harness.js'
import { testLaws } from './laws.js'

const API = 'anthropic-messages'

const typed = (type: string, fields: object = {}): SseEvent => [type, { type, ...fields }]
const delta = (fields: object, index = 0): SseEvent => typed('content_block_delta', { index, delta: fields })
const textDelta = (written: string): SseEvent => delta({ type: 'text_delta', text: written })
const thinkingDelta = (written: string): SseEvent => delta({ type: 'thinking_delta', thinking: written })
const jsonDelta = (written: string): SseEvent => delta({ type: 'input_json_delta', partial_json: written })
const block = (fields: object, index = 0): SseEvent =>
  typed('content_block_start', { index, content_block: fields })
const start = (usage: object): SseEvent =>
  typed('message_start', {
    message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage },
  })
const ending = (reason: string | null, usage: object): SseEvent =>
  typed('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage })
const STOP = typed('message_stop')
const PING = typed('ping')
const OVERLOADED: SseEvent = [
  'error',
  { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' },
]

/** Thinking, text and a call, in the order of a real answer. */
const ANSWER: readonly SseEvent[] = [
  start({ input_tokens: 9, cache_creation_input_tokens: 3, cache_read_input_tokens: 20, output_tokens: 1 }),
  PING,
  block({ type: 'thinking', thinking: '', signature: '' }),
  thinkingDelta('Let me'),
  delta({ type: 'signature_delta', signature: 'AbC=' }),
  typed('content_block_stop', { index: 0 }),
  block({ type: 'text', text: '' }, 1),
  textDelta('Grüße'),
  textDelta(''),
  textDelta(' ✓'),
  delta({ type: 'citations_delta', citation: { cited_text: 'x' } }),
  PING,
  typed('content_block_stop', { index: 1 }),
  block({ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }, 2),
  jsonDelta(''),
  jsonDelta('{"a":'),
  jsonDelta('1}'),
  typed('content_block_stop', { index: 2 }),
  ending('tool_use', { output_tokens: 12, output_tokens_details: { thinking_tokens: 4 } }),
  STOP,
]

describe('what of a Messages stream is output', () => {
  const cases: [what: string, event: SseEvent, outputs: number, visible: number][] = [
    ['text', textDelta('a'), 1, 1],
    ['text that is empty: usage counts it', textDelta(''), 0, 0],
    ['thinking', thinkingDelta('hm'), 1, 0],
    ['thinking that is empty', thinkingDelta(''), 0, 0],
    ['input of a tool', jsonDelta('{"a'), 1, 1],
    ['the empty input that precedes it', jsonDelta(''), 0, 0],
    ['a signature', delta({ type: 'signature_delta', signature: 'AbC=' }), 0, 0],
    ['a citation', delta({ type: 'citations_delta', citation: {} }), 0, 0],
    ['a delta of tomorrow', delta({ type: 'telepathy_delta', text: 'a' }), 0, 0],
    ['a block of text that begins', block({ type: 'text', text: '' }), 0, 0],
    ['a block that begins with its text', block({ type: 'text', text: 'a' }), 1, 1],
    ['thinking that begins', block({ type: 'thinking', thinking: '', signature: '' }), 0, 0],
    ['thinking that is kept secret', block({ type: 'redacted_thinking', data: 'xyz' }), 0, 0],
    ['the name of a tool', block({ type: 'tool_use', id: 't', name: 'f', input: {} }), 1, 1],
    [
      "the name of a server's tool",
      block({ type: 'server_tool_use', id: 't', name: 'web', input: {} }),
      1,
      1,
    ],
    ['a result of a tool', block({ type: 'web_search_tool_result', content: [] }), 0, 0],
    ['a block that ends', typed('content_block_stop', { index: 0 }), 0, 0],
    ['a ping', PING, 0, 0],
    ['the start, though it counts a token', start({ input_tokens: 9, output_tokens: 1 }), 0, 0],
    ['the end with its usage', ending('end_turn', { output_tokens: 12 }), 0, 0],
    ['the last event', STOP, 0, 0],
    ['an event of tomorrow', typed('telepathy', { delta: { type: 'text_delta', text: 'a' } }), 0, 0],
  ]
  test.each(cases)('%s', (_what, event, outputs, visible) => {
    const heard = decode(API, [namedSse([event])])
    expect(heard.events).toBe(1)
    expect(heard.outputs).toHaveLength(outputs)
    expect(heard.outputs.filter((o) => o.visible)).toHaveLength(visible)
    expect(heard.failure).toBeUndefined()
  })

  test('a whole answer: the text is that of its text blocks alone, and every event was heard', () => {
    const heard = decode(API, [namedSse(ANSWER)])
    expect(text(heard)).toBe('Grüße ✓')
    expect(heard.outputs.map((o) => o.visible)).toEqual([false, true, true, true, true, true])
    expect(heard).toMatchObject({ events: ANSWER.length, models: ['m'], finish: 'tool_use' })
    expect(isWhole(heard)).toBe(true)
  })

  test('the type inside an event is enough, and so is its name', () => {
    const whole = decode(API, [namedSse(ANSWER)])
    expect(decode(API, [sse(...ANSWER.map(([, data]) => data))])).toEqual(whole)
    const typeless = ANSWER.map(([name, data]): SseEvent => [name, { ...(data as object), type: undefined }])
    expect(decode(API, [namedSse(typeless)])).toEqual(whole)
  })
})

describe('Messages streams recorded from vLLM 0.32.0', () => {
  test.each([
    ['messages.sse', 'length', { inputTokens: 30, outputTokens: 12 }],
    ['messages-json.sse', 'stop', { inputTokens: 21, outputTokens: 2 }],
  ])('%s: what a slow reading finds, under any split of the bytes', (file, finish, counts) => {
    const body = recorded(`vllm-0.32.0/${file}`)
    const events = eventsOf(body)
    const written = events.flatMap(({ delta: d }) => (d as { text?: string } | undefined)?.text ?? [])
    expect(written.length).toBeGreaterThan(0)
    fc.assert(
      fc.property(splits(body), (pieces) => {
        const heard = decode(API, pieces)
        expect(heard.outputs).toEqual(written.map((t) => ({ tokens: -1, visible: true, text: t })))
        expect(heard).toMatchObject({ events: events.length, finish, models: ['light'] })
        expect(heard.usage).toEqual({ ...counts, cachedTokens: 0 })
        expect(isWhole(heard)).toBe(true)
        expect(decode(API, pieces, false)).toEqual(withoutText(heard))
      }),
      { numRuns: 60 },
    )
  })

  test('one prompt through chat, Responses and Messages: the same text and the same counts', () => {
    const chat = decode('openai-chat', [recorded('vllm-0.32.0/chat-same-prompt.sse')])
    const counts = { inputTokens: 30, outputTokens: 12, cachedTokens: 0 }
    expect(chat.usage).toEqual(counts)
    for (const [api, file] of [
      [API, 'messages.sse'],
      ['openai-responses', 'responses.sse'],
    ] as const) {
      const heard = decode(api, [recorded(`vllm-0.32.0/${file}`)])
      expect(text(heard)).toBe(text(chat))
      expect(heard.usage).toMatchObject(counts)
      expect(heard.finish).toBe(chat.finish)
    }
  })
})

describe('the usage of a Messages stream', () => {
  const cases: [what: string, events: readonly SseEvent[], usage: object | undefined][] = [
    [
      'the prompt is what was read anew, put into the cache and read from it',
      ANSWER,
      { inputTokens: 32, cachedTokens: 20, outputTokens: 12, reasoningTokens: 4 },
    ],
    [
      'counts are totals, and the last one told holds',
      [
        start({ input_tokens: 9, output_tokens: 1 }),
        ending(null, { output_tokens: 5 }),
        ending('end_turn', { output_tokens: 12 }),
      ],
      { inputTokens: 9, outputTokens: 12 },
    ],
    [
      'what the end says of the prompt corrects the start (vLLM, with the cache told late)',
      [
        start({ input_tokens: 40, output_tokens: 0 }),
        ending('end_turn', { input_tokens: 8, cache_read_input_tokens: 32, output_tokens: 5 }),
      ],
      { inputTokens: 40, cachedTokens: 32, outputTokens: 5 },
    ],
    [
      'null is not told',
      [
        start({ input_tokens: 9, cache_read_input_tokens: 2, output_tokens: 1 }),
        ending('end_turn', {
          ...{ input_tokens: null, cache_read_input_tokens: null, output_tokens_details: null },
          output_tokens: 3,
        }),
      ],
      { inputTokens: 11, cachedTokens: 2, outputTokens: 3 },
    ],
    [
      'an answer that was cut has no output count: that of the start is a placeholder',
      [start({ input_tokens: 9, output_tokens: 1 }), textDelta('a')],
      { inputTokens: 9 },
    ],
    ['none at all', [textDelta('a'), STOP], undefined],
  ]
  test.each(cases)('%s', (_what, events, usage) => {
    expect(decode(API, [namedSse(events)]).usage).toEqual(usage)
  })
})

describe('how a Messages stream ends', () => {
  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_use'],
    ['pause_turn', 'pause_turn'],
    ['refusal', 'refusal'],
  ])('stop reason %s is %s', (reason, finish) => {
    const heard = decode(API, [namedSse([textDelta('a'), ending(reason, { output_tokens: 1 }), STOP])])
    expect(heard.finish).toBe(finish)
    expect(isWhole(heard)).toBe(true)
  })

  const failures: [what: string, event: SseEvent, code: string][] = [
    ['overloaded', OVERLOADED, 'overloaded'],
    [
      "vLLM's",
      ['error', { type: 'error', error: { type: 'internal_error', message: 'boom' } }],
      'server-error',
    ],
    ["SGLang's", ['error', { type: 'error', error: { type: 'api_error', message: 'boom' } }], 'server-error'],
    ["llama.cpp's, flat", ['error', { code: 500, message: 'boom', type: 'server_error' }], 'server-error'],
    ['without a name', ['message', OVERLOADED[1]], 'overloaded'],
    [
      'at a limit',
      ['error', { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } }],
      'rate-limited',
    ],
  ]
  test.each(failures)(
    'an error inside (%s) is a failure, and message_stop after it no success',
    (_w, event, code) => {
      const heard = decode(API, [
        namedSse([textDelta('a'), event, ending('end_turn', { output_tokens: 1 }), STOP]),
      ])
      expect(heard.failure).toBe(code)
      expect(isWhole(heard)).toBe(false)
    },
  )

  test("another API's marker is no end", () => {
    expect(isWhole(decode(API, [namedSse(ANSWER.slice(0, -1)), sse('[DONE]')]))).toBe(false)
  })
})

const like = (written: string, name: string, fields: object): SseEvent => [
  name,
  { ...(textDelta(written)[1] as object), ...fields },
]

testLaws({
  api: API,
  events: ANSWER.map(([, data]) => data),
  write: writeTyped,
  plain: textDelta,
  alike: fc.oneof(
    { weight: 6, arbitrary: content.map(textDelta) },
    content.map(thinkingDelta),
    content.map(jsonDelta),
    fc
      .tuple(content, fc.nat(4))
      .map(([written, index]) => delta({ type: 'text_delta', text: written }, index)),
    // The text where the type has no use for it.
    content.map((written) => delta({ type: 'thinking_delta', text: written })),
    content.map((written) => delta({ type: 'text_delta', text: written, thinking: written })),
    content.map((written) => like(written, 'message', {})),
    content.map((written) => like(written, 'error', {})),
    content.map((written) => like(written, 'x', { type: 'error' })),
    content.map((written) => like(written, 'ping', { type: 'ping' })),
    fc.constantFrom<SseEvent>(PING, STOP, OVERLOADED, block({ type: 'text', text: '' })),
  ),
})
