import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reading } from '../../src/observe/engine-metrics.js'
import { ENGINES, metricsIn, metricsOf } from '../../src/observe/engines.js'
import { ENGINE_OFFERS } from '../../src/observe/index.js'
import { parseExposition } from '../../src/observe/prometheus.js'
import { type EngineKind, OBSERVABLES, type Observable } from '../../src/record/index.js'

const page = (name: string): string =>
  readFileSync(new URL(`../fixtures/metrics/${name}.txt`, import.meta.url), 'utf8')

function engineOf(kind: EngineKind) {
  const engine = metricsOf(kind)
  if (!engine) throw new Error(`no engine ${kind}`)
  return engine
}

const read = (kind: EngineKind, text: string, beside: Record<string, unknown> = {}): Reading =>
  engineOf(kind).read(parseExposition(text), new Map(Object.entries(beside)))

/** Figures as they stand in the fixtures, worked out by hand. */
const READINGS: readonly (readonly [string, EngineKind, Reading])[] = [
  [
    'vllm-v0',
    'vllm',
    {
      gauges: { running: 12, waiting: 3, kvUsage: 0.8125 },
      counters: { preemptions: 7, promptTokens: 40960, generationTokens: 20480, requestsFinished: 160 },
      histograms: {
        ttftS: { sum: 40, count: 160 },
        interTokenS: { sum: 406.4, count: 20320 },
        e2eS: { sum: 480, count: 160 },
        queueS: { sum: 16, count: 160 },
      },
    },
  ],
  [
    'sglang',
    'sglang',
    {
      gauges: { running: 23, waiting: 5, kvUsage: 0.42 },
      counters: {
        preemptions: 9,
        promptTokens: 8192,
        generationTokens: 4096,
        prefixQueries: 8192,
        prefixHits: 2048,
        requestsFinished: 64,
      },
      histograms: {
        ttftS: { sum: 12.8, count: 64 },
        interTokenS: { sum: 80.64, count: 4032 },
        e2eS: { sum: 93.44, count: 64 },
        queueS: { sum: 3.2, count: 64 },
      },
    },
  ],
  [
    'tgi',
    'tgi',
    {
      gauges: { running: 8, waiting: 6, kvUsage: 0.75 },
      counters: { promptTokens: 5632, generationTokens: 4400, requestsFinished: 44, requestsFailed: 4 },
      histograms: {
        interTokenS: { sum: 1.32, count: 44 },
        e2eS: { sum: 176, count: 44 },
        queueS: { sum: 22, count: 44 },
        prefillS: { sum: 3.2, count: 40 },
      },
    },
  ],
  [
    'llamacpp',
    'llama.cpp',
    {
      gauges: { running: 3, waiting: 11 },
      counters: { promptTokens: 1200, prefixQueries: 1200, prefixHits: 300, generationTokens: 2000 },
      histograms: { interTokenS: { sum: 50, count: 2000 } },
    },
  ],
  [
    'triton-trtllm',
    'triton',
    {
      gauges: { running: 14, waiting: 3, kvUsage: 0.4 },
      counters: { requestsFinished: 48, requestsFailed: 3 },
      histograms: { queueS: { sum: 0.024, count: 48 }, e2eS: { sum: 96, count: 48 } },
      gpu: [
        {
          id: 'GPU-11111111-aaaa',
          utilisation: 0.75,
          memoryUsedBytes: 64424509440,
          memoryTotalBytes: 85899345920,
          powerW: 412.5,
        },
        {
          id: 'GPU-22222222-bbbb',
          utilisation: 0.5,
          memoryUsedBytes: 21474836480,
          memoryTotalBytes: 85899345920,
        },
      ],
      host: { cpuBusyShare: 0.125, memoryTotalBytes: 540431955968, memoryAvailableBytes: 500000000000 },
    },
  ],
  [
    'lmdeploy',
    'lmdeploy',
    {
      gauges: { running: 9, waiting: 2, kvUsage: 0.375 },
      counters: { promptTokens: 1000, generationTokens: 500 },
      histograms: { ttftS: { sum: 1.5, count: 10 }, e2eS: { sum: 12, count: 10 } },
    },
  ],
  [
    'litellm',
    'litellm',
    {
      gauges: { running: 31 },
      counters: {
        promptTokens: 12000,
        generationTokens: 6000,
        requestsFinished: 100,
        requestsFailed: 10,
        deploymentFailures: 13,
        deploymentCooldowns: 2,
      },
      histograms: {
        ttftS: { sum: 18, count: 90 },
        e2eS: { sum: 180, count: 90 },
        gatewayS: { sum: 0.45, count: 90 },
      },
    },
  ],
]

