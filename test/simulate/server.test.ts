import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { monotonicNs } from '../../src/base/index.js'
import { loadDescription, parseFaults, type Simulator, startSimulator } from '../../src/simulate/index.js'
import { eventually, sample, samples, stream } from './sse.js'

/** Fast enough for a test: the engine of the H100 with next to no front end. */
const FAST = { frontEndMs: 0, perTokenUs: 0, stepMs: 0, bandwidthGBs: 1e6, flopsT: 1e5 }

const start = (name: string, set = {}, faults: string[] = [], sendLog?: string): Promise<Simulator> =>
  startSimulator({
    description: loadDescription(name, set),
    host: '127.0.0.1',
    port: 0,
    faults: parseFaults(faults),
    sendLog,
  })

const post = (url: string, path: string, body: unknown) =>
  fetch(`${url}${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })

const chat = (content: string, more = {}) => ({
  model: 'llama-3-8b',
  messages: [{ role: 'user', content }],
  ...more,
})

describe('the protocol', () => {
  let simulator: Simulator
  let url: string
  beforeAll(async () => {
    simulator = await start('llama-3-8b-h100', { ...FAST, maxModelLen: 4096 })
    url = simulator.url
  })
  afterAll(() => simulator.close())

  test('a chat stream opens with an empty role delta, finishes on its last delta and adds usage on request', async () => {
    const asked = chat('hello', { max_tokens: 3, ignore_eos: true, stream_options: { include_usage: true } })
    const { chunks, isDone } = await stream(url, '/v1/chat/completions', asked)
    expect(isDone).toBe(true)
    expect(chunks.map((c) => c.choices.map((choice) => choice.finish_reason))).toEqual([
      [null],
      [null],
      [null],
      ['length'],
      [],
    ])
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' })
    expect(chunks.slice(1, 4).every((c) => /^ [a-z]+$/.test(c.choices[0]?.delta?.content ?? ''))).toBe(true)
    expect(chunks.map((c) => 'usage' in c)).toEqual([false, false, false, false, true])
    // 1 token of text, 4 of the message, 3 for the answer.
    expect(chunks[4]?.usage).toEqual({ prompt_tokens: 8, completion_tokens: 3, total_tokens: 11 })
    expect(chunks.every((c) => c.object === 'chat.completion.chunk')).toBe(true)
  })

  test('a completions stream has no role chunk, and takes token ids for a prompt', async () => {
    const asked = {
      prompt: [11, 12, 13, 14, 15],
      max_tokens: 2,
      ignore_eos: true,
      stream_options: { include_usage: true },
    }
    const { chunks } = await stream(url, '/v1/completions', asked)
    expect(chunks.map((c) => c.choices[0]?.finish_reason)).toEqual([null, 'length', undefined])
    expect(chunks.at(-1)?.usage?.prompt_tokens).toBe(5)
  })

  test('continuous usage counts up by one, from the role chunk on, and only together with include_usage', async () => {
    const options = { include_usage: true, continuous_usage_stats: true }
    const body = chat('hi', { max_completion_tokens: 4, ignore_eos: true })
    const { chunks } = await stream(url, '/v1/chat/completions', { ...body, stream_options: options })
    expect(chunks.map((c) => c.usage?.completion_tokens)).toEqual([0, 1, 2, 3, 4, 4])
    const alone = await stream(url, '/v1/chat/completions', {
      ...body,
      stream_options: { ...options, include_usage: false },
    })
    expect(alone.chunks.some((c) => 'usage' in c)).toBe(false)
  })

  test('with a stream interval the first token comes alone and the rest in groups', async () => {
    const options = { include_usage: true, continuous_usage_stats: true }
    const body = { prompt: 'x', max_tokens: 8, ignore_eos: true, stream_interval: 3, stream_options: options }
    const { chunks } = await stream(url, '/v1/completions', body)
    expect(chunks.map((c) => c.usage?.completion_tokens)).toEqual([1, 4, 7, 8, 8])
  })

  test('without streaming the same request gives the same text in one piece', async () => {
    const body = chat('hello', { max_tokens: 20, seed: 7 })
    const streamed = await stream(url, '/v1/chat/completions', {
      ...body,
      stream_options: { include_usage: true },
    })
    const whole = (await (await post(url, '/v1/chat/completions', body)).json()) as {
      object: string
      choices: { message: { content: string }; finish_reason: string }[]
      usage: { completion_tokens: number }
    }
    const text = streamed.chunks.map((c) => c.choices[0]?.delta?.content ?? '').join('')
    expect(whole.object).toBe('chat.completion')
    expect(whole.choices[0]?.message.content).toBe(text)
    expect(whole.usage.completion_tokens).toBe(streamed.chunks.at(-1)?.usage?.completion_tokens)
  })

  test('without ignore_eos an output may stop by itself, and its end token counts but has no text', async () => {
    const body = {
      prompt: 'tell me',
      max_tokens: 4000,
      temperature: 0,
      stream_options: { include_usage: true },
    }
    const { chunks } = await stream(url, '/v1/completions', body)
    const words =
      chunks
        .map((c) => c.choices[0]?.text ?? '')
        .join('')
        .split(' ').length - 1
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ finish_reason: 'stop', text: '' })
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(words + 1)
  })

  test('/tokenize agrees with usage, for prompts and for messages', async () => {
    const content = 'How many tokens, pray, has internationalisation?  '
    const count = async (body: object) =>
      ((await (await post(url, '/tokenize', body)).json()) as { count: number }).count
    const used = async (path: string, body: object) => {
      const { chunks } = await stream(url, path, {
        ...body,
        max_tokens: 1,
        stream_options: { include_usage: true },
      })
      return chunks.at(-1)?.usage?.prompt_tokens
    }
    expect(await count({ prompt: content })).toBe(await used('/v1/completions', { prompt: content }))
    const { messages } = chat(content)
    expect(await count({ messages })).toBe(await used('/v1/chat/completions', { messages }))
    const parts = [{ role: 'user', content: [{ type: 'text', text: content }] }]
    expect(await count({ messages: parts })).toBe(await count({ messages }))
  })

  test.each([
    ['no JSON', '/v1/completions', '{', 400, 'BadRequestError'],
    ['no messages', '/v1/chat/completions', {}, 400, 'BadRequestError'],
    ['an unknown model', '/v1/completions', { model: 'gpt', prompt: 'x' }, 404, 'NotFoundError'],
    ['a prompt beyond the context', '/v1/completions', { prompt: 'a '.repeat(4096) }, 400, 'BadRequestError'],
    ['more than one choice', '/v1/completions', { prompt: 'x', n: 2 }, 400, 'BadRequestError'],
    [
      'min above max',
      '/v1/completions',
      { prompt: 'x', min_tokens: 5, max_tokens: 4 },
      400,
      'BadRequestError',
    ],
  ])('%s is answered in the engine’s error shape', async (_title, path, body, status, type) => {
    const response = await post(url, path, body)
    expect(response.status).toBe(status)
    const { error } = (await response.json()) as { error: object }
    expect(error).toMatchObject({ type, code: status })
    expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code'])
  })

  test('unknown places and methods are answered as the engine’s framework does', async () => {
    expect((await fetch(`${url}/nowhere`)).status).toBe(404)
    expect((await fetch(`${url}/constructor`)).status).toBe(404)
    expect((await fetch(`${url}/v1/completions`)).status).toBe(405)
  })

  test('the side doors: models, version, health', async () => {
    const models = (await (await fetch(`${url}/v1/models`)).json()) as { data: object[] }
    expect(models.data).toMatchObject([
      { id: 'llama-3-8b', owned_by: 'falloff-simulator', max_model_len: 4096 },
    ])
    expect(await (await fetch(`${url}/version`)).json()).toEqual({ version: '0.32.0' })
    for (const path of ['/health', '/ping']) {
      const response = await fetch(`${url}${path}`)
      expect([response.status, await response.text()]).toEqual([200, ''])
    }
  })
})

describe('metrics', () => {
  let simulator: Simulator
  afterEach(() => simulator.close())

  test('counters equal what the clients saw, and every family has help, type and cumulative buckets', async () => {
    simulator = await start('llama-3-8b-h100', FAST)
    const { url } = simulator
    const ask = { prompt: 'one two three', max_tokens: 5, ignore_eos: true }
    await Promise.all([1, 2, 3].map(() => stream(url, '/v1/completions', ask)))
    expect(await sample(url, 'vllm:generation_tokens_total')).toBe(15)
    expect(await sample(url, 'vllm:prompt_tokens_total')).toBe(9)
    expect(await sample(url, 'vllm:time_to_first_token_seconds_count')).toBe(3)
    expect(await sample(url, 'vllm:inter_token_latency_seconds_count')).toBe(12)
    const finished = await samples(url, 'vllm:request_success_total')
    expect([...finished].filter(([labels]) => labels.includes('"length"')).map(([, n]) => n)).toEqual([3])
    const buckets = await samples(url, 'vllm:e2e_request_latency_seconds_bucket')
    const counts = [...buckets.values()]
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    expect([...buckets].at(-1)).toEqual([expect.stringContaining('le="+Inf"'), 3])
    const text = await (await fetch(`${url}/metrics`)).text()
    const families = new Set(
      text.split('\n').flatMap((line) => /^([\w:]+?)(?:_bucket|_sum|_count)?\{/.exec(line)?.[1] ?? []),
    )
    for (const family of families)
      expect(text, family).toMatch(
        new RegExp(`# HELP ${family} .+\n# TYPE ${family} (gauge|counter|histogram)\n`),
      )
  })

  test('the cache configuration is told in labels', async () => {
    simulator = await start('llama-2-7b-awq-a10g-shared')
    const [labels = ''] = (await samples(simulator.url, 'vllm:cache_config_info')).keys()
    expect(labels).toContain('num_gpu_blocks="188"')
    expect(labels).toContain('block_size="16"')
    expect(labels).toContain('enable_prefix_caching="False"')
    expect(labels).toContain('num_gpu_blocks_override="None"')
  })

  test('the older names can be had', async () => {
    simulator = await start('llama-3-8b-h100', { metricNames: 'v0' })
    const text = await (await fetch(`${simulator.url}/metrics`)).text()
    expect(text).toMatch(/^vllm:gpu_cache_usage_perc\{/m)
    expect(text).toMatch(/^vllm:time_per_output_token_seconds_bucket\{/m)
    expect(text).not.toMatch(/kv_cache_usage_perc|inter_token_latency/)
  })

  test('a client that leaves frees its KV blocks, waiting or running', async () => {
    simulator = await start('llama-2-7b-awq-a10g-shared', { maxNumSeqs: 1 })
    const { url } = simulator
    const clients = [new AbortController(), new AbortController()]
    const calls = clients.map(({ signal }) =>
      fetch(`${url}/v1/completions`, {
        method: 'POST',
        body: JSON.stringify({ prompt: 'a '.repeat(200), max_tokens: 800, ignore_eos: true, stream: true }),
        signal,
      }).then((response) => response.text()),
    )
    await eventually(async () => (await sample(url, 'vllm:num_requests_waiting')) === 1)
    expect(await sample(url, 'vllm:kv_cache_usage_perc')).toBeGreaterThan(0.06)
    for (const client of clients) client.abort()
    await Promise.allSettled(calls)
    await eventually(async () => (await sample(url, 'vllm:num_requests_running')) === 0)
    expect(await sample(url, 'vllm:num_requests_waiting')).toBe(0)
    expect(await sample(url, 'vllm:kv_cache_usage_perc')).toBe(0)
    const ended = await samples(url, 'vllm:request_success_total')
    expect([...ended].filter(([, n]) => n > 0)).toEqual([[expect.stringContaining('"abort"'), 2]])
  })

  test('preempted requests lose no token on the wire', async () => {
    simulator = await start('llama-2-7b-awq-a10g-shared', {
      ...FAST,
      stepMs: 2,
      numGpuBlocksOverride: 17,
      maxModelLen: 256,
    })
    const { url } = simulator
    const ask = {
      prompt: 'a '.repeat(40),
      max_tokens: 120,
      ignore_eos: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    }
    const all = await Promise.all(Array.from({ length: 20 }, () => stream(url, '/v1/completions', ask)))
    expect(await sample(url, 'vllm:num_preemptions_total')).toBeGreaterThan(0)
    for (const { chunks, isDone } of all) {
      expect(isDone).toBe(true)
      expect(chunks.slice(0, -1).map((c) => c.usage?.completion_tokens)).toEqual(
        Array.from({ length: 120 }, (_, i) => i + 1),
      )
    }
  })
})

