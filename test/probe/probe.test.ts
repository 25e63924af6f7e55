import { afterEach, describe, expect, test } from 'vitest'
import { APIS } from '../../src/protocol/index.js'
import { loadDescription, startSimulator } from '../../src/simulate/index.js'
import { type Elsewhere, type Fake, type FakeChat, howIn, probeAt, shownIn, startFake } from './fakes.js'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function fake(chat: FakeChat = {}): Promise<Fake> {
  const server = await startFake(chat)
  open.push(server)
  return server
}

async function simulator(settings: Parameters<typeof loadDescription>[1] = {}): Promise<string> {
  const description = loadDescription('fixed', { ttftMs: 20, gapMs: 2, ...settings })
  const server = await startSimulator({ description, host: '127.0.0.1', port: 0, faults: [] })
  open.push(server)
  return server.url
}

describe('the simulator, which speaks every API', () => {
  test('is found out in 16 requests, with what each thing was known by', async () => {
    const result = await probeAt(await simulator())
    const shown = shownIn(result)
    expect(shown).toMatchObject({
      engine: 'falloff-simulator 0.32.0',
      models: 'fixed',
      context: '131,072 tokens',
      streaming: 'yes',
      usage: 'yes: input, output tokens',
      'count per chunk': 'yes',
      'tokens per chunk': '1',
      'exact length': 'yes, as far as seen',
      tokenizer: 'yes',
      'TLS and HTTP': 'no TLS, HTTP/1.1',
    })
    expect(APIS.map(({ name }) => shown[name])).toEqual(APIS.map(() => 'yes'))
    expect(shown.metrics).toMatch(/^running, waiting, cache use, preempted/)
    expect(shown.clock).toMatch(/^as ours, ±/)
    expect(howIn(result)).toMatchObject({
      engine: 'GET /v1/models, /version',
      context: 'GET /v1/models',
      'anthropic-messages': 'POST /v1/messages: 8 tokens in 8 chunks, ended by length',
      'tokens per chunk': 'counted on 24 chunks',
    })
    // Three pages, nine APIs, one exact length, one count, two streams.
    expect(result.requests).toBe(3 + 9 + 1 + 1 + 2)
    expect(result.target).toEqual({
      ...{ url: result.url, api: 'openai-chat', model: 'fixed' },
      ...{ tokenizer: 'server', exactOutput: 'on', chunkUsage: 'on' },
    })
  })

  test('its speed is the one it was given: 20 ms to the first token, 500 tokens/s at most', async () => {
    const { groups } = await probeAt(await simulator())
    const value = (name: string) =>
      groups.flatMap(({ findings }) => findings).find((finding) => finding.name === name)?.value
    const { ms } = value('first token') as { ms: number[] }
    const { tokensPerS } = value('stream speed') as { tokensPerS: number[] }
    expect(ms).toHaveLength(2)
    expect(Math.min(...ms)).toBeGreaterThanOrEqual(20)
    expect(tokensPerS).toHaveLength(2)
    expect(Math.max(...tokensPerS)).toBeLessThan(700)
  })

  test.each(APIS.map(({ name }) => name))('%s is described and written down when asked for', async (api) => {
    const result = await probeAt(await simulator({ ttftMs: 5, gapMs: 1 }), { api })
    expect(result.target?.api).toBe(api)
    expect(result.groups.map(({ title }) => title)).toContain(`Streams of ${api}`)
    expect(shownIn(result)).toMatchObject({
      streaming: 'yes',
      usage: expect.stringContaining('output') as string,
    })
  })
})

describe('the simulator, in other shapes', () => {
  test.each(['vllm', 'openai', 'tgi', 'sglang', 'llamacpp', 'ollama'])(
    'chunks as those of %s are understood, reasoning too',
    async (chatLike) => {
      const url = await simulator({ ttftMs: 5, gapMs: 1, chatLike, reasoningShare: 0.5 })
      const result = await probeAt(url, { api: 'openai-chat' })
      expect(shownIn(result)).toMatchObject({
        ...{ 'openai-chat': 'yes', streaming: 'yes' },
        usage: expect.stringContaining('output') as string,
        'first token': expect.stringMatching(/^\S+ ms, \S+ ms$/) as string,
      })
    },
  )

  test.each([
    ['/v1/messages', 'anthropic-messages'],
    ['/generate_stream', 'tgi-generate'],
    ['/api/', 'ollama-chat'],
  ])('where %s alone is served, %s is what is written down', async (route, api) => {
    const { groups, target } = await probeAt(
      await simulator({ ttftMs: 5, gapMs: 1, routes: `["${route}"]` }),
      {
        model: 'fixed',
      },
    )
    expect(target?.api).toBe(api)
    const apis = groups.find(({ title }) => title === 'APIs')?.findings ?? []
    const served = apis.filter(({ shown }) => shown === 'yes').map(({ name }) => name)
    expect(served).toEqual(route === '/api/' ? ['ollama-chat', 'ollama-generate'] : [api])
  })

  test('without a key that it wants, nothing is claimed', async () => {
    const result = await probeAt(await simulator({ requireKey: true }))
    const apis = result.groups.find(({ title }) => title === 'APIs')?.findings ?? []
    expect(apis.map(({ shown }) => shown)).not.toContain('yes')
    expect(result.target).toBeUndefined()
  })
})

