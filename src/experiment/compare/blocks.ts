import type { ComparisonFindings } from '../../analyse/index.js'
import type { CompareManifest, CompareRun, CompareStopReason, StopReason } from '../../record/index.js'
import type { CompareJournal } from './journal.js'
import { orderOf } from './order.js'

/** What measures; the loop over the blocks knows neither clocks nor targets. */
export interface CompareBench {
  nowS(): number
  nowUtc(): string
  /** One run or sweep of a side, with the workload of the block. @param spoiltBy why one that was measured before is INVALID */
  measure(unit: CompareUnit, spoiltBy?: readonly string[]): Promise<StopReason>
  /** Why what was measured is INVALID; none where it is not. */
  faultsOf(unit: CompareUnit): Promise<readonly string[]>
  /** Does nothing for so long, or until the user wants to end. */
  rest(seconds: number): Promise<void>
}

export interface CompareUnit {
  readonly side: number
  readonly block: number
  /** Relative to the folder of the comparison. */
  readonly folder: string
}

export interface BlocksOptions {
  readonly bench: CompareBench
  readonly journal: CompareJournal
  readonly signal: AbortSignal
  /** What the runs so far say. */
  readonly judge: (manifest: CompareManifest) => Promise<ComparisonFindings>
  /** Told after every block from the second on. */
  readonly onEstimate: (findings: ComparisonFindings, blockS: number) => void
  /** Whether a run that is INVALID is measured once more. */
  readonly repeatsInvalid: boolean
  readonly onNote: (text: string) => void
}

/** Measures block after block, each side once in each, until the plan is through or something ends it. */
export async function measureBlocks(options: BlocksOptions): Promise<CompareStopReason> {
  const { journal, onEstimate, judge } = options
  const patience = { failed: options.repeatsInvalid ? 0 : MOST_FAILED }
  const { mostRuns } = journal.manifest().plan
  for (let block = journal.blocks(); block < mostRuns; block = journal.blocks()) {
    if (options.signal.aborted) return 'interrupted'
    if (isSpent(journal)) return 'budget'
    const ended = await measureBlock(options, block, patience)
    if (ended !== undefined) return ended
    const blocks = journal.blocks()
    if (blocks < 2) continue
    const findings = await judge(journal.manifest())
    onEstimate(findings, journal.manifest().spentS / blocks)
    if (isLook(journal.manifest(), blocks) && isDecided(findings)) return 'decided'
  }
  return 'complete'
}

/** Whether another block like those before would go beyond the budget. The first one is always begun. */
function isSpent(journal: CompareJournal): boolean {
  const { plan, spentS } = journal.manifest()
  const blocks = journal.blocks()
  return plan.budgetS !== null && blocks > 0 && spentS + spentS / blocks > plan.budgetS
}

/** Before the last one nothing but a planned look may end a comparison: its level is made for those. */
const isLook = ({ plan }: CompareManifest, blocks: number): boolean =>
  blocks < plan.mostRuns && plan.looks.includes(blocks)

/** Every gated figure has its verdict. */
export function isDecided({ comparable, pairs }: ComparisonFindings): boolean {
  const gated = pairs.map(({ metrics }) => metrics.filter((m) => m.gated))
  return (
    comparable &&
    gated.length > 0 &&
    gated.every((metrics) => metrics.length > 0 && metrics.every((m) => m.verdict !== 'not-shown'))
  )
}

/** Repeated runs that were INVALID again, one after the other. */
interface Patience {
  failed: number
}

/** So many say that there is a reason which no repetition takes away. */
const MOST_FAILED = 2

async function measureBlock(
  options: BlocksOptions,
  block: number,
  patience: Patience,
): Promise<CompareStopReason | undefined> {
  const { bench, journal, signal } = options
  const { sides, plan } = journal.manifest()
  const order = orderOf(block, sides.length, plan.seed)
  for (const [position, side] of order.entries()) {
    if (journal.runAt(block, side) !== undefined) continue
    if (signal.aborted) return 'interrupted'
    const sinceS = bench.nowS()
    if (journal.manifest().runs.length > 0) await bench.rest(plan.coolDownS)
    if (signal.aborted) return 'interrupted'
    const folder = `${sides[side]?.name ?? side}-${block + 1}`
    const startedAtUtc = bench.nowUtc()
    const stopReason = await measureUnit(options, { side, block, folder }, patience)
    journal.spend(bench.nowS() - sinceS)
    const ended = endedEarly(stopReason)
    if (ended !== undefined) return ended
    journal.noteRun({ side, block, position, folder, startedAtUtc, stopReason } satisfies CompareRun)
  }
  return undefined
}

/**
 * What our own instrument or machine spoilt says nothing of the target: it is measured once more. That is decided by the
 * run's validity alone, never by its figures.
 */
async function measureUnit(
  { bench, onNote }: BlocksOptions,
  unit: CompareUnit,
  patience: Patience,
): Promise<StopReason> {
  const stopReason = await bench.measure(unit)
  if (patience.failed >= MOST_FAILED || endedEarly(stopReason) !== undefined) return stopReason
  const faults = await bench.faultsOf(unit)
  if (faults.length === 0) return stopReason
  onNote(`${unit.folder} is INVALID (${faults.join(', ')}): it is measured once more`)
  const second = await bench.measure(unit, faults)
  if (endedEarly(second) !== undefined) return second
  patience.failed = (await bench.faultsOf(unit)).length === 0 ? 0 : patience.failed + 1
  return second
}

/** A run that was cut short says nothing that could be held against a whole one. */
function endedEarly(reason: StopReason): CompareStopReason | undefined {
  switch (reason) {
    case 'interrupted':
    case 'killed':
      return 'interrupted'
    case 'target-lost':
    case 'budget':
      return reason
    default:
      return undefined
  }
}
