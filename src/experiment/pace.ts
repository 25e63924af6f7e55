import { createRandom, integerSampler, NS_PER_S } from '../base/index.js'
import { peakRatePerS } from '../machine/index.js'
import type { Profile } from '../profile/index.js'

/** Of a trace: a burst longer than this is a load, and a shorter one a queue. */
const BUSIEST_S = 10
/** A dataset's answers are as long as a chat's, or as the profile asks where the file does not say. */
const DATASET_TOKENS = 256
const DRAWS = 1000

/** A row of a trace, as far as it tells the pace. */
interface PacedRow {
  readonly arrivalNs: number
  readonly outputTokens: number
}

/**
 * Output events a second that a plan brings where it is densest, one token an event; 0 where the target sets the pace.
 * @param trace its rows, ascending, where the load replays them and they were read
 */
export function peakEventsPerS({ load, workload, seeds }: Profile, trace?: readonly PacedRow[]): number {
  if (load.kind === 'trace') return busiestPerS(trace ?? [])
  const startsPerS = peakRatePerS(load)
  if (startsPerS === undefined) return 0
  const draw = integerSampler(workload.outputTokens, createRandom(seeds.outputLengths, 'pace'), 1)
  let drawn = 0
  // Means of clipped and rounded distributions have no short formula.
  for (let i = 0; i < DRAWS; i++) drawn += draw()
  const asked = drawn / DRAWS
  return startsPerS * (workload.dataset ? Math.max(asked, DATASET_TOKENS) : asked)
}

/** Tokens a second over the span of so many seconds that has the most of them. */
function busiestPerS(rows: readonly PacedRow[]): number {
  let most = 0
  let inside = 0
  let from = 0
  for (const { arrivalNs, outputTokens } of rows) {
    inside += outputTokens
    for (
      let first = rows[from];
      first && first.arrivalNs <= arrivalNs - BUSIEST_S * NS_PER_S;
      first = rows[from]
    ) {
      inside -= first.outputTokens
      from++
    }
    most = Math.max(most, inside)
  }
  return most / BUSIEST_S
}
