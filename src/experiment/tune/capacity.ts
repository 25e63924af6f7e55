import { heldFit, type PointFindings } from '../../analyse/index.js'
import type { LaunchFacts, TargetFacts, TuneCapacity } from '../../record/index.js'

/** What an engine told of itself when it started. */
interface Told {
  readonly facts: LaunchFacts
  readonly target: TargetFacts | undefined
  readonly forecastKvTokens: number | null
}

/**
 * What the cache should hold at once, by the engine's facts and what requests were seen to hold.
 * @param points of the setting; null before there are any
 */
export function capacityOf(
  { facts, target, forecastKvTokens }: Told,
  points: readonly PointFindings[] | null,
): TuneCapacity {
  const all: TargetFacts = { url: '', api: '', model: '', ...target, ...kvOf(facts) }
  const fit = heldFit(points ?? [], all)
  const limit = facts.maxNumSeqs ?? target?.maxNumSeqs
  const seen = (points ?? []).flatMap((p) => p.server?.runningMax ?? [])
  return {
    kvTokens: fit.tokens,
    heldTokens: fit.held,
    fits: fit.streams,
    predictedRunning: fit.streams === null ? null : Math.min(fit.streams, limit ?? Number.POSITIVE_INFINITY),
    measuredRunning: seen.length === 0 ? null : Math.max(...seen),
    predictedKvTokens: forecastKvTokens,
  }
}

const kvOf = ({ kvCacheTokens, kvBlocks }: LaunchFacts): Partial<TargetFacts> => ({
  ...(kvCacheTokens !== undefined && { kvCacheTokens }),
  ...(kvBlocks !== undefined && { kvBlocks }),
})
