import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk'
import OpenAI, { APIError } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHAT_LIKE } from '../../src/simulate/description-schema.js'
import type { Simulator } from '../../src/simulate/index.js'
import { startFixed, words } from './wire.js'

/** The clients that applications use, which nobody here wrote, as referees of what the simulator says. */

/** Of no account at all: the simulator takes any. */
const apiKey = 'any'
const messages = [{ role: 'user' as const, content: 'hello' }]
/** One token of text, four of its message, three for the answer. */
const PROMPT_TOKENS = 8
const OUTPUT_TOKENS = 12

let simulator: Simulator
let thinker: Simulator
beforeAll(async () => {
  simulator = await startFixed()
  thinker = await startFixed({ reasoningShare: 0.5 })
})
afterAll(async () => {
  await simulator.close()
  await thinker.close()
})

const openAi = (at: Simulator) => new OpenAI({ baseURL: `${at.url}/v1`, apiKey, maxRetries: 0 })
const anthropic = (at: Simulator) => new Anthropic({ baseURL: at.url, apiKey, maxRetries: 0 })
/** Extensions of local engines, which the clients' types do not know. */
const exact = { ignore_eos: true } as object

describe('the openai client', () => {
  test('streams a chat: text, finish reason and usage', async () => {
    const stream = await openAi(simulator).chat.completions.create({
      model: 'fixed',
      messages,
      max_completion_tokens: OUTPUT_TOKENS,
      stream: true,
      stream_options: { include_usage: true },
      ...exact,
    })
    let text = ''
    let finish: string | null | undefined
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      finish = chunk.choices[0]?.finish_reason ?? finish
      usage = chunk.usage ?? usage
    }
    expect([words(text), finish]).toEqual([OUTPUT_TOKENS, 'length'])
    expect([usage?.prompt_tokens, usage?.completion_tokens]).toEqual([PROMPT_TOKENS, OUTPUT_TOKENS])
  })

  test.each(CHAT_LIKE)('streams a chat as %s tells it, to the same end', async (chatLike) => {
    const server = await startFixed({ chatLike, reasoningShare: 0.5 })
    const body = { model: 'fixed', messages, max_completion_tokens: OUTPUT_TOKENS, ...exact }
    const usageToo = { stream_options: { include_usage: true } }
    const streamed = openAi(server).chat.completions.stream({ ...body, ...usageToo })
    const { choices, usage } = await streamed.finalChatCompletion()
    const whole = await openAi(server).chat.completions.create(body)
    await server.close()
    const counts = { prompt_tokens: PROMPT_TOKENS, completion_tokens: OUTPUT_TOKENS }
    for (const [choice] of [choices, whole.choices]) {
      expect(choice).toMatchObject({ finish_reason: 'length', message: { role: 'assistant' } })
      expect(words(choice?.message.content ?? '')).toBe(OUTPUT_TOKENS / 2)
    }
    expect(whole.usage).toMatchObject(counts)
    expect(whole.usage?.completion_tokens_details?.reasoning_tokens).toBe(OUTPUT_TOKENS / 2)
    // The client puts together only what has an id, and TGI's chunks have none: its usage is lost here, not on the wire.
    if (chatLike !== 'tgi') expect(usage).toMatchObject(counts)
  })

  test('puts a streamed chat together as it gets it in one piece', async () => {
    const body = { model: 'fixed', messages, max_completion_tokens: OUTPUT_TOKENS, seed: 7, ...exact }
    const runner = openAi(simulator).chat.completions.stream(body)
    const whole = await openAi(simulator).chat.completions.create(body)
    expect(await runner.finalContent()).toBe(whole.choices[0]?.message.content)
    expect(whole.usage?.completion_tokens).toBe(OUTPUT_TOKENS)
  })

  test('streams a completion and takes one in one piece, with the same text', async () => {
    const body = {
      model: 'fixed',
      prompt: 'one two three',
      max_tokens: OUTPUT_TOKENS,
      temperature: 0,
      ...exact,
    }
    const stream = await openAi(simulator).completions.create({ ...body, stream: true })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? ''
    const whole = await openAi(simulator).completions.create(body)
    expect(whole.choices[0]?.text).toBe(text)
    expect([whole.usage?.prompt_tokens, whole.usage?.completion_tokens]).toEqual([3, OUTPUT_TOKENS])
  })

  test('accumulates a streamed response to what it gets in one piece', async () => {
    const body = { model: 'fixed', input: 'hello', max_output_tokens: 4000, temperature: 0 }
    const stream = openAi(simulator).responses.stream(body)
    let deltas = ''
    let tokens = 0
    stream.on('response.output_text.delta', ({ delta }) => {
      deltas += delta
      tokens++
    })
    const final = await stream.finalResponse()
    const whole = await openAi(simulator).responses.create(body)
    expect(final.output_text).toBe(deltas)
    expect(whole.output_text).toBe(deltas)
    expect([final.status, whole.status]).toEqual(['completed', 'completed'])
    expect(final.usage).toEqual(whole.usage)
    // The end token counts, and is not seen.
    expect([final.usage?.input_tokens, final.usage?.output_tokens]).toEqual([PROMPT_TOKENS, tokens + 1])
  })

  test('tells reasoning from the answer in a response', async () => {
    const body = { model: 'fixed', input: 'hello', max_output_tokens: OUTPUT_TOKENS }
    const final = await openAi(thinker).responses.stream(body).finalResponse()
    expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message'])
    expect(words(final.output_text)).toBe(OUTPUT_TOKENS / 2)
    expect(final.usage?.output_tokens_details.reasoning_tokens).toBe(OUTPUT_TOKENS / 2)
  })

  test('lists the models', async () => {
    const { data } = await openAi(simulator).models.list()
    expect(data.map(({ id }) => id)).toEqual(['fixed'])
  })
})

