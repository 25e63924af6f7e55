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

const API = 'openai-responses'

/** An event whose name is its type, as OpenAI and vLLM send it. */
const typed = (type: string, fields: object): SseEvent => [type, { type, sequence_number: 4, ...fields }]
const delta = (kind: string, written: string): SseEvent =>
  typed(`response.${kind}.delta`, { item_id: 'msg_1', output_index: 0, content_index: 0, delta: written })
const item = (fields: object): SseEvent =>
  typed('response.output_item.added', { output_index: 0, item: { id: 'x', ...fields } })

const USAGE = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 16,
}
const end = (kind: string, response: object): SseEvent =>
  typed(`response.${kind}`, {
    response: { id: 'resp_1', status: kind, model: 'm', usage: USAGE, ...response },
  })

/** Reasoning, text and a call, in the order of a real answer. */
const ANSWER: readonly SseEvent[] = [
  typed('response.created', { response: { id: 'resp_1', status: 'in_progress', model: 'm', usage: null } }),
  typed('response.in_progress', { response: { id: 'resp_1', status: 'in_progress', model: 'm' } }),
  item({ type: 'reasoning', summary: [] }),
  delta('reasoning_text', 'Let me'),
  delta('reasoning_summary_text', 'Thinks'),
  item({ type: 'message', role: 'assistant', content: [] }),
  typed('response.content_part.added', { part: { type: 'output_text', text: '', annotations: [] } }),
  delta('output_text', 'Grüße'),
  delta('output_text', ' ✓'),
  delta('output_text', '!'),
  typed('response.output_text.done', { text: 'Grüße ✓!' }),
  typed('response.content_part.done', { part: { type: 'output_text', text: 'Grüße ✓!' } }),
  typed('response.output_item.done', { item: { type: 'message', content: [{ text: 'Grüße ✓!' }] } }),
  item({ type: 'function_call', name: 'f', arguments: '' }),
  delta('function_call_arguments', '{"a":'),
  delta('function_call_arguments', '1}'),
  end('completed', {}),
]

describe('what of a Responses stream is output', () => {
  const cases: [what: string, event: SseEvent, outputs: number, visible: number][] = [
    ['text', delta('output_text', 'a'), 1, 1],
    ['text that is empty', delta('output_text', ''), 0, 0],
    ['a refusal', delta('refusal', 'No'), 1, 1],
    ['arguments of a call', delta('function_call_arguments', '{"a'), 1, 1],
    ['input of a custom tool', delta('custom_tool_call_input', 'x'), 1, 1],
    ['reasoning', delta('reasoning_text', 'hm'), 1, 0],
    ['a summary of reasoning', delta('reasoning_summary_text', 'hm'), 1, 0],
    ['the name of a function', item({ type: 'function_call', name: 'f', arguments: '' }), 1, 1],
    ['the name of a custom tool', item({ type: 'custom_tool_call', name: 'f', input: '' }), 1, 1],
    ['a call without a name', item({ type: 'function_call', name: '' }), 0, 0],
    ['a message that begins', item({ type: 'message', role: 'assistant', content: [] }), 0, 0],
    ['reasoning that begins', item({ type: 'reasoning', summary: [] }), 0, 0],
    ['the creation', typed('response.created', { response: { status: 'in_progress' } }), 0, 0],
    ['the queue', typed('response.queued', { response: { status: 'queued' } }), 0, 0],
    ['the start', typed('response.in_progress', { response: { status: 'in_progress' } }), 0, 0],
    ['a part that begins', typed('response.content_part.added', { part: { text: '' } }), 0, 0],
    ['the whole text, again', typed('response.output_text.done', { text: 'a' }), 0, 0],
    ['the whole item, again', typed('response.output_item.done', { item: { name: 'f' } }), 0, 0],
    ['the end with its usage', end('completed', {}), 0, 0],
    ['an event of tomorrow', typed('response.telepathy.delta', { delta: 'a', response: 1 }), 0, 0],
  ]
  test.each(cases)('%s', (_what, event, outputs, visible) => {
    const heard = decode(API, [namedSse([event])])
    expect(heard.events).toBe(1)
    expect(heard.outputs).toHaveLength(outputs)
    expect(heard.outputs.filter((o) => o.visible)).toHaveLength(visible)
    expect(heard.failure).toBeUndefined()
  })

  test('a whole answer: the text is that of output_text alone, and every event was heard', () => {
    const heard = decode(API, [namedSse(ANSWER)])
    expect(text(heard)).toBe('Grüße ✓!')
    expect(heard.outputs.map((o) => o.visible)).toEqual([false, false, true, true, true, true, true, true])
    expect(heard).toMatchObject({ events: ANSWER.length, models: ['m'], finish: 'stop' })
    expect(heard.usage).toEqual({ inputTokens: 9, outputTokens: 7, cachedTokens: 4, reasoningTokens: 2 })
    expect(isWhole(heard)).toBe(true)
  })

  test("llama.cpp's reduced set, without numbers and places, is understood as well", () => {
    const heard = decode(API, [
      namedSse([
        ['response.created', { type: 'response.created', response: { id: 'r', status: 'in_progress' } }],
        ['response.output_item.added', { type: 'response.output_item.added', item: { type: 'message' } }],
        ['response.output_text.delta', { type: 'response.output_text.delta', item_id: 'm', delta: 'Hi' }],
        [
          'response.completed',
          {
            type: 'response.completed',
            response: {
              status: 'completed',
              model: 'gguf',
              usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
            },
          },
        ],
      ]),
    ])
    expect(text(heard)).toBe('Hi')
    expect(heard.usage).toEqual({ inputTokens: 3, outputTokens: 1 })
    expect(isWhole(heard)).toBe(true)
  })

  test('the type inside an event is enough, and so is its name', () => {
    const nameless = sse(...ANSWER.map(([, data]) => data))
    const typeless = namedSse(ANSWER.map(([name, data]) => [name, { ...(data as object), type: undefined }]))
    const whole = decode(API, [namedSse(ANSWER)])
    expect(decode(API, [nameless])).toEqual(whole)
    expect(decode(API, [typeless])).toEqual(whole)
  })
})

