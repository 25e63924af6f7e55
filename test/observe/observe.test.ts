import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFacts, withoutCredentials } from '../../src/observe/index.js'
import { parseExposition } from '../../src/observe/prometheus.js'
import { vllmMetrics } from '../../src/observe/vllm/metrics.js'

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/vllm-0.32.0/${name}`, import.meta.url), 'utf8')

describe('the exposition format', () => {
  test('labels with escapes, infinities, and lines that are no samples', () => {
    const exposition = parseExposition(
      '# HELP a b\na{x="q\\"uo\\\\te\\n",y=""} 1.5\nb +Inf\nc NaN\nnonsense line here\nd_bucket{le="1"} 3\n',
    )
    expect(exposition.get('a')).toEqual([{ labels: { x: 'q"uo\\te\n', y: '' }, value: 1.5 }])
    expect(exposition.get('b')?.[0]?.value).toBe(Number.POSITIVE_INFINITY)
    expect([...exposition.keys()]).toEqual(['a', 'b'])
  })
})

describe('vLLM', () => {
  test('recorded from 0.32.0: every signal is found, with the value that stands in the text', () => {
    const text = fixture('metrics.txt')
    const exposition = parseExposition(text)
    expect(vllmMetrics.recognises(exposition)).toBe(true)
    const { gauges, counters, histograms } = vllmMetrics.read(exposition)
    const sampleIn = (name: string): number =>
      Number(new RegExp(`^${name}(?:\\{[^\\n]*\\})? (\\S+)$`, 'm').exec(text)?.[1])
    expect(gauges).toMatchObject({
      running: sampleIn('vllm:num_requests_running'),
      waiting: sampleIn('vllm:num_requests_waiting'),
      kvUsage: sampleIn('vllm:kv_cache_usage_perc'),
    })
    expect(gauges).toHaveProperty('waitingForCapacity')
    expect(counters).toMatchObject({
      preemptions: sampleIn('vllm:num_preemptions_total'),
      generationTokens: sampleIn('vllm:generation_tokens_total'),
      promptTokens: sampleIn('vllm:prompt_tokens_total'),
    })
    expect(histograms?.ttftS).toEqual({
      sum: sampleIn('vllm:time_to_first_token_seconds_sum'),
      count: sampleIn('vllm:time_to_first_token_seconds_count'),
    })
    expect(Object.keys(histograms ?? {}).sort()).toEqual([
      'decodeS',
      'e2eS',
      'interTokenS',
      'prefillS',
      'queueS',
      'stepTokens',
      'ttftS',
    ])
    expect(vllmMetrics.facts(exposition).kvBlocks).toBeGreaterThan(0)
  })

  test('older names are understood', () => {
    const { gauges, histograms } = vllmMetrics.read(
      parseExposition(
        'vllm:num_requests_running 3\nvllm:gpu_cache_usage_perc 0.5\nvllm:time_per_output_token_seconds_sum 2\nvllm:time_per_output_token_seconds_count 8\n',
      ),
    )
    expect(gauges).toEqual({ running: 3, kvUsage: 0.5 })
    expect(histograms).toEqual({ interTokenS: { sum: 2, count: 8 } })
  })

  test('several engines: counts are summed, KV usage is that of the fullest', () => {
    const { gauges, counters } = vllmMetrics.read(
      parseExposition(
        'vllm:num_requests_running{engine="0"} 3\nvllm:num_requests_running{engine="1"} 4\nvllm:kv_cache_usage_perc{engine="0"} 0.2\nvllm:kv_cache_usage_perc{engine="1"} 0.9\nvllm:num_preemptions_total{engine="0"} 1\nvllm:num_preemptions_total{engine="1"} 5\n',
      ),
    )
    expect(gauges).toEqual({ running: 7, kvUsage: 0.9 })
    expect(counters).toEqual({ preemptions: 6 })
  })

  test('what is not exposed is absent, not zero', () => {
    const { gauges, counters, histograms } = vllmMetrics.read(
      parseExposition('vllm:num_requests_running 0\n'),
    )
    expect({ gauges, counters, histograms }).toEqual({ gauges: { running: 0 }, counters: {}, histograms: {} })
  })
})

describe('facts of a target', () => {
  let server: Server
  let baseUrl = ''
  const pages: Record<string, string> = {
    '/v1/models': fixture('models.json'),
    '/version': fixture('version.json'),
    '/metrics': fixture('metrics.txt'),
  }
  beforeAll(async () => {
    server = createServer((req, res) => {
      const page = pages[req.url ?? '']
      res.writeHead(page === undefined ? 404 : 200).end(page)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  test('engine, version, model, context length and KV cache come from what it answers', async () => {
    const facts = await readFacts({
      baseUrl,
      metricsUrl: `${baseUrl}/metrics`,
      headers: {},
      api: 'openai-chat',
      model: undefined,
    })
    expect(facts).toMatchObject({ engine: 'vllm', model: 'light', maxModelLen: 2048 })
    expect(facts.version).toMatch(/^0\.32\.0/)
    expect(facts.kvCacheTokens).toBeGreaterThan(0)
  })

  test('credentials in a URL never reach the facts', () => {
    expect(withoutCredentials('http://user:secret@host:1/base?key=k')).toBe('http://host:1/base')
  })
})