describe('a gateway that answers one route', () => {
  const CASES: readonly (readonly [Elsewhere, string])[] = [
    ['not-found', 'no'],
    ['html', 'no'],
    ['reset', 'no answer'],
    ['hang', 'no answer'],
    ['json-for-all', 'no'],
  ]
  test.each(CASES)('is understood where all else is %s', async (elsewhere, others) => {
    const { url } = await fake({ elsewhere })
    // What hangs is waited for; what answers may take its time.
    const result = await probeAt(url, { model: 'mine', ...(elsewhere === 'hang' && { timeoutMs: 1_500 }) })
    const shown = shownIn(result)
    expect(shown).toMatchObject({
      ...{ engine: 'not told', models: 'mine', context: 'not told', metrics: 'none' },
      ...{ 'openai-chat': 'yes', streaming: 'yes', tokenizer: 'none', 'exact length': 'yes, as far as seen' },
    })
    expect(APIS.slice(1).map(({ name }) => shown[name])).toEqual(APIS.slice(1).map(() => others))
    expect(result.target).toMatchObject({ api: 'openai-chat', model: 'mine', tokenizer: 'calibrate' })
    expect(result.requests).toBeLessThanOrEqual(32)
  })

  test('under a path of its own, without a model named: the answer names it', async () => {
    const { url, asked } = await fake()
    const elsewhere = await probeAt(`${url}/llm`)
    expect(elsewhere.target).toBeUndefined()
    expect(asked).toContain('POST /llm/v1/chat/completions')
    const result = await probeAt(url)
    expect(shownIn(result).models).toBe('fake-from-the-stream')
    expect(result.target?.model).toBe('fake-from-the-stream')
  })

  test('an API that does not answer leaves nothing to write, whatever else does', async () => {
    const { url } = await fake()
    const result = await probeAt(url, { api: 'anthropic-messages' })
    expect(shownIn(result)).toMatchObject({ 'openai-chat': 'yes', 'anthropic-messages': 'no' })
    expect(result.target).toBeUndefined()
  })
})

describe('how answers come', () => {
  test('in one JSON document, though a stream was asked for', async () => {
    const { url } = await fake({ streams: false })
    const result = await probeAt(url)
    expect(shownIn(result)).toMatchObject({
      'openai-chat': 'yes, not streamed',
      streaming: 'no: the answer is one JSON document',
      usage: 'yes',
      'tokens per chunk': 'not told',
      'first token': expect.stringMatching(/^no stream; whole answers took /) as string,
      'stream speed': 'not told',
    })
    expect(howIn(result)['openai-chat']).toBe('POST /v1/chat/completions: 8 tokens in one document')
    expect(result.target).toMatchObject({ api: 'openai-chat', exactOutput: 'on', chunkUsage: 'off' })
  })

  test('as a stream that was held back until its end', async () => {
    const { url } = await fake({ pauseMs: 0 })
    const result = await probeAt(url)
    expect(shownIn(result).streaming).toBe('no: the stream comes in one piece')
    expect(howIn(result).streaming).toBe('64 chunks of output in 1 read')
  })

  test('without usage: nothing is counted, and nothing is claimed', async () => {
    const { url } = await fake({ usage: false })
    const result = await probeAt(url)
    expect(shownIn(result)).toMatchObject({
      usage: 'no: token counts will be chunk counts',
      'count per chunk': 'no',
      'tokens per chunk': 'not told',
      'exact length': 'not told',
    })
    expect(shownIn(result)['stream speed']).toMatch(/ tokens\/s, by chunks$/)
    expect(result.target).toEqual({
      ...{
        url,
        api: 'openai-chat',
        model: 'fake-from-the-stream',
        tokenizer: 'calibrate',
        chunkUsage: 'off',
      },
    })
  })

  test('several tokens to a chunk, counted or not', async () => {
    const { url } = await fake({ perChunk: 5 })
    const counted = await probeAt(url)
    // 24 tokens by fives: four chunks of five, one of four.
    expect(shownIn(counted)['tokens per chunk']).toBe('4.8, at most 5')
    const refuse: FakeChat['refuse'] = ({ stream_options: options }) =>
      options?.continuous_usage_stats
        ? { status: 400, body: { error: { message: 'unknown field' } } }
        : undefined
    const { url: other } = await fake({ perChunk: 5, refuse })
    const result = await probeAt(other)
    expect(shownIn(result)).toMatchObject({ 'tokens per chunk': '4.92', 'count per chunk': 'no' })
    expect(howIn(result)).toMatchObject({
      'tokens per chunk': '64 tokens by usage in 13 chunks',
      'count per chunk': 'HTTP 400 unknown field',
    })
  })
})

