import type { TransportName } from '../../transport/index.js'
import type { Turn } from './turn.js'

/** All turns of one transport at one load, taken together. */
export interface TransportFigures {
  readonly transport: TransportName
  /** Streams at once. */
  readonly streams: number
  readonly turns: number
  readonly requests: number
  readonly failed: number
  /** CPU time of the worker's thread for each token, in ns: the median of the turns, the least and the most. */
  readonly cpuPerTokenNs: Spread | null
  /** Share of one core that the worker took, median of the turns. */
  readonly cpuShare: number | null
  readonly ttftNs: Quantiles | null
  readonly gapNs: Quantiles | null
  /** From the write of a token to its stamp; null against a target, which does not tell when it writes. */
  readonly latenessNs: Quantiles | null
}

interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export interface Quantiles {
  readonly n: number
  readonly p50: number
  readonly p99: number
}

export function figuresOf(
  { transport, streams }: Pick<TransportFigures, 'transport' | 'streams'>,
  turns: readonly Turn[],
): TransportFigures {
  const all = (pick: (turn: Turn) => readonly number[] | null): number[] =>
    turns.flatMap((turn) => pick(turn) ?? [])
  return {
    transport,
    streams,
    turns: turns.length,
    requests: turns.reduce((sum, turn) => sum + turn.requests, 0),
    failed: turns.reduce((sum, turn) => sum + turn.failed, 0),
    cpuPerTokenNs: spreadOf(turns.flatMap(({ cpuPerTokenNs }) => cpuPerTokenNs ?? [])),
    cpuShare: spreadOf(turns.flatMap(({ cpuShare }) => cpuShare ?? []))?.median ?? null,
    ttftNs: quantilesOf(all((turn) => turn.ttftNs)),
    gapNs: quantilesOf(all((turn) => turn.gapNs)),
    latenessNs: quantilesOf(all((turn) => turn.latenessNs)),
  }
}

function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b)
  const [least] = sorted
  const most = sorted.at(-1)
  if (least === undefined || most === undefined) return null
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? most
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? least) : upper
  return { median: (lower + upper) / 2, least, most }
}

/** Nearest rank; null without any value. */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  const at = (q: number): number => sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1] ?? Number.NaN
  return { n: sorted.length, p50: at(0.5), p99: at(0.99) }
}

/** What one transport costs beyond another at the same load, in ns. Null where either has no figure. */
export interface Cost {
  readonly streams: number
  readonly of: TransportName
  readonly beyond: TransportName
  readonly cpuPerTokenNs: number | null
  readonly ttftP50Ns: number | null
  readonly ttftP99Ns: number | null
  readonly gapP50Ns: number | null
  readonly gapP99Ns: number | null
}

export function costOf(figures: TransportFigures, base: TransportFigures): Cost {
  const minus = (pick: (one: TransportFigures) => number | undefined): number | null => {
    const [a, b] = [pick(figures), pick(base)]
    return a === undefined || b === undefined ? null : a - b
  }
  return {
    streams: figures.streams,
    of: figures.transport,
    beyond: base.transport,
    cpuPerTokenNs: minus(({ cpuPerTokenNs }) => cpuPerTokenNs?.median),
    ttftP50Ns: minus(({ ttftNs }) => ttftNs?.p50),
    ttftP99Ns: minus(({ ttftNs }) => ttftNs?.p99),
    gapP50Ns: minus(({ gapNs }) => gapNs?.p50),
    gapP99Ns: minus(({ gapNs }) => gapNs?.p99),
  }
}
