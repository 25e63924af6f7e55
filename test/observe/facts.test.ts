import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { assertReachable, knowEngine, pagesOf, readFacts } from '../../src/observe/index.js'
import type { TargetFacts } from '../../src/record/index.js'
import { type FakePage, type FakeServer, fakeServer } from './fake-server.js'

const metrics = (name: string): string =>
  readFileSync(new URL(`../fixtures/metrics/${name}.txt`, import.meta.url), 'utf8')
const json = (value: unknown): string => JSON.stringify(value)

const servers: FakeServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function serve(pages: Readonly<Record<string, FakePage>>, otherwise?: FakePage): Promise<FakeServer> {
  const server = await fakeServer(pages, otherwise)
  servers.push(server)
  return server
}

const factsOf = (
  server: FakeServer,
  model?: string,
  metricsUrl = `${server.url}/metrics`,
): Promise<TargetFacts> =>
  readFacts({ baseUrl: server.url, metricsUrl, headers: { authorization: 'Bearer key' }, api: 'a', model })

const models = (id: string, owner: string, more: object = {}) =>
  json({ object: 'list', data: [{ id, object: 'model', owned_by: owner, ...more }] })

const SERVER_INFO = json({
  model_path: '/models/m',
  served_model_name: 'm',
  api_key: 'planted-key',
  admin_api_key: 'planted-key',
  context_length: 8192,
  chunked_prefill_size: 4096,
  schedule_conservativeness: 1.0,
  schedule_policy: 'fcfs',
  disable_radix_cache: false,
  max_running_requests: 48,
  max_total_num_tokens: 65536,
  internal_states: [{}],
  version: '0.5.3',
})
const OLLAMA = {
  '/': 'Ollama is running',
  '/api/version': json({ version: '0.17.4' }),
  '/api/tags': json({
    models: [
      {
        name: 'gemma:latest',
        model: 'gemma:latest',
        size: 242,
        details: { family: 'gemma3', parameter_size: '268M', quantization_level: 'Q4_K_M' },
      },
      { name: 'other:1b', model: 'other:1b', size: 1000, details: {} },
    ],
  }),
  '/api/ps': json({ models: [{ name: 'gemma:latest', size: 500, size_vram: 0, context_length: 4096 }] }),
}
const LLAMA_PROPS = json({
  default_generation_settings: { n_ctx: 2048, params: {} },
  total_slots: 4,
  model_path: '/secret/place/m.gguf',
  build_info: 'b6543-3f545becc',
})
const TRITON = json({ name: 'triton', version: '2.59.0', extensions: [] })
const TGI_INFO = json({
  model_id: 'org/m',
  max_concurrent_requests: 128,
  max_input_tokens: 4095,
  max_total_tokens: 4096,
  max_client_batch_size: 4,
  version: '3.3.4',
  docker_label: 'sha-1',
})

