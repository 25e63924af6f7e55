import type { ServerSample } from '../record/index.js'
import type { PointFindings, TokenTruth } from './findings.js'
import type { Gathered } from './gather.js'
import { allRows, mapRows } from './rows.js'
import { increaseOf } from './server.js'

export function tokenTruth(g: Gathered, rows: Int32Array, samples: readonly ServerSample[]): TokenTruth {
  const { input, inputAsked, output, outputAsked, cached, coalesced, lateCoalesced } = g.columns
  const completed = rows.filter((row) => g.state(row) === 'completed')
  const errors = mapRows(
    completed,
    (row) => (input.at(row) - inputAsked.at(row)) / inputAsked.at(row),
  ).filter((error) => Number.isFinite(error))
  const counted = completed.filter((row) => !Number.isNaN(output.at(row)))
  const exact = counted.filter((row) => output.at(row) === outputAsked.at(row)).length
  const withCache = completed.filter((row) => !Number.isNaN(cached.at(row)) && !Number.isNaN(input.at(row)))
  const chunks = sumOver(rows, (row) => g.chunkCount(row))
  return {
    inputErrorMean: errors.length === 0 ? null : errors.reduce((a, b) => a + b, 0) / errors.length,
    inputErrorMax: errors.length === 0 ? null : errors.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)),
    outputExactShare: counted.length === 0 ? null : exact / counted.length,
    sources: Object.fromEntries([...g.sources].sort(([a], [b]) => (a < b ? -1 : 1))),
    clientOutputTokens: sumOver(allRows(g.rows), (row) => output.at(row) || 0),
    serverOutputTokens: increaseOf(samples, (s) => s.counters?.generationTokens).total,
    cachedShare: shareOf(
      withCache,
      (row) => cached.at(row),
      (row) => input.at(row),
    ),
    coalescedShare: chunks === 0 ? 0 : sumOver(rows, (row) => coalesced.at(row)) / chunks,
    lateCoalescedShare: chunks === 0 ? 0 : sumOver(rows, (row) => lateCoalesced.at(row)) / chunks,
  }
}

const sumOver = (rows: Int32Array, cell: (row: number) => number): number =>
  rows.reduce((sum, row) => sum + cell(row), 0)

function shareOf(
  rows: Int32Array,
  part: (row: number) => number,
  whole: (row: number) => number,
): number | null {
  const total = sumOver(rows, whole)
  return total === 0 ? null : sumOver(rows, part) / total
}

/**
 * KV tokens that a running stream holds at a random moment. A stream of I input and O output tokens holds I + u·O a share u
 * through its life, and is met in proportion to the length of that life, which is taken as proportional to O:
 * E[h] = ΣO(I + O/2) / ΣO and E[h²] = ΣO(I² + I·O + O²/3) / ΣO.
 */
export function heldTokens(g: Gathered, rows: Int32Array): PointFindings['heldTokens'] {
  let weight = 0
  let first = 0
  let second = 0
  for (const row of rows) {
    const output = g.columns.output.at(row)
    if (g.state(row) !== 'completed' || Number.isNaN(output)) continue
    const input = g.values.inputTokens.row(row)[0] ?? 0
    weight += output
    first += output * (input + output / 2)
    second += output * (input * input + input * output + (output * output) / 3)
  }
  if (weight === 0) return null
  const mean = first / weight
  return { mean, stdDev: Math.sqrt(Math.max(0, second / weight - mean * mean)) }
}