describe('the metrics of each engine', () => {
  test.each(READINGS)(
    '%s: known by its names, and every figure is the one that stands there',
    (name, kind, reading) => {
      const text = page(name)
      expect(metricsIn(parseExposition(text))?.engine).toBe(kind)
      const got = read(kind, text)
      expect(got.gauges?.kvUsage ?? 0).toBeCloseTo(reading.gauges?.kvUsage ?? 0, 12)
      expect(got.histograms?.queueS?.sum ?? 0).toBeCloseTo(reading.histograms?.queueS?.sum ?? 0, 12)
      expect(rounded(got)).toEqual(rounded(reading))
    },
  )

  // Triton writes its own names without a client library, and never changed them.
  test.each(READINGS.filter(([, kind]) => kind !== 'triton'))(
    '%s: counters read the same whether their names end in _total or not',
    (name, kind) => {
      const text = page(name)
      const counters = [...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, counter = '']) => counter)
      const other = (counter: string) =>
        counter.endsWith('_total') ? counter.slice(0, -'_total'.length) : `${counter}_total`
      const renamed = counters.reduce(
        (page, counter) => page.replace(new RegExp(`^${counter}(?=[ {])`, 'gm'), other(counter)),
        text,
      )
      expect(renamed).not.toBe(text)
      expect(read(kind, renamed)).toEqual(read(kind, text))
    },
  )

  test.each(READINGS)('%s: a page of no samples tells nothing, and no zero', (_name, kind) => {
    const got = read(kind, '# HELP a\n')
    for (const part of [got.gauges, got.counters, got.histograms]) expect(part ?? {}).toEqual({})
    expect(got.gpu).toBeUndefined()
    expect(got.host).toBeUndefined()
  })

  test.each(READINGS)(
    '%s: of any part of the page only what is there is told, and rightly',
    (name, kind, whole) => {
      const lines = page(name).split('\n')
      fc.assert(
        fc.property(fc.subarray(lines), (some) => {
          const got = read(kind, some.join('\n'))
          for (const part of ['gauges', 'counters', 'histograms'] as const) {
            for (const [key, value] of Object.entries(got[part] ?? {})) {
              expect(Object.keys(whole[part] ?? {})).toContain(key)
              expect(Number.isNaN(value)).toBe(false)
            }
          }
        }),
        { numRuns: 50 },
      )
    },
  )

  const known = READINGS.flatMap(([name]) => page(name).split('\n'))
  const mangled = fc
    .tuple(fc.constantFrom(...known), fc.nat(120), fc.nat(12), fc.string({ unit: 'binary', maxLength: 6 }))
    .map(([line, at, cut, inserted]) => line.slice(0, at) + inserted + line.slice(at + cut))

  test('no reader stumbles over garbage, nor over lines cut and mangled', () => {
    fc.assert(
      fc.property(fc.array(mangled, { maxLength: 60 }), fc.json(), (lines, json) => {
        const exposition = parseExposition(lines.join('\n'))
        for (const engine of ENGINES) {
          const beside = new Map(engine.sources.map((path) => [path, JSON.parse(json) as unknown]))
          expect(Object.values(engine.read(exposition, beside).gauges ?? {}).some(Number.isNaN)).toBe(false)
          expect(engine.facts(exposition)).toBeTypeOf('object')
        }
      }),
    )
  })
})

/** Floating point sums differ in the last places. */
const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, v: unknown) => (typeof v === 'number' ? Number(v.toPrecision(12)) : v)),
  )