/** What an engine serves, and what is to be known from it. */
const TARGETS: readonly (readonly [string, Record<string, FakePage>, Partial<TargetFacts>])[] = [
  [
    'SGLang, named by its model list',
    {
      '/v1/models': models('m', 'sglang', { max_model_len: 8192 }),
      '/server_info': SERVER_INFO,
      '/metrics': metrics('sglang'),
    },
    {
      engine: 'sglang',
      model: 'm',
      version: '0.5.3',
      maxModelLen: 8192,
      maxNumSeqs: 48,
      kvCacheTokens: 65536,
      prefixCaching: true,
    },
  ],
  [
    'SGLang without metrics or model list, by the older name of its page',
    { '/get_server_info': SERVER_INFO },
    { engine: 'sglang', model: 'm', version: '0.5.3', maxModelLen: 8192, kvCacheTokens: 65536 },
  ],
  [
    'TGI, whose model list names the model as owner',
    { '/v1/models': models('org/m', 'org/m'), '/info': TGI_INFO, '/metrics': metrics('tgi') },
    { engine: 'tgi', model: 'org/m', version: '3.3.4', maxModelLen: 4096, kvCacheTokens: 16384 },
  ],
  [
    'TGI by /info alone',
    { '/info': TGI_INFO },
    { engine: 'tgi', model: 'org/m', version: '3.3.4', maxModelLen: 4096 },
  ],
  [
    'llama.cpp without --metrics',
    {
      '/v1/models': models('m', 'llamacpp', { meta: { n_ctx_train: 131072 } }),
      '/props': LLAMA_PROPS,
      '/metrics': { status: 501, text: '{"error":{"type":"not_supported_error"}}' },
    },
    { engine: 'llama.cpp', model: 'm', version: 'b6543-3f545becc', maxModelLen: 2048, maxNumSeqs: 4 },
  ],
  [
    'Ollama, with its OpenAI routes',
    { ...OLLAMA, '/v1/models': models('gemma:latest', 'library') },
    { engine: 'ollama', model: 'gemma:latest', version: '0.17.4', maxModelLen: 4096 },
  ],
  [
    'Ollama by its own pages',
    OLLAMA,
    { engine: 'ollama', model: 'gemma:latest', version: '0.17.4', maxModelLen: 4096 },
  ],
  [
    'LMDeploy by its model list and metrics',
    { '/v1/models': models('m', 'lmdeploy'), '/metrics': metrics('lmdeploy') },
    { engine: 'lmdeploy', model: 'm' },
  ],
  [
    'LiteLLM, whose metrics are a redirect away',
    {
      '/v1/models': models('m', 'openai'),
      '/health/readiness': json({ status: 'healthy', db: 'Not connected', litellm_version: '1.80.0' }),
      '/metrics': { status: 307, location: '/metrics/' },
      '/metrics/': metrics('litellm'),
    },
    { engine: 'litellm', model: 'm', version: '1.80.0' },
  ],
  [
    'LiteLLM without metrics',
    {
      '/v1/models': models('m', 'openai'),
      '/health/readiness': json({ status: 'healthy', litellm_version: '1.80.0' }),
    },
    { engine: 'litellm', model: 'm', version: '1.80.0' },
  ],
  [
    'Triton, whose metrics are on another port',
    { '/v2': TRITON },
    { engine: 'triton', model: '', version: '2.59.0' },
  ],
  [
    'an older vLLM behind a list of its own',
    {
      '/v1/models': models('m', 'somebody', { max_model_len: 4096 }),
      '/version': json({ version: '0.6.3' }),
      '/metrics': metrics('vllm-v0'),
    },
    { engine: 'vllm', model: 'm', version: '0.6.3', maxModelLen: 4096, kvCacheTokens: 24576 },
  ],
]

describe('what a target is', () => {
  test.each(TARGETS)('%s', async (_what, pages, facts) => {
    expect(await factsOf(await serve(pages))).toMatchObject(facts)
  })

  test('a known engine is asked for its own pages only', async () => {
    const server = await serve({ '/v1/models': models('m', 'llamacpp'), '/props': LLAMA_PROPS })
    await factsOf(server)
    expect([...server.asked].sort()).toEqual(['/metrics', '/props', '/v1/models', '/version'])
  })

  test('a model that was asked for is taken, and its own length told', async () => {
    const server = await serve({
      '/v1/models': json({
        data: [
          { id: 'a', max_model_len: 10 },
          { id: 'b', max_model_len: 20 },
        ],
      }),
    })
    expect(await factsOf(server, 'b')).toMatchObject({ model: 'b', maxModelLen: 20 })
    expect(await factsOf(server, 'c')).toEqual({ url: server.url, api: 'a', model: 'c' })
    const ollama = await serve(OLLAMA)
    expect(await factsOf(ollama, 'gemma')).toMatchObject({
      maxModelLen: 4096,
      config: { family: 'gemma3', context_length: '4096' },
    })
    expect(await factsOf(ollama, 'other:1b')).not.toHaveProperty('maxModelLen')
  })

  test('keys and paths that a server tells of itself stay where they are', async () => {
    const sglang = await serve({ '/server_info': SERVER_INFO })
    const llama = await serve({ '/props': LLAMA_PROPS })
    const written = json([await factsOf(sglang), await factsOf(llama)])
    expect(written).not.toMatch(/planted-key|secret\/place/)
    expect(written).toContain('chunked_prefill_size')
  })
})