describe('faults', () => {
  let simulator: Simulator
  afterEach(() => simulator.close())
  const ask = { prompt: 'x', max_tokens: 20, ignore_eos: true }
  const askWith = async (...faults: string[]) => {
    simulator = await start('fixed', { ttftMs: 5, gapMs: 1 }, faults)
    return stream(simulator.url, '/v1/completions', ask)
  }

  test.each([
    ['rate-limit=1:3s', 429, '3'],
    ['server-error=1', 500, null],
    ['unavailable=1', 503, null],
  ])('%s is answered with %i', async (fault, status, retryAfter) => {
    simulator = await start('fixed', {}, [fault])
    const response = await post(simulator.url, '/v1/completions', ask)
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(await response.json()).toMatchObject({ error: { code: status } })
  })

  test('a reset leaves no answer at all, and only every n-th request is struck', async () => {
    simulator = await start('fixed', { ttftMs: 1, gapMs: 1 }, ['reset=1/2'])
    const call = () =>
      stream(simulator.url, '/v1/completions', ask).then(
        (s) => s.isDone,
        () => 'reset',
      )
    expect([await call(), await call(), await call(), await call()]).toEqual([true, 'reset', true, 'reset'])
  })

  test('a cut ends the body without its end, after at least one token', async () => {
    const { chunks, isDone, broken } = await askWith('cut=1')
    expect([isDone, broken]).toEqual([false, true])
    expect(chunks.length).toBeGreaterThan(0)
    expect(chunks.length).toBeLessThan(20)
    expect(simulator.active()).toBe(0)
  })

  test('an error frame comes at status 200 and is followed by [DONE]', async () => {
    const { status, chunks, isDone } = await askWith('error-frame=1')
    expect([status, isDone]).toEqual([200, true])
    expect(chunks.at(-1)?.error?.code).toBe(500)
  })

  test('a malformed event is one more event, and the rest of the stream is whole', async () => {
    const { events, chunks, isDone } = await askWith('malformed=1')
    expect([events.length, chunks.length, isDone]).toEqual([22, 20, true])
  })

  test('a stall keeps everything back for its time and loses nothing', async () => {
    const beganNs = monotonicNs()
    const { chunks, isDone } = await askWith('stall=1:120ms')
    expect([chunks.length, isDone]).toEqual([20, true])
    expect(monotonicNs() - beganNs).toBeGreaterThan(120e6)
  })

  test('a slow first byte holds even the headers back', async () => {
    simulator = await start('fixed', { ttftMs: 1, gapMs: 0 }, ['slow-first-byte=1:100ms'])
    const beganNs = monotonicNs()
    const response = await post(simulator.url, '/v1/completions', { ...ask, stream: true })
    expect(monotonicNs() - beganNs).toBeGreaterThan(100e6)
    expect((await response.text()).match(/^data: /gm)).toHaveLength(21)
  })

  test.each(['split=1', 'coalesce=1:6', 'coalesce=1:500'])(
    '%s changes how bytes are written, not what they say',
    async (fault) => {
      const { chunks, isDone, events } = await askWith(fault)
      expect([chunks.length, events.length, isDone]).toEqual([20, 21, true])
    },
  )
})

