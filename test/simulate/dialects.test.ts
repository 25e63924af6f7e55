import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../src/simulate/index.js'
import {
  type Event,
  eventsOf,
  type Json,
  jsonOf,
  linesFrom,
  names,
  post,
  startFixed,
  streamFrom,
  wholeFrom,
  words,
} from './wire.js'

const messages = [{ role: 'user', content: 'hello' }]
/** One token of text, four of its message, three for the answer. */
const CHAT_TOKENS = 8

let simulator: Simulator
let url = ''
beforeAll(async () => {
  simulator = await startFixed()
  url = simulator.url
})
afterAll(() => simulator.close())

const streamOf = (path: string, body: object) => streamFrom(url, path, body)
const wholeOf = (path: string, body: object) => wholeFrom(url, path, body)
const linesOf = (path: string, body: object) => linesFrom(url, path, body)

describe('OpenAI Responses', () => {
  const ask = { model: 'fixed', input: 'hello', max_output_tokens: 3, ignore_eos: true, stream: true }

  test('events come in their order, numbered, each with its type inside', async () => {
    const { events, type } = await streamOf('/v1/responses', ask)
    expect(type).toBe('text/event-stream; charset=utf-8')
    expect(names(events)).toBe(
      'response.created response.in_progress response.output_item.added response.content_part.added ' +
        'response.output_text.delta×3 response.output_text.done response.content_part.done ' +
        'response.output_item.done response.incomplete',
    )
    const all = events.map(jsonOf)
    expect(all.map((e) => e.type)).toEqual(events.map((e) => e.name))
    expect(all.map((e) => e.sequence_number)).toEqual(all.map((_, i) => i))
    const text = all.map((e) => e.delta ?? '').join('')
    expect(words(text)).toBe(3)
    expect(all[7].text).toBe(text)
    expect(all[9].item.content).toEqual([{ type: 'output_text', text, annotations: [], logprobs: [] }])
    expect(new Set(all.slice(3, 9).map((e) => e.item_id)).size).toBe(1)
    const { response } = all[10]
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [all[9].item],
      usage: { input_tokens: CHAT_TOKENS, output_tokens: 3, total_tokens: CHAT_TOKENS + 3 },
    })
  })

  test('an answer that ends by itself is completed, and its end token counts but is not seen', async () => {
    const body = { ...ask, max_output_tokens: 4000, ignore_eos: false, temperature: 0 }
    const { events } = await streamOf('/v1/responses', body)
    const all = events.map(jsonOf)
    const { response } = all.at(-1)
    expect([all.at(-1).type, response.status]).toEqual(['response.completed', 'completed'])
    expect(response.usage.output_tokens).toBe(words(response.output[0].content[0].text) + 1)
    const whole = await wholeOf('/v1/responses', { ...body, stream: false })
    expect(whole.output[0].content).toEqual(response.output[0].content)
    expect(whole.usage).toEqual(response.usage)
  })

  test('it says that it was created before the first token is there', async () => {
    const slow = await startFixed({ ttftMs: 3_600_000 })
    const response = await fetch(`${slow.url}/v1/responses`, { method: 'POST', body: JSON.stringify(ask) })
    const { value } = await (response.body as ReadableStream<Uint8Array>).getReader().read()
    expect(new TextDecoder().decode(value)).toMatch(/^event: response\.created\n/)
    await slow.close()
  })

  test('instructions and lists of messages count as the same messages do in chat', async () => {
    const listed = { ...ask, stream: false, instructions: 'be brief', input: messages }
    const chat = { messages: [{ role: 'system', content: 'be brief' }, ...messages], max_tokens: 3 }
    const { usage } = await wholeOf('/v1/responses', listed)
    expect(usage.input_tokens).toBe((await wholeOf('/v1/chat/completions', chat)).usage.prompt_tokens)
  })
})