describe('a target that tells nothing', () => {
  /** A gateway with one generation route: what it does with every other. */
  const GATEWAYS: readonly (readonly [string, FakePage])[] = [
    ['answers 404', { status: 404 }],
    ['answers 401', { status: 401, text: '{"error":{"message":"no key"}}' }],
    ['answers 405', { status: 405 }],
    ['answers 500', { status: 500, text: 'oops' }],
    ['answers 200 with a page of HTML', '<!doctype html><title>Welcome</title>'],
    ['answers 200 with null', 'null'],
    ['answers 200 with JSON of another kind', '{"data":"x","models":7,"version":{"a":1},"name":["triton"]}'],
    ['sends everybody elsewhere', { status: 302, location: 'http://127.0.0.1:9/login' }],
    ['hangs up', 'hang up'],
  ]

  test.each(GATEWAYS)('%s: the named model, and nothing else', async (_what, page) => {
    const server = await serve({}, page)
    expect(await factsOf(server, 'm')).toEqual({ url: server.url, api: 'a', model: 'm' })
    await assertReachable(server.url, {})
  })

  test('nobody there at all is told as such', async () => {
    const server = await fakeServer({})
    await server.close()
    await expect(assertReachable(server.url, {})).rejects.toThrow(/nothing answers at/)
    expect(await factsOf(server, 'm')).toEqual({ url: server.url, api: 'a', model: 'm' })
  })

  test('keeps silent on what it does not serve: it is left alone after a while, and is there', async () => {
    const server = await serve({}, 'silence')
    const [facts] = await Promise.all([factsOf(server, 'm'), assertReachable(server.url, {})])
    expect(facts).toEqual({ url: server.url, api: 'a', model: 'm' })
  }, 20_000)

  test('a page beyond all size is left, and the others are read', async () => {
    const server = await serve({ '/info': 'x'.repeat(20 * 1024 * 1024), '/v2': TRITON })
    expect(await factsOf(server, 'm')).toMatchObject({ engine: 'triton', version: '2.59.0' })
  })

  test('whatever the pages hold, reading them never fails', () => {
    const paths = [
      '/v1/models',
      '/version',
      '/',
      '/info',
      '/props',
      '/server_info',
      '/api/tags',
      '/api/ps',
      '/v2',
      '/health/readiness',
    ]
    const answer = fc.record({
      status: fc.constantFrom(200, 204, 404),
      text: fc.oneof(fc.json(), fc.string()),
    })
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...paths), answer),
        fc.option(answer, { nil: undefined }),
        (pages, page) => {
          const facts = knowEngine(pagesOf(new Map(Object.entries(pages))), page, 'm')
          expect(Array.isArray(facts.models)).toBe(true)
        },
      ),
    )
  })
})

describe('what can be watched', () => {
  test('an engine whose metrics are off offers what other pages tell, and how to turn them on', async () => {
    const server = await serve({
      '/v1/models': models('m', 'llamacpp'),
      '/metrics': { status: 501 },
    })
    const { watched } = await factsOf(server)
    expect(watched?.offers.running).toMatchObject({ from: '/slots' })
    expect(watched?.offers.waiting).toEqual({ none: 'its metrics answer with HTTP 501' })
    expect(watched?.offers.preempted).toMatchObject({ none: expect.stringContaining('never preempts') })
    expect(watched?.notes[0]).toMatch(/HTTP 501: start llama-server with --metrics/)
  })

  test('what an engine never tells is said with its reason', async () => {
    const server = await serve({
      '/v1/models': models('m', 'm'),
      '/info': TGI_INFO,
      '/metrics': metrics('tgi'),
    })
    const { watched } = await factsOf(server)
    expect(watched?.offers.preempted).toMatchObject({ none: expect.stringContaining('never preempts') })
    expect(watched?.offers['cache use']).toMatchObject({ from: 'tgi_batch_current_max_tokens' })
  })

  test('the simulator offers what the metrics that it imitates offer, and is told for what it is', async () => {
    const server = await serve({
      '/v1/models': models('m', 'falloff-simulator'),
      '/metrics': metrics('vllm-v0'),
    })
    const facts = await factsOf(server)
    expect(facts.engine).toBe('falloff-simulator')
    expect(facts.watched?.offers.preempted).toHaveProperty('from')
  })

  test('the key goes to the target, and not where a redirect points', async () => {
    const other = await serve({ '/metrics': metrics('litellm') })
    const server = await serve({ '/metrics': { status: 307, location: `${other.url}/metrics` } })
    await factsOf(server, 'm')
    expect(server.headers.get('/metrics')?.authorization).toBe('Bearer key')
    expect(other.asked).toEqual([])
  })
})