describe('the send log', () => {
  test('holds the receipt and every event of every request, with tokens that add up and times that rise', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'falloff-')), 'sent.ndjson')
    const simulator = await start('fixed', { ttftMs: 20, gapMs: 2 }, [], path)
    const beganNs = monotonicNs()
    const ask = chat('hello', {
      model: 'fixed',
      max_tokens: 10,
      ignore_eos: true,
      stream_options: { include_usage: true },
    })
    await Promise.all(
      ['a', 'b'].map((id) => stream(simulator.url, '/v1/chat/completions', ask, { 'x-request-id': id })),
    )
    await simulator.close()
    const endedNs = monotonicNs()
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    const entries = lines.map(
      (line) => JSON.parse(line) as { id: string; atNs: number; event: number; tokens: number },
    )
    for (const id of ['a', 'b']) {
      const own = entries.filter((e) => e.id === id)
      // receipt, role, ten tokens, usage, [DONE]
      expect(own.map((e) => e.event)).toEqual([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
      expect(own.map((e) => e.tokens)).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0])
      const times = own.map((e) => e.atNs)
      expect(times).toEqual([...times].sort((x, y) => x - y))
      expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(20e6 - 1)
      // Never early: token i is due 20 ms + i · 2 ms after the receipt.
      for (let i = 0; i < 10; i++)
        expect((times[2 + i] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual((20 + 2 * i) * 1e6 - 1)
      expect(times[0]).toBeGreaterThan(beganNs)
      expect(times.at(-1)).toBeLessThan(endedNs)
    }
  })
})

test('a port that is taken is told with a way out', async () => {
  const simulator = await start('fixed')
  const port = Number(new URL(simulator.url).port)
  const description = loadDescription('fixed')
  await expect(startSimulator({ description, host: '127.0.0.1', port, faults: [] })).rejects.toMatchObject({
    code: 'CANNOT_LISTEN',
    hint: expect.stringContaining('--port'),
  })
  await simulator.close()
})

test('the capacity is told in the engine’s words', async () => {
  const lines: string[] = []
  const description = loadDescription('mistral-7b-a10g')
  const simulator = await startSimulator({
    description,
    host: '127.0.0.1',
    port: 0,
    faults: [],
    onLogLine: (line) => lines.push(line),
  })
  await simulator.close()
  expect(lines).toEqual([
    'Available KV cache memory: 5.10 GiB',
    'GPU KV cache size: 41,808 tokens',
    'Maximum concurrency for 16,384 tokens per request: 2.55x',
  ])
})