describe('the @anthropic-ai/sdk client', () => {
  const body = { model: 'fixed', messages, max_tokens: OUTPUT_TOKENS }

  test('streams a message: text, stop reason and usage', async () => {
    const stream = await anthropic(simulator).messages.create({ ...body, stream: true })
    let text = ''
    let tokens = 0
    for await (const event of stream) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
      if (event.type === 'message_delta') tokens = event.usage.output_tokens
    }
    expect([words(text), tokens]).toEqual([OUTPUT_TOKENS, OUTPUT_TOKENS])
  })

  test('puts a streamed message together in the form of one in one piece', async () => {
    const final = await anthropic(simulator).messages.stream(body).finalMessage()
    const whole = await anthropic(simulator).messages.create(body)
    for (const message of [final, whole]) {
      expect(message.content.map(({ type }) => type)).toEqual(['text'])
      expect(message.stop_reason).toBe('max_tokens')
      expect(message.usage).toMatchObject({ input_tokens: PROMPT_TOKENS, output_tokens: OUTPUT_TOKENS })
    }
  })

  test('tells thinking from the answer', async () => {
    const { content } = await anthropic(thinker).messages.stream(body).finalMessage()
    expect(content.map(({ type }) => type)).toEqual(['thinking', 'text'])
    const [thinking, text] = content
    if (thinking?.type !== 'thinking' || text?.type !== 'text') throw new Error('other blocks')
    expect([words(thinking.thinking), words(text.text)]).toEqual([OUTPUT_TOKENS / 2, OUTPUT_TOKENS / 2])
    expect(thinking.signature).not.toBe('')
  })

  test('counts tokens', async () => {
    const counted = await anthropic(simulator).messages.countTokens({ model: 'fixed', messages })
    expect(counted.input_tokens).toBe(PROMPT_TOKENS)
  })
})

describe('the clients know the errors for what they are', () => {
  let faulty: Simulator | undefined
  const askOpenAi = async (fault: string, api: 'chat' | 'responses' = 'chat'): Promise<unknown> => {
    faulty = await startFixed({}, [fault])
    const client = openAi(faulty)
    const tokens = { max_completion_tokens: OUTPUT_TOKENS, stream: true as const }
    const asked =
      api === 'chat'
        ? client.chat.completions.create({ model: 'fixed', messages, ...tokens })
        : client.responses.create({ model: 'fixed', input: 'hello', stream: true })
    return ending(asked)
  }
  const askAnthropic = async (fault: string): Promise<unknown> => {
    faulty = await startFixed({}, [fault])
    const body = { model: 'fixed', messages, max_tokens: OUTPUT_TOKENS, stream: true as const }
    return ending(anthropic(faulty).messages.create(body))
  }
  /** What a stream threw, or its last event. */
  async function ending(asked: PromiseLike<AsyncIterable<unknown>>): Promise<unknown> {
    let last: unknown
    try {
      for await (const event of await asked) last = event
      return last
    } catch (thrown) {
      return thrown
    } finally {
      await faulty?.close()
    }
  }

  test.each([
    ['rate-limit=1', 429, OpenAI.RateLimitError],
    ['no-quota=1', 429, OpenAI.RateLimitError],
    ['bad-key=1', 401, OpenAI.AuthenticationError],
    ['server-error=1', 500, OpenAI.InternalServerError],
    ['bad-gateway=1', 502, OpenAI.InternalServerError],
  ])('openai: %s', async (fault, status, kind) => {
    const thrown = await askOpenAi(fault)
    expect(thrown).toBeInstanceOf(kind)
    expect(thrown).toMatchObject({ status })
  })

  test('openai: an error in the stream is thrown without a status', async () => {
    const thrown = await askOpenAi('overloaded-frame=1')
    expect(thrown).toBeInstanceOf(APIError)
    expect(thrown).toMatchObject({ status: undefined, code: 'server_is_overloaded' })
  })

  test('openai: a failed response is its last event', async () => {
    const last = await askOpenAi('error-frame=1', 'responses')
    expect(last).toMatchObject({ type: 'response.failed', response: { error: { code: 'server_error' } } })
  })

  test.each([
    ['rate-limit=1', 429, 'rate_limit_error'],
    ['overloaded=1', 529, 'overloaded_error'],
    ['bad-key=1', 401, 'authentication_error'],
    ['overloaded-frame=1', undefined, 'overloaded_error'],
    ['error-frame=1', undefined, 'api_error'],
  ])('anthropic: %s', async (fault, status, type) => {
    const thrown = await askAnthropic(fault)
    expect(thrown).toBeInstanceOf(AnthropicError)
    expect(thrown).toMatchObject({ status, error: { type: 'error', error: { type } } })
  })
})

test('left to themselves the clients wait as the limits tell them, and so hide the refusals', async () => {
  // One request at once, and one more each 400 ms.
  const log = join(mkdtempSync(join(tmpdir(), 'falloff-')), 'sent.ndjson')
  const limited = await startFixed(
    { rateLimits: JSON.stringify({ requestsPerMin: 150, burstS: 0.4 }) },
    [],
    log,
  )
  const client = new OpenAI({ baseURL: `${limited.url}/v1`, apiKey, maxRetries: 5 })
  const body = { model: 'fixed', messages, max_completion_tokens: 2 }
  const answers = []
  for (let i = 0; i < 3; i++) answers.push(await client.chat.completions.create(body).withResponse())
  await limited.close()
  expect(answers.map(({ response }) => response.status)).toEqual([200, 200, 200])
  const receipts = readFileSync(log, 'utf8').match(/"event":-1,/g) ?? []
  expect(receipts.length).toBeGreaterThan(3)
})