describe('Anthropic Messages', () => {
  const ask = { model: 'fixed', messages, max_tokens: 3, stream: true }

  test('events come in their order, each with its type inside, a ping among them', async () => {
    const { events, headers } = await streamOf('/v1/messages', ask)
    expect(names(events)).toBe(
      'message_start content_block_start ping content_block_delta×3 content_block_stop message_delta message_stop',
    )
    const all = events.map(jsonOf)
    expect(all.map((e) => e.type)).toEqual(events.map((e) => e.name))
    expect(all[0].message).toMatchObject({
      role: 'assistant',
      content: [],
      stop_reason: null,
      usage: { input_tokens: CHAT_TOKENS, output_tokens: 1, cache_read_input_tokens: 0 },
    })
    expect(words(all.map((e) => e.delta?.text ?? '').join(''))).toBe(3)
    expect(all[7]).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'max_tokens', stop_sequence: null },
      usage: { output_tokens: 3 },
    })
    expect(headers.get('request-id')).toMatch(/^req_/)
  })

  test('in one piece it says the same', async () => {
    const whole = await wholeOf('/v1/messages', { ...ask, stream: false })
    expect(whole).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'max_tokens' })
    expect(whole.content).toEqual([{ type: 'text', text: expect.stringMatching(/^( [a-z]+){3}$/) }])
    expect(whole.usage).toMatchObject({ input_tokens: CHAT_TOKENS, output_tokens: 3 })
  })

  test('tokens can be counted without generating any, and agree with usage', async () => {
    const system = [{ type: 'text', text: 'be brief' }]
    const counted = await wholeOf('/v1/messages/count_tokens', { model: 'fixed', system, messages })
    const whole = await wholeOf('/v1/messages', { ...ask, stream: false, system })
    expect(counted).toEqual({ input_tokens: whole.usage.input_tokens })
    expect(counted.input_tokens).toBe(CHAT_TOKENS + 6)
  })

  test('errors are in its own shape', async () => {
    const unknown = await post(url, '/v1/messages', { ...ask, model: 'other' })
    expect(unknown.status).toBe(404)
    expect(JSON.parse(unknown.text)).toMatchObject({ type: 'error', error: { type: 'not_found_error' } })
    const { max_tokens: _, ...withoutLimit } = ask
    const missing = await post(url, '/v1/messages', withoutLimit)
    expect(missing.status).toBe(400)
    expect(JSON.parse(missing.text).error).toMatchObject({ type: 'invalid_request_error' })
  })
})