describe('an exact length', () => {
  const yes = ({ ignore_eos: forced, max_tokens: most }: { ignore_eos?: boolean; max_tokens: number }) =>
    forced ? most : Math.min(2, most)

  test('is proven by an answer that ends sooner by itself', async () => {
    const { url } = await fake({ length: yes })
    const result = await probeAt(url)
    expect(shownIn(result)['exact length']).toBe('yes')
    expect(howIn(result)['exact length']).toBe(
      'asked for 24, got 24, of an answer that ends sooner by itself',
    )
    expect(result.target?.exactOutput).toBe('on')
  })

  test('that is ignored is not asked for again', async () => {
    const { url } = await fake({ length: () => 2 })
    const result = await probeAt(url)
    expect(howIn(result)['exact length']).toBe('asked for 24, got 2')
    expect(result.target?.exactOutput).toBe('off')
  })

  test('that is refused is told with what the server said, and the rest is tried without', async () => {
    const refuse: FakeChat['refuse'] = ({ ignore_eos: asked }) =>
      asked
        ? { status: 400, body: { error: { message: 'Unrecognized request argument: ignore_eos' } } }
        : undefined
    const { url } = await fake({ refuse })
    const result = await probeAt(url)
    expect(howIn(result)['exact length']).toBe('HTTP 400 Unrecognized request argument: ignore_eos')
    expect(result.target).toMatchObject({ exactOutput: 'off', chunkUsage: 'on' })
  })
})

describe('doors that are closed', () => {
  test('without a key: each API says so, and nothing is written', async () => {
    const { url } = await fake({
      refuse: () => ({
        status: 401,
        body: { error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } },
      }),
    })
    const result = await probeAt(url)
    expect(shownIn(result)['openai-chat']).toBe('refused')
    expect(howIn(result)['openai-chat']).toBe(
      'POST /v1/chat/completions: HTTP 401 Incorrect API key provided',
    )
    expect(result.target).toBeUndefined()
  })

  test.each([
    ['a key', { status: 401, body: { error: { message: 'Incorrect API key provided' } } }, /--key-env/],
    ['a model', { status: 404, body: { error: { message: 'The model `x` does not exist.' } } }, /--model/],
    ['patience', { status: 429, body: { error: { message: 'Rate limit reached' } } }, /probe again/],
  ])('say what would open them: %s', async (_, refusal, advice) => {
    const { url } = await fake({ refuse: () => refusal })
    expect((await probeAt(url)).advice).toEqual([expect.stringMatching(advice) as string])
  })

  test('an address without any API is to be looked at again; one that answers needs no advice', async () => {
    const { url } = await fake({ elsewhere: 'not-found' })
    expect((await probeAt(url)).advice).toEqual([])
    expect((await probeAt(`${url}/nowhere`)).advice).toEqual([
      expect.stringContaining('No known API is at this address') as string,
    ])
  })

  test('that close halfway, at a rate limit, leave open what was not seen', async () => {
    let asked = 0
    const { url } = await fake({
      refuse: () =>
        asked++ === 0 ? undefined : { status: 429, body: { error: { message: 'Rate limit reached' } } },
    })
    const result = await probeAt(url)
    expect(shownIn(result)).toMatchObject({
      'openai-chat': 'yes',
      'count per chunk': 'not told',
      'exact length': 'not told',
      'first token': 'not told',
      'stream speed': 'not told',
    })
    expect(result.target).not.toHaveProperty('exactOutput')
    expect(result.target).not.toHaveProperty('chunkUsage')
    expect(result.advice).toEqual([expect.stringContaining('A rate limit was met') as string])
  })

  test('a model that is not there is not taken for a route that is not', async () => {
    const { url } = await fake({
      refuse: () => ({ status: 404, body: { error: { message: 'The model `x` does not exist.' } } }),
    })
    expect(shownIn(await probeAt(url, { model: 'x' }))).toMatchObject({
      'openai-chat': 'refused',
      'sglang-generate': 'no',
    })
  })

  test('nothing that accepts a connection is one clear error', async () => {
    const { url, close } = await startFake()
    await close()
    await expect(probeAt(url)).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringMatching(
        /^nothing answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED/,
      ) as string,
    })
  })

  test('limits that a provider tells of are told', async () => {
    const { url } = await fake({
      headers: {
        'x-ratelimit-limit-requests': '500',
        'x-ratelimit-remaining-requests': '499',
        'x-ratelimit-limit-tokens': '30000',
      },
    })
    expect(shownIn(await probeAt(url))['rate limits']).toBe('500 requests (499 left), 30,000 tokens')
  })
})
