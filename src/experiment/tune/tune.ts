import type { TuneConfirmation, TuneManifest, TuneStopReason } from '../../record/index.js'
import { type Found, searchAdaptively, searchGrid } from './adaptive.js'
import { answerOf } from './answer.js'
import { searchAtRate } from './at-rate.js'
import type { Bench } from './bench.js'
import { confirm, PAIRS } from './confirm.js'
import { openJournal, type TuneHead } from './journal.js'
import type { Variation } from './knobs.js'
import { createLab, type Lab } from './lab.js'
import { limitOf, type SearchOptions } from './search.js'
import { sizesFor } from './sizes.js'
import { Stopped } from './stopped.js'

export interface TuneOptions {
  readonly head: TuneHead
  readonly variations: readonly Variation[]
  readonly bench: Bench
  /** Open loop or closed, and the load tried first. */
  readonly kind: 'open' | 'closed'
  readonly start: number
  /** What an earlier session left, where this one goes on with it. */
  readonly before?: TuneManifest | undefined
  readonly signal: AbortSignal
  readonly write: (manifest: TuneManifest) => void
  readonly onPhase: (text: string) => void
  readonly onNote: (text: string) => void
}

/** Part of the budget that the search leaves to the confirmation. */
const SEARCH_SHARE = 0.7

/** Searches, confirms, answers. Ends with what there is when the user asks, or the budget is spent. */
export async function tune(options: TuneOptions): Promise<TuneManifest> {
  const { head, bench, before, write } = options
  const journal = openJournal(head, bench.nowUtc(), before, write)
  const sizes = sizesFor(head.objectives, head.level)
  const lab = createLab({ ...options, journal, sizes, level: head.level })
  const { goal } = head
  const fixed =
    goal.kind === 'p99' ? { kind: 'open' as const, value: goal.ratePerS ?? options.start } : undefined
  const search: SearchOptions = { ...options, lab, goal, ...(fixed && { fixed }) }
  const budgetS = head.budgetS ?? Number.POSITIVE_INFINITY
  lab.limitS = budgetS * SEARCH_SHARE
  const found = await untilStopped(lab, () => searchWith(search, head.plan))
  lab.limitS = budgetS
  const [confirmation, reason] = await confirmed(search, found)
  const limit = found.best === null ? null : await limitOfBest(search, found.best)
  const result = answerOf(search, found.best, reason, confirmation, limit)
  return journal.close(result, reason, bench.nowUtc())
}

const searchWith = (search: SearchOptions, plan: 'adaptive' | 'grid'): Promise<Found> =>
  search.fixed ? searchAtRate(search, plan) : plan === 'grid' ? searchGrid(search) : searchAdaptively(search)

/** When it is stopped, the best is the setting that holds most so far. */
async function untilStopped({ journal }: Lab, search: () => Promise<Found>): Promise<Found> {
  try {
    return await search()
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown
    const holds = (id: string): number => journal.setting(id).held?.holds ?? 0
    const held = journal.settings().filter((s) => holds(s.id) > 0)
    const best = held.sort((a, b) => holds(b.id) - holds(a.id))[0]
    return { best: best?.id ?? null, reason: thrown.reason }
  }
}

async function confirmed(
  search: SearchOptions,
  { best, reason }: Found,
): Promise<readonly [TuneConfirmation | null, TuneStopReason]> {
  const own = search.lab.journal.settings()[0]
  const goesOn = reason === 'complete' || reason === 'budget'
  if (best === null || best === own?.id || !goesOn) return [null, reason]
  search.lab.note('confirming: best and default in turns')
  try {
    const confirmation = await confirm(search, best)
    const isCut = confirmation !== null && confirmation.pairs.length < PAIRS
    return [confirmation, isCut && search.lab.journal.engineS >= search.lab.limitS ? 'budget' : reason]
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown
    return [null, thrown.reason]
  }
}

/** From the trials that the journal has: no engine is started for it. */
async function limitOfBest({ lab }: SearchOptions, best: string) {
  const visited = await lab.visit(best, (visit) => limitOf(lab, visit))
  return visited.kind === 'visited' ? visited.value : null
}