describe('TGI', () => {
  const inputs = 'one two three'
  const ask = { inputs, parameters: { max_new_tokens: 3, details: true } }

  test('one event per token, the last with the whole text; no space after the colon and no [DONE]', async () => {
    const { events, text, headers } = await streamOf('/generate_stream', ask)
    expect(text).toMatch(/^data:\{/)
    const all = events.map(jsonOf)
    expect(all.map((e) => e.index)).toEqual([1, 2, 3])
    expect(all.map((e) => e.generated_text === null)).toEqual([true, true, false])
    expect(all[2].generated_text).toBe(all.map((e) => e.token.text).join(''))
    expect(all.map((e) => e.details)).toEqual([
      null,
      null,
      { finish_reason: 'length', generated_tokens: 3, seed: null, input_length: 3 },
    ])
    expect(headers.get('x-total-time')).toBeNull()
  })

  test('the end token is a special one, and no text', async () => {
    const { events } = await streamOf('/generate_stream', {
      inputs,
      parameters: { max_new_tokens: 4000, details: true },
    })
    const last = jsonOf(events.at(-1) as Event)
    expect(last.token).toMatchObject({ special: true, text: '</s>' })
    expect(last.details).toMatchObject({ finish_reason: 'eos_token', generated_tokens: events.length })
    expect(words(last.generated_text)).toBe(events.length - 1)
  })

  test('in one piece it tells its times in headers, and through / it is a list of one', async () => {
    const { text, headers } = await post(url, '/generate', ask)
    const whole = JSON.parse(text)
    expect(whole.details).toMatchObject({ generated_tokens: 3, input_length: 3 })
    expect(whole.details.tokens.map((t: Json) => t.text).join('')).toBe(whole.generated_text)
    expect([headers.get('x-prompt-tokens'), headers.get('x-generated-tokens')]).toEqual(['3', '3'])
    expect(Number(headers.get('x-total-time'))).toBeGreaterThanOrEqual(7)
    expect(await wholeOf('/', ask)).toEqual([whole])
    const { events } = await streamOf('/', { ...ask, stream: true })
    expect(events).toHaveLength(3)
  })

  test('a stream is refused with status 200, an answer in one piece with its own', async () => {
    const bad = { inputs, parameters: { max_new_tokens: 0 } }
    const streamed = await post(url, '/generate_stream', bad)
    expect([streamed.status, streamed.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    const [event] = eventsOf(streamed.text)
    expect(jsonOf(event as Event)).toMatchObject({ error_type: 'validation' })
    expect((await post(url, '/generate', bad)).status).toBe(422)
  })

  test('/info tells the limits', async () => {
    const info = (await (await fetch(`${url}/info`)).json()) as Json
    expect(info).toMatchObject({ model_id: 'fixed', max_total_tokens: 131072, max_input_tokens: 131071 })
  })
})

describe('Ollama', () => {
  const options = { num_predict: 3 }

  test('streams unless told not to, a line per token and a last one with counts and durations', async () => {
    const { headers } = await post(url, '/api/chat', { model: 'fixed', messages, options })
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    const lines = await linesOf('/api/chat', { model: 'fixed', messages, options })
    expect(lines.map((l) => l.done)).toEqual([false, false, false, true])
    expect(words(lines.map((l) => l.message.content).join(''))).toBe(3)
    const last = lines[3]
    expect(last).toMatchObject({ done_reason: 'length', prompt_eval_count: CHAT_TOKENS, eval_count: 3 })
    // The server without an engine keeps to its times: 5 ms to the first token, 1 ms to each of the two others.
    expect([last.prompt_eval_duration, last.eval_duration, last.total_duration]).toEqual([5e6, 2e6, 7e6])
    expect('load_duration' in last).toBe(false)
  })

  test('/api/generate gives text and, at the end, the context', async () => {
    const lines = await linesOf('/api/generate', { model: 'fixed:latest', prompt: 'hello', options })
    expect(words(lines.map((l) => l.response).join(''))).toBe(3)
    expect(lines.at(-1)).toMatchObject({ model: 'fixed:latest', prompt_eval_count: CHAT_TOKENS })
    expect(lines.at(-1).context).toHaveLength(CHAT_TOKENS + 3)
    const raw = await wholeOf('/api/generate', {
      model: 'fixed',
      prompt: 'hello',
      raw: true,
      stream: false,
      options,
    })
    expect(raw).toMatchObject({ done: true, prompt_eval_count: 1, eval_count: 3 })
  })

  test('a prompt beyond num_ctx is cut without a word', async () => {
    const body = { model: 'fixed', prompt: 'a '.repeat(100), raw: true, stream: false }
    const cut = await wholeOf('/api/generate', { ...body, options: { ...options, num_ctx: 40 } })
    expect(cut.prompt_eval_count).toBe(39)
  })

  test('the side doors: models, what is loaded, version, and what a model is', async () => {
    const get = async (path: string): Promise<Json> => (await fetch(`${url}${path}`)).json()
    expect((await get('/api/tags')).models).toMatchObject([{ name: 'fixed:latest' }])
    expect((await get('/api/ps')).models).toMatchObject([{ model: 'fixed:latest', context_length: 131072 }])
    expect((await get('/api/version')).version).toMatch(/^\d+\.\d+\.\d+$/)
    expect((await wholeOf('/api/show', { model: 'fixed' })).model_info['falloff.context_length']).toBe(131072)
    expect(await (await fetch(url)).text()).toBe('Ollama is running')
    const unknown = await post(url, '/api/chat', { model: 'other', messages })
    expect([unknown.status, Object.keys(JSON.parse(unknown.text))]).toEqual([404, ['error']])
  })
})

describe('llama.cpp', () => {
  const ask = { prompt: 'one two three', n_predict: 3, ignore_eos: true, stream: true }

  test('an event per token, then one without text that has the timings; no [DONE]', async () => {
    const { events } = await streamOf('/completion', ask)
    const all = events.map(jsonOf)
    expect(all.map((e) => e.stop)).toEqual([false, false, false, true])
    expect(all.map((e) => e.tokens_predicted)).toEqual([1, 2, 3, 3])
    expect(all[3]).toMatchObject({ content: '', stop_type: 'limit', tokens_evaluated: 3, tokens_cached: 5 })
    expect(all[3].timings).toMatchObject({
      cache_n: 0,
      prompt_n: 3,
      prompt_ms: 5,
      predicted_n: 3,
      predicted_ms: 2,
      predicted_per_second: 1500,
    })
  })

  test('progress and timings come along where they are asked for', async () => {
    const { events } = await streamOf('/completion', {
      ...ask,
      return_progress: true,
      timings_per_token: true,
    })
    const all = events.map(jsonOf)
    expect(all[0].prompt_progress).toEqual({ total: 3, cache: 0, processed: 3, time_ms: 5 })
    expect(all.slice(1).map((e) => e.timings.predicted_n)).toEqual([1, 2, 3, 3])
  })

  test('in one piece, by token ids, with /props, /slots and its own /tokenize', async () => {
    const whole = await wholeOf('/completion', { ...ask, prompt: [7, 8], stream: false })
    expect(whole).toMatchObject({ stop: true, tokens_evaluated: 2, tokens_predicted: 3 })
    expect(words(whole.content)).toBe(3)
    const get = async (path: string): Promise<Json> => (await fetch(`${url}${path}`)).json()
    const props = await get('/props')
    expect(props).toMatchObject({ total_slots: 256, default_generation_settings: { n_ctx: 131072 } })
    expect(await get('/slots')).toHaveLength(256)
    expect((await wholeOf('/tokenize', { content: 'one two' })).tokens).toHaveLength(2)
  })
})

describe('SGLang', () => {
  const sampling_params = { max_new_tokens: 3, ignore_eos: true }
  const ask = { text: 'one two three', sampling_params, stream: true, rid: 'r1' }

  test('every event repeats the text so far, and counts', async () => {
    const { events } = await streamOf('/generate', ask)
    expect(events.at(-1)?.data.trim()).toBe('[DONE]')
    const all = events.slice(0, -1).map(jsonOf)
    expect(all.map((e) => words(e.text))).toEqual([1, 2, 3])
    expect(all.map((e) => e.output_ids.length)).toEqual([1, 2, 3])
    expect(all[2].text.startsWith(all[1].text)).toBe(true)
    expect(all.map((e) => e.meta_info.completion_tokens)).toEqual([1, 2, 3])
    expect(all.map((e) => e.meta_info.finish_reason)).toEqual([null, null, { type: 'length', length: 3 }])
    expect(all[2].meta_info).toMatchObject({ id: 'r1', prompt_tokens: 3, cached_tokens: 0 })
  })

  test('shares its path with TGI and is told by its body; /server_info and its old name', async () => {
    const whole = await wholeOf('/generate', { input_ids: [7, 8], sampling_params })
    expect(whole.meta_info).toMatchObject({ prompt_tokens: 2, completion_tokens: 3 })
    for (const path of ['/server_info', '/get_server_info']) {
      const info = (await (await fetch(`${url}${path}`)).json()) as Json
      expect(info).toMatchObject({ served_model_name: 'fixed', context_length: 131072 })
    }
  })

  test('a bad stream is refused at status 200 and ended', async () => {
    const { status, events } = await streamOf('/generate', { ...ask, text: '' })
    expect(status).toBe(200)
    expect(jsonOf(events[0] as Event)).toMatchObject({ error: { message: expect.any(String) } })
    expect(events[1]?.data.trim()).toBe('[DONE]')
    expect((await post(url, '/generate', { ...ask, text: '', stream: false })).status).toBe(400)
  })
})

describe('the same conversation', () => {
  test('counts the same tokens through every API', async () => {
    const chat = await wholeOf('/v1/chat/completions', { messages, max_tokens: 5, ignore_eos: true })
    const response = await wholeOf('/v1/responses', { input: 'hello', max_output_tokens: 5 })
    const message = await wholeOf('/v1/messages', { messages, max_tokens: 5 })
    const ollama = await wholeOf('/api/chat', {
      model: 'fixed',
      messages,
      stream: false,
      options: { num_predict: 5 },
    })
    expect([chat.usage.prompt_tokens, chat.usage.completion_tokens]).toEqual([CHAT_TOKENS, 5])
    expect([response.usage.input_tokens, response.usage.output_tokens]).toEqual([CHAT_TOKENS, 5])
    expect([message.usage.input_tokens, message.usage.output_tokens]).toEqual([CHAT_TOKENS, 5])
    expect([ollama.prompt_eval_count, ollama.eval_count]).toEqual([CHAT_TOKENS, 5])
  })
})
