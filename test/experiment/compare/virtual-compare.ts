import type { ComparisonFindings, MetricComparison, Verdict } from '../../../src/analyse/index.js'
import type { CompareBench, CompareUnit } from '../../../src/experiment/compare/blocks.js'
import { measureBlocks } from '../../../src/experiment/compare/blocks.js'
import { type CompareHead, openCompareJournal } from '../../../src/experiment/compare/journal.js'
import type { CompareManifest, StopReason } from '../../../src/record/index.js'

/** Of nothing but names: the loop over the blocks looks at no profile. */
export function headOf(sides: readonly string[], plan: Partial<CompareHead['plan']> = {}): CompareHead {
  return {
    tool: { name: 'falloff', version: '0.0.0' },
    name: sides.join('-vs-'),
    command: 'falloff compare',
    sides: sides.map((name) => ({ name, workloadHash: 'same', connect: null, price: null })),
    unit: 'run',
    plan: {
      ...{ runs: 5, mostRuns: 5, looks: [5], levelPerLook: 0.05, seed: 1, coolDownS: 2, budgetS: null },
      ...plan,
    },
    ...{ gated: ['ttft.p50'], margins: {}, allowed: [] },
  }
}

/** Findings that hold nothing but one gated figure with this verdict. */
export const findingsWith = (...verdicts: readonly Verdict[]): ComparisonFindings =>
  ({
    comparable: true,
    pairs: verdicts.map((verdict) => ({ metrics: [{ gated: true, verdict } as MetricComparison] })),
  }) as unknown as ComparisonFindings

export interface VirtualOptions {
  readonly head: CompareHead
  readonly before?: CompareManifest
  /** How long a run takes, in s. */
  readonly runS?: number
  /** How the n-th run that is begun ends, from 0. */
  readonly end?: (nth: number) => StopReason
  /** What a judge says after so many blocks. */
  readonly verdict?: (blocks: number) => Verdict
  readonly interruptAfter?: number
  /** Whether the n-th run that is begun is INVALID. */
  readonly invalid?: (nth: number) => boolean
}

/** Measures nothing, in virtual time, and tells what was asked of it. */
export async function measureVirtually(options: VirtualOptions) {
  const { head, before, runS = 10, end = () => 'plan-complete', interruptAfter } = options
  const asked: CompareUnit[] = []
  const rests: number[] = []
  const looks: number[] = []
  const written: CompareManifest[] = []
  const repeated: string[] = []
  const notes: string[] = []
  const stop = new AbortController()
  let nowS = 0
  const bench: CompareBench = {
    nowS: () => nowS,
    nowUtc: () => '2026-01-01T00:00:00.000Z',
    measure(unit, spoiltBy) {
      asked.push(unit)
      if (spoiltBy) repeated.push(unit.folder)
      nowS += runS
      if (asked.length === interruptAfter) stop.abort()
      return Promise.resolve(end(asked.length - 1))
    },
    faultsOf: () => Promise.resolve(options.invalid?.(asked.length - 1) ? ['generator-late'] : []),
    rest(seconds) {
      rests.push(seconds)
      nowS += seconds
      return Promise.resolve()
    },
  }
  const journal = openCompareJournal(head, bench.nowUtc(), before, (value) => written.push(value))
  const reason = await measureBlocks({
    ...{ bench, journal, signal: stop.signal },
    judge: (manifest) => {
      const blocks = Math.floor(manifest.runs.length / manifest.sides.length)
      return Promise.resolve(findingsWith(options.verdict?.(blocks) ?? 'not-shown'))
    },
    onEstimate: () => looks.push(journal.blocks()),
    repeatsInvalid: options.invalid !== undefined,
    onNote: (text) => notes.push(text),
  })
  const manifest = journal.close(reason, bench.nowUtc())
  return { reason, manifest, asked, rests, looks, written, nowS, repeated, notes }
}
