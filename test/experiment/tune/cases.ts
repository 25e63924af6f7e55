import { parseVariations } from '../../../src/experiment/tune/knobs.js'
import { tune } from '../../../src/experiment/tune/tune.js'
import type { TuneManifest } from '../../../src/record/index.js'
import { type VirtualBench, type VirtualOptions, virtualBench } from './virtual-bench.js'

export interface Case extends Omit<VirtualOptions, 'seed'> {
  readonly vary: readonly string[]
  readonly start: number
}

const lognormal = (median: number, sigma: number, max: number) => ({ lognormal: { median, sigma }, max })

/** Chat on one A10G: short prompts and answers, a limit on both waits. */
export const A10G: Case = {
  engine: 'mistral-7b-a10g',
  inputTokens: lognormal(400, 0.6, 3000),
  outputTokens: lognormal(150, 0.5, 600),
  objectives: ['ttft p95 <= 1500 ms', 'tpot p95 <= 90 ms'],
  vary: ['max-num-seqs=16..256', 'max-num-batched-tokens=512..8192'],
  start: 2,
}

/** The same with the batch limit that somebody once set to 16. */
export const A10G_NARROW: Case = { ...A10G, base: { maxNumSeqs: 16 } }

/** The same with few settings. */
export const SMALL: Case = {
  ...A10G_NARROW,
  vary: ['max-num-seqs=16..64', 'max-num-batched-tokens=512,2048'],
}

/** Long documents on one A100: prompts are what it works on. */
export const A100: Case = {
  engine: 'llama-3-8b-a100-80',
  inputTokens: lognormal(1500, 0.6, 8000),
  outputTokens: lognormal(200, 0.5, 800),
  objectives: ['ttft p95 <= 2000 ms', 'tpot p95 <= 50 ms'],
  vary: ['max-num-seqs=16..256', 'max-num-batched-tokens=512..8192'],
  start: 3,
}

/** Nearly no prompt and long answers, with a limit on the time between tokens: bandwidth is all that counts. */
export const COMPUTE: Case = {
  engine: 'llama-3-8b-a100-80',
  inputTokens: 32,
  outputTokens: lognormal(400, 0.3, 800),
  objectives: ['tpot p95 <= 21 ms'],
  vary: ['max-num-seqs=256..1024', 'max-num-batched-tokens=512,2048,8192', 'gpu-memory-utilization=0.8,0.9'],
  start: 8,
}

export interface Ran {
  readonly manifest: TuneManifest
  readonly bench: VirtualBench
}

export interface RunOptions {
  readonly plan?: 'adaptive' | 'grid'
  readonly seed?: number
  readonly before?: TuneManifest
  readonly signal?: AbortSignal
  readonly bench?: VirtualBench
  readonly budgetS?: number | null
  readonly write?: (manifest: TuneManifest) => void
  readonly goal?: TuneManifest['goal']
  readonly kind?: 'open' | 'closed'
}

/** A whole search in virtual time. */
export async function searched(of: Case, options: RunOptions = {}): Promise<Ran> {
  const bench = options.bench ?? virtualBench({ ...of, seed: options.seed ?? 1 })
  const manifest = await tune({
    head: {
      tool: { name: 'falloff', version: '0' },
      ...{ name: 'case', command: 'falloff tune', workloadHash: 'w', level: 0.05 },
      engine: { kind: 'simulator', model: of.engine, settings: of.base ?? {} },
      goal: options.goal ?? { kind: 'goodput', unit: 'requests/s', more: true },
      objectives: of.objectives,
      plan: options.plan ?? 'adaptive',
      budgetS: options.budgetS ?? null,
    },
    variations: parseVariations(of.vary),
    ...{ bench, kind: options.kind ?? 'open', start: of.start, before: options.before },
    signal: options.signal ?? new AbortController().signal,
    write: options.write ?? (() => undefined),
    onPhase: () => undefined,
    onNote: () => undefined,
  })
  return { manifest, bench }
}
