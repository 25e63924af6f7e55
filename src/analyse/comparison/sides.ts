import type { RunFigures } from '../../record/index.js'
import { meanOf } from '../stats/index.js'
import type { SideFindings } from './findings.js'
import type { SideInput } from './input.js'

export const sideFindings = (side: SideInput): SideFindings => ({
  name: side.name,
  runs: side.runs,
  charsPerToken: charsPerTokenOf(side),
  connect: side.connect ?? null,
  cost: costOf(side),
  limit: side.limit ?? null,
})

/** As it was told, else over the runs' points. */
export function charsPerTokenOf({ charsPerToken, runs }: SideInput): number | null {
  if (charsPerToken !== undefined) return charsPerToken
  const known = runs.flatMap((run) => run.points.flatMap((p) => p.charsPerToken ?? []))
  return known.length === 0 ? null : meanOf(known)
}

/** Dollars as the completed requests of all runs would have cost them on average. */
function costOf({ price, runs }: SideInput): SideFindings['cost'] {
  const [input, output] = [meanTokens(runs, 'inputTokens'), meanTokens(runs, 'outputTokens')]
  if (price === null || price === undefined || input === null || output === null || output === 0) return null
  const usdPerRequest = (input * price.inputPerMillion + output * price.outputPerMillion) / 1e6
  return { usdPerRequest, usdPerMillionOutputTokens: (usdPerRequest / output) * 1e6, source: price.source }
}

/** Tokens of a completed request, over all points and runs; null where they were not counted. */
function meanTokens(runs: readonly RunFigures[], metric: 'inputTokens' | 'outputTokens'): number | null {
  let [tokens, requests] = [0, 0]
  for (const { judged, failed, figures } of runs.flatMap((run) => run.points)) {
    const mean = figures[`${metric}.mean`]?.value
    if (typeof mean !== 'number') continue
    tokens += mean * (judged - failed)
    requests += judged - failed
  }
  return requests === 0 ? null : tokens / requests
}

/** Output tokens of a request at one point, as the mean over the runs; null where no run counted them. */
export function outputLengthAt(runs: readonly RunFigures[], at: string): number | null {
  const lengths = runs.flatMap(({ points }) => {
    const value = points.find((p) => p.label === at)?.figures['outputTokens.mean']?.value
    return typeof value === 'number' ? [value] : []
  })
  return lengths.length === 0 ? null : meanOf(lengths)
}