describe('what engines tell beside their metrics', () => {
  test('SGLang: /v1/loads goes before the gauges, whose cadence is that of a log', () => {
    const loads = {
      timestamp: '2026-01-01T00:00:00',
      dp_rank_count: 2,
      loads: [
        {
          dp_rank: 0,
          num_running_reqs: 4,
          num_waiting_reqs: 1,
          token_usage: 0.5,
          max_total_num_tokens: 1000,
        },
        {
          dp_rank: 1,
          num_running_reqs: 6,
          num_waiting_reqs: 0,
          token_usage: 0.9,
          max_total_num_tokens: 1000,
        },
      ],
    }
    const fresh = { running: 10, waiting: 1, kvUsage: 0.9 }
    expect(read('sglang', page('sglang'), { '/v1/loads': loads }).gauges).toEqual(fresh)
    expect(read('sglang', '', { '/v1/loads': loads }).gauges).toEqual(fresh)
  })

  test.each([
    ['no list', {}],
    ['entries of another kind', { loads: [1, null, 'x'] }],
    ['fields of another kind', { loads: [{ num_running_reqs: '4', token_usage: null }] }],
    ['no JSON object', 'busy'],
  ])('SGLang: /v1/loads with %s leaves the gauges as they are', (_what, loads) => {
    expect(read('sglang', page('sglang'), { '/v1/loads': loads }).gauges).toEqual({
      running: 23,
      waiting: 5,
      kvUsage: 0.42,
    })
  })

  test('SGLang: ranks of one replica tell the same and count once; replicas are added', () => {
    const line = (name: string, dp: number, tp: number, value: number) =>
      `sglang:${name}{model_name="m",dp_rank="${dp}",tp_rank="${tp}",pp_rank="0"} ${value}\n`
    const text = [
      ...[0, 1].map((tp) => line('num_running_reqs', 0, tp, 7)),
      ...[0, 1].map((tp) => line('num_running_reqs', 1, tp, 5)),
      ...[0, 1].map((tp) => line('num_retracted_requests_total', 0, tp, 3)),
      ...[0, 1].map((tp) => line('max_total_num_tokens', tp, 0, 4096)),
      line('token_usage', 0, 0, 0.25),
      line('token_usage', 1, 0, 0.75),
    ].join('')
    expect(read('sglang', text)).toMatchObject({
      gauges: { running: 12, kvUsage: 0.75 },
      counters: { preemptions: 3 },
    })
    expect(engineOf('sglang').facts(parseExposition(text))).toEqual({ kvCacheTokens: 8192 })
  })

  const slot = (id: number, busy: boolean, rest: object) => ({
    id,
    n_ctx: 1000,
    is_processing: busy,
    ...rest,
  })

  test.each([
    ['as an object', { n_decoded: 100 }],
    ['as a list of one', [{ n_decoded: 100 }]],
  ])('llama.cpp: cache use is what busy slots hold of all slots’ room, with next_token %s', (_form, next) => {
    const slots = [
      slot(0, true, { n_prompt_tokens: 400, next_token: next }),
      slot(1, true, { n_prompt_tokens: 300, next_token: next }),
      slot(2, false, { n_prompt_tokens: 900, next_token: next }),
      slot(3, false, {}),
    ]
    const { gauges } = read('llama.cpp', page('llamacpp'), { '/slots': slots })
    expect(gauges).toEqual({ running: 3, waiting: 11, kvUsage: 900 / 4000 })
    // Without --metrics the slots still tell how many are busy.
    expect(read('llama.cpp', '', { '/slots': slots }).gauges).toEqual({ running: 2, kvUsage: 900 / 4000 })
  })

  test('llama.cpp: slots that do not tell what they hold give no cache use, rather than too little', () => {
    const slots = [slot(0, true, { n_prompt_tokens: 400 }), slot(1, true, { next_token: { n_decoded: 5 } })]
    expect(read('llama.cpp', '', { '/slots': slots }).gauges).toEqual({ running: 2 })
  })

  test('llama.cpp: builds that do not count cached tokens apart tell prompts as a whole, and no hits', () => {
    expect(read('llama.cpp', 'llamacpp:prompt_tokens_total 900\n').counters).toEqual({ promptTokens: 900 })
    expect(read('llama.cpp', 'llamacpp:kv_cache_usage_ratio 0.3\n').gauges).toEqual({ kvUsage: 0.3 })
  })

  test('Ollama: models loaded, their size and their share of GPU memory', () => {
    const models = [
      { name: 'a:latest', size: 4000, size_vram: 3000 },
      { name: 'b:1b', size: 1000, size_vram: 0 },
    ]
    expect(read('ollama', '', { '/api/ps': { models } }).gauges).toEqual({
      modelsLoaded: 2,
      modelBytes: 5000,
      modelGpuBytes: 3000,
    })
    expect(read('ollama', '', { '/api/ps': { models: [] } }).gauges).toEqual({ modelsLoaded: 0 })
    expect(read('ollama', '')).toEqual({})
  })

  test('TGI: no batch ran yet, so its gauges are not there; a budget of 0 gives no share', () => {
    expect(read('tgi', 'tgi_queue_size 0\ntgi_batch_max_total_tokens 16384\n').gauges).toEqual({ waiting: 0 })
    expect(read('tgi', 'tgi_batch_current_max_tokens 10\ntgi_batch_max_total_tokens 0\n').gauges).toEqual({})
  })

  test('Triton with another backend: requests that wait are those it has not handed on; nothing else is made up', () => {
    const text =
      'nv_inference_pending_request_count{model="m",version="1"} 4\nnv_inference_request_success{model="m"} 2\n'
    expect(metricsIn(parseExposition(text))?.engine).toBe('triton')
    expect(read('triton', text)).toMatchObject({ gauges: { waiting: 4 }, counters: { requestsFinished: 2 } })
  })
})

