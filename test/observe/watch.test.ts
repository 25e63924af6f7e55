import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { monotonicNs, runClock } from '../../src/base/index.js'
import { watchServer } from '../../src/observe/index.js'
import { createScraper } from '../../src/observe/scrape.js'
import { type EngineKind, RUN_FILES, type ServerSample } from '../../src/record/index.js'
import { type FakePage, type FakeServer, fakeServer } from './fake-server.js'

const metrics = (name: string): string =>
  readFileSync(new URL(`../fixtures/metrics/${name}.txt`, import.meta.url), 'utf8')
const json = (value: unknown): string => JSON.stringify(value)

const servers: FakeServer[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

async function serve(pages: Readonly<Record<string, FakePage>>, otherwise?: FakePage): Promise<FakeServer> {
  const server = await fakeServer(pages, otherwise)
  servers.push(server)
  return server
}

interface Beside {
  readonly gpuMetricsUrl?: string
  readonly hostMetricsUrl?: string
}

const options = (server: FakeServer, engine: EngineKind | undefined, beside: Beside = {}) => ({
  ...{ baseUrl: server.url, metricsUrl: `${server.url}/metrics`, engine },
  ...{ headers: { authorization: 'Bearer key' }, clock: runClock(monotonicNs()) },
  ...beside,
})

const scrapeOnce = (server: FakeServer, engine?: EngineKind, beside?: Beside): Promise<ServerSample> =>
  createScraper(options(server, engine, beside))()

const LOADS = json({ loads: [{ dp_rank: 0, num_running_reqs: 4, num_waiting_reqs: 1, token_usage: 0.5 }] })
const SLOTS = json([
  { id: 0, n_ctx: 100, is_processing: true, n_prompt_tokens: 20, next_token: [{ n_decoded: 5 }] },
])
const PS = json({ models: [{ name: 'm', size: 10, size_vram: 7 }] })

/** Pages, the engine as known beforehand, and what one scrape tells. */
const SCRAPES: readonly (readonly [
  string,
  Record<string, FakePage>,
  EngineKind | undefined,
  Partial<ServerSample>,
])[] = [
  [
    'SGLang: both pages',
    { '/metrics': metrics('sglang'), '/v1/loads': LOADS },
    'sglang',
    { gauges: { running: 4, waiting: 1, kvUsage: 0.5 } },
  ],
  [
    'SGLang without metrics',
    { '/v1/loads': LOADS },
    'sglang',
    { gauges: { running: 4, waiting: 1, kvUsage: 0.5 }, counters: {} },
  ],
  [
    'SGLang without /v1/loads',
    { '/metrics': metrics('sglang') },
    'sglang',
    { gauges: { running: 23, waiting: 5, kvUsage: 0.42 } },
  ],
  [
    'SGLang with garbage beside',
    { '/metrics': metrics('sglang'), '/v1/loads': 'busy {' },
    'sglang',
    { gauges: { running: 23, waiting: 5, kvUsage: 0.42 } },
  ],
  [
    'llama.cpp: both pages',
    { '/metrics': metrics('llamacpp'), '/slots': SLOTS },
    'llama.cpp',
    { gauges: { running: 3, waiting: 11, kvUsage: 0.25 } },
  ],
  [
    'llama.cpp without --metrics',
    { '/metrics': { status: 501 }, '/slots': SLOTS },
    'llama.cpp',
    { gauges: { running: 1, kvUsage: 0.25 } },
  ],
  ['Ollama', { '/api/ps': PS }, 'ollama', { gauges: { modelsLoaded: 1, modelBytes: 10, modelGpuBytes: 7 } }],
  [
    'LiteLLM, a redirect away',
    { '/metrics': { status: 307, location: '/metrics/' }, '/metrics/': metrics('litellm') },
    undefined,
    { gauges: { running: 31 } },
  ],
  [
    'an engine that nobody named',
    { '/metrics': metrics('tgi') },
    undefined,
    { gauges: { running: 8, waiting: 6, kvUsage: 0.75 } },
  ],
  [
    'the simulator in vLLM’s metrics',
    { '/metrics': metrics('vllm-v0') },
    'falloff-simulator',
    { gauges: { running: 12, waiting: 3, kvUsage: 0.8125 } },
  ],
]

describe('one scrape', () => {
  test.each(SCRAPES)('%s', async (_what, pages, engine, told) => {
    const sample = await scrapeOnce(await serve(pages), engine)
    expect(sample).toMatchObject(told)
    expect(sample.error).toBeUndefined()
  })

  test.each<[string, Record<string, FakePage>, EngineKind | undefined, RegExp]>([
    ['no page', {}, undefined, /^HTTP 404$/],
    ['no page of a known engine', {}, 'vllm', /^HTTP 404$/],
    ['none of SGLang’s pages', { '/metrics': { status: 503 } }, 'sglang', /^HTTP 503$/],
    ['Ollama gone silent', { '/api/ps': { status: 500 } }, 'ollama', /api\/ps did not answer/],
    ['somebody else’s metrics', { '/metrics': 'go_goroutines 7\n' }, undefined, /no engine known/],
    ['HTML', { '/metrics': '<!doctype html>' }, undefined, /no engine known/],
    ['a connection cut', { '/metrics': 'hang up' }, 'vllm', /./],
  ])('%s: told in the sample, with nothing else', async (_what, pages, engine, error) => {
    const sample = await scrapeOnce(await serve(pages), engine)
    expect(sample.error).toMatch(error)
    expect(Object.keys(sample).sort()).toEqual(['atNs', 'error', 'tookNs'])
  })

  test('a slow page beside costs the scrape no more than its limit, and the rest is told', async () => {
    const server = await serve({ '/metrics': metrics('sglang'), '/v1/loads': 'silence' })
    expect((await scrapeOnce(server, 'sglang')).gauges).toEqual({ running: 23, waiting: 5, kvUsage: 0.42 })
  }, 15_000)

  test('an engine recognised by its metrics is asked for its other pages from the next scrape on', async () => {
    const server = await serve({ '/metrics': metrics('llamacpp'), '/slots': SLOTS })
    const scrape = createScraper(options(server, undefined))
    expect((await scrape()).gauges).not.toHaveProperty('kvUsage')
    expect((await scrape()).gauges).toHaveProperty('kvUsage')
  })

  test('Ollama is not asked for metrics that it does not have', async () => {
    const server = await serve({ '/api/ps': PS })
    await scrapeOnce(server, 'ollama')
    expect(server.asked).toEqual(['/api/ps'])
  })
})

describe('the machine beside the engine', () => {
  test('GPUs and host come with the same sample; their exporters are not shown the key', async () => {
    const engine = await serve({ '/metrics': metrics('tgi') })
    const node = await serve({ '/gpu': metrics('dcgm'), '/host': metrics('node-exporter') })
    const sample = await scrapeOnce(engine, 'tgi', {
      gpuMetricsUrl: `${node.url}/gpu`,
      hostMetricsUrl: `${node.url}/host`,
    })
    expect(sample.gauges?.running).toBe(8)
    expect(sample.gpu?.map((g) => g.utilisation)).toEqual([0.97, 0])
    expect(sample.host?.cpuTotalS).toBe(3000)
    expect(sample).not.toHaveProperty('besideErrors')
    expect(engine.headers.get('/metrics')?.authorization).toBe('Bearer key')
    expect(node.headers.get('/gpu')).not.toHaveProperty('authorization')
    expect(node.headers.get('/host')).not.toHaveProperty('authorization')
  })

  test('an exporter that fails or is another one is told, and harms nothing; nor does the engine harm it', async () => {
    const engine = await serve({ '/metrics': { status: 500 } })
    const node = await serve({ '/gpu': metrics('node-exporter'), '/good': metrics('node-exporter') })
    const wrong = await scrapeOnce(engine, 'tgi', {
      gpuMetricsUrl: `${node.url}/gpu`,
      hostMetricsUrl: `${node.url}/gone`,
    })
    expect(wrong.error).toBe('HTTP 500')
    expect(wrong.besideErrors).toEqual({ gpu: 'no metrics of a DCGM exporter', host: 'HTTP 404' })
    const right = await scrapeOnce(engine, 'tgi', { hostMetricsUrl: `${node.url}/good` })
    expect(right).toMatchObject({ error: 'HTTP 500', host: { load1: 2.75 } })
  })

  test('an engine that tells of its own machine is heard, its exporter before it', async () => {
    const engine = await serve({ '/metrics': metrics('triton-trtllm') })
    const node = await serve({ '/gpu': metrics('dcgm') })
    expect((await scrapeOnce(engine, 'triton')).gpu?.map((g) => g.utilisation)).toEqual([0.75, 0.5])
    const both = await scrapeOnce(engine, 'triton', { gpuMetricsUrl: `${node.url}/gpu` })
    expect(both.gpu?.map((g) => g.utilisation)).toEqual([0.97, 0])
    expect(both.host?.cpuBusyShare).toBe(0.125)
  })
})

describe('watching', () => {
  test('never two scrapes at once, once more at the end, and every sample is a line of the file', async () => {
    const server = await serve({
      '/metrics': { afterMs: 60, text: metrics('sglang') },
      '/v1/loads': { afterMs: 30, text: LOADS },
    })
    const folder = mkdtempSync(join(tmpdir(), 'falloff-watch-'))
    folders.push(folder)
    const samples: ServerSample[] = []
    const watch = watchServer({
      ...options(server, 'sglang'),
      ...{ intervalMs: 5, folder, onSample: (sample: ServerSample) => void samples.push(sample) },
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    const before = samples.length
    await watch.stop()
    expect(samples.length).toBeGreaterThan(before)
    expect(samples.length).toBeGreaterThan(1)
    expect(server.mostAtOnce('/metrics')).toBe(1)
    expect(server.mostAtOnce('/v1/loads')).toBe(1)
    const lines = readFileSync(join(folder, RUN_FILES.server), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(samples)
  })

  test('an engine that comes late and goes again shows as errors between samples', async () => {
    const pages: Record<string, FakePage> = { '/metrics': { status: 503 } }
    const server = await serve(pages)
    const scrape = createScraper(options(server, undefined))
    const seen: (string | undefined)[] = []
    for (const page of [{ status: 503 }, metrics('tgi'), 'hang up', metrics('tgi')] as const) {
      pages['/metrics'] = page
      seen.push((await scrape()).error)
    }
    expect(seen.map((error) => error === undefined)).toEqual([false, true, false, true])
  })
})
