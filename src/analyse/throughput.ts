import type { Throughput } from './findings.js'
import type { Gathered } from './gather.js'
import { spanS } from './metrics.js'
import type { Judged } from './window.js'

/** Equal slices of the window for intervals and bootstraps. */
const BATCHES = 20

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
  let completed = 0
  let judgedEnds = 0
  let goodEnds = 0
  let inputTokens = 0
  let inFlightNs = 0
  for (let row = 0; row < g.rows; row++) {
    addTokens(g, row, judged, batches)
    if (g.state(row) === 'completed' && inside(endNs.at(row))) {
      completed++
      if (measured.at(row) === 1) judgedEnds++
      if (good(row)) goodEnds++
    }
    if (inside(firstTokenNs.at(row))) inputTokens += input.at(row) || 0
    const overlapNs = Math.min(toNs, endNs.at(row)) - Math.max(fromNs, sentNs.at(row))
    if (overlapNs > 0) inFlightNs += overlapNs
  }
  const outcome = outcomeOf(g, judged.rows, good)
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

function addTokens(g: Gathered, row: number, { fromNs, toNs }: Judged, batches: Float64Array): void {
  const tokens = g.chunkTokens.row(row)
  for (const [i, atNs] of g.chunkNs.row(row).entries()) {
    if (atNs < fromNs || atNs >= toNs) continue
    const batch = Math.min(BATCHES - 1, Math.floor(((atNs - fromNs) / (toNs - fromNs)) * BATCHES))
    batches[batch] = (batches[batch] ?? 0) + (tokens[i] ?? 0)
  }
}

function outcomeOf(g: Gathered, rows: Int32Array, good: (row: number) => boolean): Outcome {
  const asked = rows.filter((row) => g.columns.stopped.at(row) === 0)
  return {
    asked: asked.length,
    completed: asked.filter((row) => g.state(row) === 'completed').length,
    good: asked.filter((row) => g.state(row) === 'completed' && good(row)).length,
  }
}

/** Arrivals due inside the window, whether or not they could be sent. */
function offeredPerS(g: Gathered, { fromNs, toNs }: Judged): number {
  const due = g.columns.scheduledNs.values.filter((atNs) => atNs >= fromNs && atNs < toNs)
  return due.length / spanS(fromNs, toNs)
}