test('LiteLLM 1.80.10, recorded after five requests that went well and one that failed behind it', () => {
  const { counters, histograms } = read('litellm', page('litellm-1.80.10'))
  expect(counters).toEqual({
    promptTokens: 40,
    generationTokens: 30,
    // It counts the failed one twice.
    requestsFinished: 7,
    requestsFailed: 2,
    deploymentFailures: 1,
  })
  expect(Object.entries(histograms ?? {}).map(([name, total]) => [name, total.count])).toEqual([
    ['ttftS', 5],
    ['e2eS', 5],
    ['gatewayS', 5],
  ])
})

describe('facts in the metrics', () => {
  test.each([
    ['vllm-v0', 'vllm', { kvBlocks: 1537, kvBlockSize: 16, kvCacheTokens: 24576, prefixCaching: false }],
    ['sglang', 'sglang', { kvCacheTokens: 100000 }],
    ['tgi', 'tgi', { kvCacheTokens: 16384 }],
    ['triton-trtllm', 'triton', { kvBlocks: 625, kvBlockSize: 64, kvCacheTokens: 40000, maxNumSeqs: 16 }],
  ] as const)('%s tells its cache', (name, kind, facts) => {
    expect(engineOf(kind).facts(parseExposition(page(name)))).toMatchObject(facts)
  })
})

describe('the table of what engines offer', () => {
  test('every engine says something of every word of the vocabulary', () => {
    for (const { engine, offers } of ENGINES) {
      expect([engine, Object.keys(offers).sort()]).toEqual([engine, [...OBSERVABLES].sort()])
    }
    expect(ENGINE_OFFERS.size).toBe(ENGINES.length)
  })

  /** Where each word lands in a sample. */
  const seen: Readonly<Record<Observable, (r: Reading) => unknown>> = {
    running: (r) => r.gauges?.running,
    waiting: (r) => r.gauges?.waiting,
    'cache use': (r) => r.gauges?.kvUsage,
    preempted: (r) => r.counters?.preemptions,
    'prefix hits': (r) => r.counters?.prefixHits,
    'queue time': (r) => r.histograms?.queueS,
    'prefill time': (r) => r.histograms?.prefillS,
    'decode time': (r) => r.histograms?.decodeS ?? r.histograms?.interTokenS,
    'generated tokens': (r) => r.counters?.generationTokens,
  }

  test.each(READINGS)(
    '%s: what is said not to be offered is nowhere in its readings',
    (_name, kind, reading) => {
      for (const word of OBSERVABLES) {
        // The time per token alone is no offer of a decode time where the engine has no total of it.
        if (word === 'decode time' && kind !== 'llama.cpp') continue
        const offer = ENGINE_OFFERS.get(kind)?.[word]
        if (offer && 'none' in offer) expect([word, seen[word](reading)]).toEqual([word, undefined])
      }
    },
  )
})
