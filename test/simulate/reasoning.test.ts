import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../src/simulate/index.js'
import {
  type Event,
  type Json,
  jsonOf,
  linesFrom,
  names,
  order,
  startFixed,
  streamFrom,
  wholeFrom,
  words,
} from './wire.js'

const messages = [{ role: 'user', content: 'hello' }]

describe('reasoning', () => {
  let thinker: Simulator
  beforeAll(async () => {
    thinker = await startFixed({ reasoningShare: 0.5 })
  })
  afterAll(() => thinker.close())

  test('is the first half of a chat, apart from its content', async () => {
    const body = { messages, max_tokens: 10, ignore_eos: true, stream: true, stream_interval: 4 }
    const usage = { stream_options: { include_usage: true } }
    const { events } = await streamFrom(thinker.url, '/v1/chat/completions', { ...body, ...usage })
    const all = events.slice(0, -1).map(jsonOf)
    const told = all.map((e) => e.choices[0]?.delta ?? {})
    expect(order(told.map((d) => Object.keys(d).join('+') || 'usage'))).toBe(
      'role+content reasoning×2 content×2 usage',
    )
    expect(words(told.map((d) => d.reasoning ?? '').join(''))).toBe(5)
    expect(all.at(-1).usage.completion_tokens_details).toEqual({ reasoning_tokens: 5 })
    const whole = await wholeFrom(thinker.url, '/v1/chat/completions', { ...body, stream: false })
    const { content, reasoning } = whole.choices[0].message
    expect([words(reasoning), words(content)]).toEqual([5, 5])
  })

  test('is an item of its own in a response', async () => {
    const body = { input: 'hello', max_output_tokens: 4, ignore_eos: true, stream: true }
    const { events } = await streamFrom(thinker.url, '/v1/responses', body)
    expect(names(events)).toBe(
      'response.created response.in_progress response.output_item.added response.content_part.added ' +
        'response.reasoning_text.delta×2 response.reasoning_text.done response.content_part.done ' +
        'response.output_item.done response.output_item.added response.content_part.added ' +
        'response.output_text.delta×2 response.output_text.done response.content_part.done ' +
        'response.output_item.done response.incomplete',
    )
    const { response } = jsonOf(events.at(-1) as Event)
    expect(response.output.map((item: Json) => item.type)).toEqual(['reasoning', 'message'])
    expect(response.usage.output_tokens_details).toEqual({ reasoning_tokens: 2 })
    expect(events.map(jsonOf).map((e) => e.output_index)).toEqual([
      ...[undefined, undefined, 0, 0, 0, 0, 0, 0, 0],
      ...[1, 1, 1, 1, 1, 1, 1, undefined],
    ])
  })

  test('is a thinking block with a signature in a message, unless it is turned off', async () => {
    const body = { model: 'fixed', messages, max_tokens: 4, stream: true }
    const { events } = await streamFrom(thinker.url, '/v1/messages', body)
    const kinds = events.map(jsonOf).map((e) => e.delta?.type ?? e.content_block?.type ?? e.type)
    expect(order(kinds)).toBe(
      'message_start thinking ping thinking_delta×2 signature_delta content_block_stop ' +
        'text text_delta×2 content_block_stop message_delta message_stop',
    )
    expect(jsonOf(events.at(-2) as Event).usage.output_tokens_details).toEqual({ thinking_tokens: 2 })
    const off = await wholeFrom(thinker.url, '/v1/messages', {
      ...body,
      stream: false,
      thinking: { type: 'disabled' },
    })
    expect(off.content.map((block: Json) => block.type)).toEqual(['text'])
  })

  test('is thinking to Ollama', async () => {
    const body = { model: 'fixed', messages, options: { num_predict: 4 } }
    const lines = await linesFrom(thinker.url, '/api/chat', body)
    expect(words(lines.map((l) => l.message.thinking ?? '').join(''))).toBe(2)
    expect(words(lines.map((l) => l.message.content).join(''))).toBe(2)
    const off = await linesFrom(thinker.url, '/api/chat', { ...body, think: false })
    expect(words(off.map((l) => l.message.content).join(''))).toBe(4)
  })
})