describe('Responses streams recorded from vLLM 0.32.0', () => {
  test.each([
    // Ends with `response.completed` and the status "incomplete"; one of its chunks holds several tokens.
    ['responses.sse', 'length', { inputTokens: 30, outputTokens: 12 }],
    ['responses-json.sse', 'stop', { inputTokens: 30, outputTokens: 2 }],
  ])('%s: what a slow reading finds, under any split of the bytes', (file, finish, counts) => {
    const body = recorded(`vllm-0.32.0/${file}`)
    const events = eventsOf(body)
    const written = events.flatMap(({ type, delta: d }) => (type === 'response.output_text.delta' ? [d] : []))
    expect(written.length).toBeGreaterThan(0)
    fc.assert(
      fc.property(splits(body), (pieces) => {
        const heard = decode(API, pieces)
        expect(heard.outputs).toEqual(written.map((t) => ({ tokens: -1, visible: true, text: t })))
        expect(heard).toMatchObject({ events: events.length, finish, models: ['light'] })
        expect(heard.usage).toEqual({ ...counts, cachedTokens: 0, reasoningTokens: 0 })
        expect(isWhole(heard)).toBe(true)
        expect(decode(API, pieces, false)).toEqual(withoutText(heard))
      }),
      { numRuns: 60 },
    )
  })
})

describe('how a Responses stream ends', () => {
  const finishes: [what: string, event: SseEvent, finish: string][] = [
    ['completed', end('completed', {}), 'stop'],
    ['out of tokens', end('incomplete', { incomplete_details: { reason: 'max_output_tokens' } }), 'length'],
    ['filtered', end('incomplete', { incomplete_details: { reason: 'content_filter' } }), 'content_filter'],
    ['incomplete for no reason told', end('incomplete', { incomplete_details: null }), 'length'],
    [
      'completed in name, out of tokens by its status (vLLM)',
      end('completed', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
      'length',
    ],
  ]
  test.each(finishes)('%s: a whole answer', (_what, event, finish) => {
    const heard = decode(API, [namedSse([delta('output_text', 'a'), event])])
    expect(heard.finish).toBe(finish)
    expect(heard.usage?.outputTokens).toBe(7)
    expect(isWhole(heard)).toBe(true)
  })

  const failures: [what: string, event: SseEvent, code: string][] = [
    [
      'failed',
      end('failed', { error: { code: 'server_error', message: 'The model broke' }, usage: null }),
      'server-error',
    ],
    ['failed for no reason told', end('failed', { error: null }), 'server-error'],
    [
      'failed at a limit',
      end('failed', { error: { code: 'rate_limit_exceeded', message: 'Slow down' } }),
      'rate-limited',
    ],
    ['completed in name, failed by its status', end('completed', { status: 'failed' }), 'server-error'],
    ['cancelled', end('cancelled', {}), 'server-error'],
    ['a status of tomorrow', end('completed', { status: 'daydreaming' }), 'server-error'],
    [
      'a flat error',
      ['error', { type: 'error', code: 'server_error', message: 'boom', param: null, sequence_number: 3 }],
      'server-error',
    ],
    [
      'a nested error',
      ['error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
      'overloaded',
    ],
    ['an error without a type', ['error', { message: 'boom' }], 'server-error'],
    [
      'an error as chat sends it',
      ['message', { error: { message: 'Internal server error', type: 'InternalServerError', code: 500 } }],
      'server-error',
    ],
  ]
  test.each(failures)('%s: a failure, whatever follows', (_what, event, code) => {
    const heard = decode(API, [namedSse([delta('output_text', 'a'), event, end('completed', {})])])
    expect(heard.failure).toBe(code)
    expect(isWhole(heard)).toBe(false)
  })

  test("another API's marker is no end", () => {
    expect(isWhole(decode(API, [namedSse(ANSWER.slice(0, -1)), sse('[DONE]')]))).toBe(false)
  })

  test('a marker of the older APIs behind the end does no harm', () => {
    expect(isWhole(decode(API, [namedSse(ANSWER), sse('[DONE]')]))).toBe(true)
  })
})

const KINDS = ['output_text', 'reasoning_text', 'function_call_arguments', 'refusal', 'telepathy']
const like = (written: string, name: string, fields: object): SseEvent => [
  name,
  { ...(delta('output_text', written)[1] as object), ...fields },
]

testLaws({
  api: API,
  events: ANSWER.map(([, data]) => data),
  write: writeTyped,
  plain: (written) => delta('output_text', written),
  alike: fc.oneof(
    { weight: 6, arbitrary: content.map((written) => delta('output_text', written)) },
    fc.tuple(fc.constantFrom(...KINDS), content).map(([kind, written]) => delta(kind, written)),
    fc
      .record({ delta: content, sequence_number: fc.nat(), item_id: content, obfuscation: content })
      .map((fields) => typed('response.output_text.delta', fields)),
    content.map((written) => like(written, 'message', {})),
    content.map((written) => like(written, 'error', {})),
    content.map((written) => like(written, 'x', { type: 'error' })),
    fc.constant(typed('response.output_text.delta', { delta: 3 })),
    fc.constant(end('completed', {})),
    fc.constant(['message', '[DONE]']),
  ),
})
