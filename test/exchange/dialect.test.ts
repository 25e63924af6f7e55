import { describe, expect, it } from 'vitest'
import { AIPERF } from '../../src/exchange/dialect/aiperf.js'
import { collect, type Dialect } from '../../src/exchange/dialect/dialect.js'
import { GUIDELLM } from '../../src/exchange/dialect/guidellm.js'
import { linearQuantile, weightedQuantile } from '../../src/exchange/dialect/statistics.js'
import { VLLM } from '../../src/exchange/dialect/vllm.js'
import { each, readFixture, recordOf, type Told } from './fixtures.js'

/** The figures that a dialect makes of the requests another tool measured, by the tool's own names. */
async function figuresOf(dialect: Dialect, told: readonly Told[]) {
  const rows = dialect.rows(await collect(each(told.map(recordOf))))
  return (name: string) => {
    const found = rows.find((row) => row.name === name)?.stats
    if (!found) throw new Error(`no figure called ${name}`)
    return found
  }
}

interface VllmFile {
  readonly [key: string]: number
}
interface VllmLists {
  readonly start_times: readonly number[]
  readonly ttfts: readonly number[]
  readonly itls: readonly (readonly number[])[]
  readonly latencies: readonly number[]
  readonly input_lens: readonly number[]
  readonly output_lens: readonly number[]
}

describe('vllm bench serve', () => {
  const file = JSON.parse(readFixture('vllm-bench-0.32.0.json')) as VllmFile & VllmLists
  const zeroS = Math.min(...file.start_times)
  const told = file.ttfts.map((ttft, i): Told => {
    const sentS = (file.start_times[i] ?? 0) - zeroS
    const [role = 0, ...gapsS] = file.itls[i] ?? []
    const lastTokenS = sentS + (file.latencies[i] ?? 0)
    const tokens = { inputTokens: file.input_lens[i] ?? 0, outputTokens: file.output_lens[i] ?? 0 }
    const firsts = { firstEventS: sentS + ttft, firstTokenS: sentS + ttft + role }
    return { sentS, ...firsts, lastTokenS, endS: lastTokenS, ...tokens, gapsS }
  })

  it.each([
    ['TTFT', 'ttft'],
    ['TPOT', 'tpot'],
    ['ITL', 'itl'],
    ['E2EL', 'e2el'],
  ])('%s of its requests is what it printed itself', async (name, key) => {
    const stats = (await figuresOf(VLLM, told))(name)
    expect(stats.mean).toBeCloseTo(file[`mean_${key}_ms`] ?? Number.NaN, 4)
    expect(stats.p50).toBeCloseTo(file[`median_${key}_ms`] ?? Number.NaN, 4)
    for (const p of [50, 90, 95, 99] as const)
      expect(stats[`p${p}`]).toBeCloseTo(file[`p${p}_${key}_ms`] ?? Number.NaN, 4)
  })

  it('its throughput is the same but for its own start and end, its peaks are the same', async () => {
    const figure = await figuresOf(VLLM, told)
    for (const [name, key] of [
      ['Request throughput', 'request_throughput'],
      ['Output token throughput', 'output_throughput'],
      ['Total token throughput', 'total_token_throughput'],
    ] as const)
      expect(figure(name).mean / (file[key] ?? Number.NaN)).toBeCloseTo(1, 3)
    expect(figure('Peak output token throughput').mean).toBe(file.max_output_tokens_per_s)
    expect(figure('Peak concurrent requests').mean).toBe(file.max_concurrent_requests)
  })
})

interface Spread {
  readonly mean: number
  readonly percentiles: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99', number>>
}
interface GuideLlmFile {
  readonly benchmarks: readonly [
    {
      readonly duration: number
      readonly metrics: Readonly<Record<string, { readonly successful: Spread }>>
      readonly requests: {
        readonly successful: readonly {
          readonly prompt_tokens: number
          readonly output_tokens: number
          readonly info: {
            readonly timings: {
              readonly request_start: number
              readonly first_token_iteration: number
              readonly last_token_iteration: number
              readonly request_end: number
            }
          }
        }[]
      }
    },
  ]
}

describe.each(['0.6.0', '0.8.1'])('GuideLLM %s', (version) => {
  // Until 0.8 the rate of tokens was over the time between the first and the last of them.
  const [tokenDigits, busyDigits] = version === '0.6.0' ? [1, 2] : [3, 3]
  const [benchmark] = (JSON.parse(readFixture(`guidellm-${version}.json`)) as GuideLlmFile).benchmarks
  const zeroS = Math.min(...benchmark.requests.successful.map((r) => r.info.timings.request_start))
  const told = benchmark.requests.successful.map(
    ({ info: { timings: t }, ...r }): Told => ({
      sentS: t.request_start - zeroS,
      firstTokenS: t.first_token_iteration - zeroS,
      lastTokenS: t.last_token_iteration - zeroS,
      endS: t.request_end - zeroS,
      inputTokens: r.prompt_tokens,
      outputTokens: r.output_tokens,
    }),
  )

  it.each([
    ['request_latency'],
    ['time_to_first_token_ms'],
    ['inter_token_latency_ms'],
    ['time_per_output_token_ms'],
    ['prompt_token_count'],
    ['output_token_count'],
  ])('%s of its requests is what it printed itself', async (name) => {
    const { mean, ...quantiles } = (await figuresOf(GUIDELLM, told))(name)
    const theirs = benchmark.metrics[name]?.successful
    expect(mean).toBeCloseTo(theirs?.mean ?? Number.NaN, 3)
    for (const p of ['p50', 'p90', 'p95', 'p99'] as const)
      expect(quantiles[p]).toBeCloseTo(theirs?.percentiles[p] ?? Number.NaN, 3)
  })

  it('its rates are the same over the same time', async () => {
    const figure = await figuresOf(GUIDELLM, told)
    const { output_tokens_per_second: tokens, request_concurrency: busy } = benchmark.metrics
    expect(figure('output_tokens_per_second').mean / (tokens?.successful.mean ?? 0)).toBeCloseTo(
      1,
      tokenDigits,
    )
    expect(figure('request_concurrency').mean / (busy?.successful.mean ?? 0)).toBeCloseTo(1, busyDigits)
  })
})

