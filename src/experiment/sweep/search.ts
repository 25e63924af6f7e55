/** Throughput found at a load. */
export interface Measured {
  readonly load: number
  readonly outputTokensPerS: number
}

/** Doubling ends here whatever is found: nobody should start ten thousand streams by accident. */
const MAX_LOAD = 1024
/** A doubling that gains less than this is past the knee. */
const LEAST_GAIN = 1.05

/**
 * The next load to try, or undefined when the knee is bracketed well enough. Doubles until two doublings in a row gain
 * nothing, then fills the gaps on both sides of the peak.
 *
 * @param tried in the order of measuring
 */
export function nextLoad(tried: readonly Measured[], whole: boolean): number | undefined {
  if (tried.length === 0) return 1
  const sorted = [...tried].sort((a, b) => a.load - b.load)
  const top = sorted.at(-1)
  if (top && !isPastKnee(sorted) && top.load * 2 <= MAX_LOAD) return top.load * 2
  return gapBesidePeak(sorted, whole)
}

function isPastKnee(sorted: readonly Measured[]): boolean {
  const [before, last, top] = sorted.slice(-3)
  if (!before || !last || !top) return false
  return (
    last.outputTokensPerS <= before.outputTokensPerS * LEAST_GAIN &&
    top.outputTokensPerS <= last.outputTokensPerS * LEAST_GAIN
  )
}

/** Geometric middle of the wider gap beside the peak, until both neighbours are within a factor of 1.5. */
function gapBesidePeak(sorted: readonly Measured[], whole: boolean): number | undefined {
  const peak = sorted.reduce((best, m) => (m.outputTokensPerS > best.outputTokensPerS ? m : best))
  const at = sorted.indexOf(peak)
  const gaps = [
    [sorted[at - 1], peak],
    [peak, sorted[at + 1]],
  ].flatMap(([low, high]) => (low && high ? [{ low: low.load, ratio: high.load / low.load }] : []))
  const widest = gaps.sort((a, b) => b.ratio - a.ratio)[0]
  if (!widest || widest.ratio <= 1.5) return undefined
  const middle = widest.low * Math.sqrt(widest.ratio)
  const load = whole ? Math.round(middle) : Number(middle.toPrecision(3))
  return sorted.some((m) => m.load === load) ? undefined : load
}
