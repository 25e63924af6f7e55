import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineTotals, engineTotals, increase } from './exposition.js'
import { incomplete, pointAt, type Sweep, type SweepChoice, sweep } from './falloff.js'
import { type ModelName, startVllm, type VllmServer } from './vllm.js'

/**
 * A real vLLM with each of three limits in turn, and the command that has to tell them apart. The engine's flags decide
 * where throughput falls off; nothing in the profile gives the answer away.
 */
interface Limit {
  readonly title: string
  readonly model: ModelName
  readonly args: readonly string[]
  readonly load: Omit<SweepChoice, 'url'>
}

interface Measured extends Sweep {
  /** What the engine's own counters rose by, read by this test before and after. */
  readonly engine: EngineTotals
}

/**
 * The machine's speed changes by an eighth from point to point. A throughput that saturates as slowly as the heavy model's,
 * N / (N + 10), then shows no knee in 20 of 100 simulated sweeps up to 64 in flight and in 3 up to 128: such a sweep is made
 * once more.
 */
async function measure(limit: Limit, use: (server: VllmServer) => void): Promise<Measured> {
  const server = await startVllm({ model: limit.model, args: limit.args })
  use(server)
  const first = await sweepAt(server, limit)
  return first.findings.falloff?.knee ? first : sweepAt(server, limit)
}

/** Records of points that were measured again are among them, as their tokens are in the engine's count. */
async function sweepAt({ url }: VllmServer, { load }: Limit): Promise<Measured> {
  const before = await engineTotals(url)
  const measured = await sweep({ url, ...load })
  return { ...measured, engine: increase(before, await engineTotals(url)) }
}

const totalOf = (sweep: Sweep, field: 'outputTokens' | 'inputTokens' | 'outputTokensAsked'): number =>
  sweep.records.reduce((sum, record) => sum + (record[field] ?? 0), 0)

function describeLimit(limit: Limit, more: (measured: () => Measured) => void): void {
  describe(limit.title, () => {
    let server: VllmServer | undefined
    let measured: Measured | undefined
    const found = (): Measured => {
      if (!measured) throw new Error('nothing was measured')
      return measured
    }
    beforeAll(async () => {
      measured = await measure(limit, (started) => {
        server = started
      })
    })
    afterAll(() => server?.stop())

    it('completes every planned request', () => {
      expect(incomplete(found())).toEqual([])
      expect(found().findings.points).toHaveLength(limit.load.concurrency.length)
    })

    it('counts the tokens that the engine counts, to the last one', () => {
      const { engine, records } = found()
      expect(totalOf(found(), 'outputTokens')).toBe(engine.generationTokens)
      expect(totalOf(found(), 'inputTokens')).toBe(engine.promptTokens)
      expect(records.every((r) => r.tokenSource === 'chunk-usage')).toBe(true)
      expect(records.map((r) => r.outputTokens)).toEqual(records.map((r) => r.outputTokensAsked))
    })

    it('has chunk counts that sum to the output of their request', () => {
      const wrong = found().records.filter(
        (r) => r.chunks.reduce((sum, n, i) => sum + (i % 2 ? n : 0), 0) !== r.outputTokens,
      )
      expect(wrong).toEqual([])
    })

    more(found)
  })
}

const kvCache: Limit = {
  title: 'with 24 blocks of KV cache',
  model: 'light',
  args: ['--max-num-seqs', '32', '--num-gpu-blocks-override', '24'],
  load: {
    name: 'blocks',
    inputTokens: 128,
    outputTokens: 256,
    requests: 24,
    concurrency: [1, 2, 4, 8, 16, 32],
  },
}

describeLimit(kvCache, (found) => {
  it('names the KV cache as the cause', () => {
    expect(found().findings.falloff?.cause).toMatchObject({ name: 'kv-cache' })
  })

  it('saw genuine preemptions at the highest load and none at the lowest', () => {
    expect(found().engine.preemptions).toBeGreaterThan(0)
    expect(pointAt(found(), 32).server?.preemptions).toBeGreaterThan(0)
    expect(pointAt(found(), 1).server?.preemptions).toBe(0)
  })

  it('saw the cache full', () => {
    expect(pointAt(found(), 32).server?.kvUsageMax).toBeGreaterThan(0.9)
  })
})

const sequences: Limit = {
  title: 'with room in the cache and --max-num-seqs 4',
  model: 'light',
  args: ['--max-num-seqs', '4'],
  load: { name: 'sequences', inputTokens: 64, outputTokens: 96, requests: 32, concurrency: [1, 2, 4, 8, 16] },
}

describeLimit(sequences, (found) => {
  it('names max-num-seqs as the cause', () => {
    expect(found().findings.falloff?.cause).toMatchObject({ name: 'max-num-seqs' })
  })

  it('saw the engine run four at most, with others waiting and no preemption', () => {
    const server = pointAt(found(), 16).server
    expect(server).toMatchObject({ runningMax: 4, preemptions: 0 })
    expect(server?.waitingMax).toBeGreaterThan(0)
    expect(found().engine.preemptions).toBe(0)
  })

  it('has a TTFT that holds the engine’s own, which holds queue and prefill', () => {
    const { engine, records } = found()
    const oursS = records.reduce(
      (sum, r) => sum + ((r.firstTokenNs ?? Number.NaN) - (r.sentNs ?? Number.NaN)) / 1e9,
      0,
    )
    expect(engine.ttftCount).toBe(records.length)
    expect(oursS).toBeGreaterThan(engine.ttftSumS)
    expect(engine.ttftSumS).toBeGreaterThan(engine.queueSumS + engine.prefillSumS)
  })

  it('reports what of the TTFT the engine does not account for', () => {
    for (const { server, setting, metrics } of found().findings.points) {
      const { ttftMs, frontEndMs, queueMs, prefillMs, decodeMs } = server ?? {}
      expect([ttftMs, frontEndMs, queueMs, prefillMs, decodeMs], setting.label).toEqual(
        Array(5).fill(expect.any(Number)),
      )
      // A request on the edge of the span may be counted by one side alone: a share of the mean, not of the front end.
      expect(frontEndMs, setting.label).toBeGreaterThan(-0.1 * (metrics.ttft.mean ?? 0))
    }
  })
})

/**
 * Attention over a long context is work that a batch does not share: each stream adds its own to every step. The context is
 * a prefix common to all, computed once, so that prefill is not what is measured.
 */
const compute: Limit = {
  title: 'with room for all and a model of heavy attention',
  model: 'heavy',
  args: ['--max-num-seqs', '256'],
  load: {
    name: 'compute',
    inputTokens: 1570,
    prefixTokens: 1550,
    outputTokens: 64,
    // Four turns of sixteen slots: with fewer, one slow turn bends the curve where it does not.
    requests: 64,
    concurrency: [2, 4, 8, 16, 32, 64, 128],
  },
}

describeLimit(compute, (found) => {
  it('names compute as the cause', () => {
    expect(found().findings.falloff?.cause).toMatchObject({ name: 'compute' })
  })

  it('saw neither a queue nor a full cache', () => {
    const server = pointAt(found(), 64).server
    expect(server?.preemptions).toBe(0)
    expect(server?.waitingMean).toBeLessThan(0.5)
    expect(server?.kvUsageMax).toBeLessThan(0.9)
  })
})