interface AiperfLine {
  readonly metadata: { readonly request_start_ns: number; readonly request_end_ns: number }
  readonly metrics: Readonly<Record<string, { readonly value: number }>> & {
    readonly inter_chunk_latency: { readonly value: readonly number[] }
  }
}
type AiperfFigure = Readonly<Record<'avg' | 'p50' | 'p90' | 'p95' | 'p99', number>>

describe('AIPerf', () => {
  const lines = readFixture('aiperf-0.13.0.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AiperfLine)
  const summary = JSON.parse(readFixture('aiperf-0.13.0.json')) as Readonly<Record<string, AiperfFigure>>
  const zeroNs = Math.min(...lines.map((l) => l.metadata.request_start_ns))
  const told = lines.map(({ metadata, metrics }): Told => {
    const sentS = (metadata.request_start_ns - zeroNs) / 1e9
    const value = (name: string): number => metrics[name]?.value ?? Number.NaN
    return {
      sentS,
      firstTokenS: sentS + value('time_to_first_token') / 1e3,
      lastTokenS: sentS + value('request_latency') / 1e3,
      endS: (metadata.request_end_ns - zeroNs) / 1e9,
      inputTokens: value('input_sequence_length'),
      outputTokens: value('output_sequence_length'),
      gapsS: metrics.inter_chunk_latency.value.map((ms) => ms / 1e3),
    }
  })

  it.each([
    ['Time to First Token', 'time_to_first_token'],
    ['Time to Second Token', 'time_to_second_token'],
    ['Request Latency', 'request_latency'],
    ['Inter Token Latency', 'inter_token_latency'],
    ['Inter Chunk Latency', 'inter_chunk_latency'],
    ['Output Token Throughput Per User', 'output_token_throughput_per_user'],
    ['Output Sequence Length', 'output_sequence_length'],
  ])('%s of its requests is what it printed itself', async (name, key) => {
    const { mean, ...quantiles } = (await figuresOf(AIPERF, told))(name)
    expect(mean).toBeCloseTo(summary[key]?.avg ?? Number.NaN, 3)
    for (const p of ['p50', 'p90', 'p95', 'p99'] as const)
      expect(quantiles[p]).toBeCloseTo(summary[key]?.[p] ?? Number.NaN, 3)
  })

  it('its duration is the same, and its throughput to 0.5 %', async () => {
    const figure = await figuresOf(AIPERF, told)
    expect(figure('Benchmark Duration').mean).toBeCloseTo(summary.benchmark_duration?.avg ?? 0, 4)
    // Its own throughput divides by a window that is longer than that by 0.1 %.
    expect(figure('Request Throughput').mean / (summary.request_throughput?.avg ?? 0)).toBeCloseTo(1, 2)
    expect(figure('Output Token Throughput').mean / (summary.output_token_throughput?.avg ?? 0)).toBeCloseTo(
      1,
      2,
    )
  })
})

describe('percentiles', () => {
  it.each([
    // Between two order statistics the value lies on the line through them.
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4], 0.9, 3.7],
    [[7], 0.99, 7],
  ])('of %j at %s by interpolation is %s', (values, q, expected) => {
    expect(linearQuantile(values, q)).toBeCloseTo(expected, 12)
  })

  it.each([
    // A value of weight 9 outweighs nine of weight 1, and is reached as soon as half the weight is.
    [
      [
        [1, 1],
        [2, 9],
      ] as const,
      0.5,
      2,
    ],
    [
      [
        [1, 1],
        [2, 9],
      ] as const,
      0.1,
      1,
    ],
    [[[5, 3]] as const, 0.99, 5],
  ])('of %j at %s by weight is %s', (values, q, expected) => {
    expect(weightedQuantile(values, q)).toBe(expected)
  })
})

it('requests of the warm-up, and those never sent, are in no dialect', async () => {
  const told = { sentS: 0, firstTokenS: 1, lastTokenS: 2, endS: 2, inputTokens: 1, outputTokens: 11 }
  const good = recordOf(told, 0)
  const { sentNs: _, ...unsent } = { ...good, index: 2, state: 'unsent' as const }
  const requests = await collect(
    each([
      good,
      { ...good, index: 1, phase: 'warmup' as const },
      unsent,
      { ...good, index: 3, state: 'failed' as const },
    ]),
  )
  expect(requests).toMatchObject({ failed: 1, durationS: 2 })
  expect(requests.completed.map((r) => r.record.index)).toEqual([0])
})
