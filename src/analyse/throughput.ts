import type { Throughput } from './findings.js'
import type { Gathered } from './gather.js'
import { spanS } from './metrics.js'
import type { Judged } from './window.js'

/** Equal slices of the window for intervals and bootstraps. */
const BATCHES = 20

/** How a request fared; zero for one that did not complete. */
const COMPLETED = 1
const GOOD = 2

/** Requests of the window by how they fared. `asked` leaves out what we stopped ourselves. */
export interface Outcome {
  readonly asked: number
  readonly completed: number
  readonly good: number
}

/**
 * Rates count what happened inside the window, whenever it was sent: tokens at the stamps of their chunks, completions at
 * their end. Shares count the requests that the window judges.
 *
 * @param good by row: completed, and within every objective
 */
export function throughputOf(
  g: Gathered,
  judged: Judged,
  good: (row: number) => boolean,
): Throughput & { readonly outcome: Outcome } {
  const { fromNs, toNs } = judged
  const seconds = spanS(fromNs, toNs)
  const { endNs, sentNs, firstTokenNs, measured, input } = g.columns
  const inside = (atNs: number): boolean => atNs >= fromNs && atNs < toNs
  const batches = new Float64Array(BATCHES)
  const countTokens = tokenCounter(judged, batches)
  const fared = new Uint8Array(g.rows)
  let completed = 0
  let judgedEnds = 0
  let goodEnds = 0
  let inputTokens = 0
  let inFlightNs = 0
  for (let row = 0; row < g.rows; row++) {
    g.visitChunks(row, countTokens)
    const how = g.state(row) === 'completed' ? (good(row) ? GOOD : COMPLETED) : 0
    fared[row] = how
    if (how !== 0 && inside(endNs.at(row))) {
      completed++
      if (measured.at(row) === 1) judgedEnds++
      if (how === GOOD) goodEnds++
    }
    if (inside(firstTokenNs.at(row))) inputTokens += input.at(row) || 0
    const overlapNs = Math.min(toNs, endNs.at(row)) - Math.max(fromNs, sentNs.at(row))
    if (overlapNs > 0) inFlightNs += overlapNs
  }
  const outcome = outcomeOf(g, judged.rows, fared)
  return {
    requestsPerS: completed / seconds,
    outputTokensPerS: batches.reduce((sum, tokens) => sum + tokens, 0) / seconds,
    inputTokensPerS: inputTokens / seconds,
    // Warm-up requests that end inside the window are completions, but nobody judged them: the others speak for them.
    goodputPerS: judgedEnds === 0 ? 0 : ((completed / seconds) * goodEnds) / judgedEnds,
    goodShare: outcome.asked === 0 ? 0 : outcome.good / outcome.asked,
    meanInFlight: toNs > fromNs ? inFlightNs / (toNs - fromNs) : 0,
    offeredPerS: judged.kind === 'open' ? offeredPerS(g, judged) : null,
    batchTokensPerS: Array.from(batches, (tokens) => (tokens * BATCHES) / seconds),
    outcome,
  }
}

/** Sums the tokens of chunks by the slice of the window in which they came. */
const tokenCounter =
  ({ fromNs, toNs }: Judged, batches: Float64Array) =>
  (atNs: number, tokens: number): void => {
    if (atNs < fromNs || atNs >= toNs) return
    const batch = Math.min(BATCHES - 1, Math.floor(((atNs - fromNs) / (toNs - fromNs)) * BATCHES))
    batches[batch] = (batches[batch] ?? 0) + tokens
  }

function outcomeOf(g: Gathered, rows: Int32Array, fared: Uint8Array): Outcome {
  const asked = rows.filter((row) => g.columns.stopped.at(row) === 0)
  return {
    asked: asked.length,
    completed: asked.filter((row) => fared[row] !== 0).length,
    good: asked.filter((row) => fared[row] === GOOD).length,
  }
}

/** Arrivals due inside the window, whether or not they could be sent. */
function offeredPerS(g: Gathered, { fromNs, toNs }: Judged): number {
  let due = 0
  for (let row = 0; row < g.rows; row++) {
    const atNs = g.columns.scheduledNs.at(row)
    if (atNs >= fromNs && atNs < toNs) due++
  }
  return due / spanS(fromNs, toNs)
}
