/** A bend of throughput over load, found on logarithmic axes. */
export interface Knee {
  readonly at: number
  /** Growth exponents on either side: 1 doubles with the load, 0 stands still, below 0 falls. */
  readonly slopeBefore: number
  readonly slopeAfter: number
}

const STEPS = 240

/**
 * The hinge of a two-piece line through (log load, log throughput), by least squares over a grid of hinges. On these axes
 * min(a·N, peak) is two straight lines that meet exactly at the knee; Kneedle, by contrast, finds a knee in every curve
 * and moves it with the tested range.
 *
 * Null when throughput goes on growing: a doubling of the load past the hinge still brings 27 % (exponent 0.35), or less
 * than half of what it brought before is not lost, or it never grew. Needs four points; loads ascending and above 0.
 */
export function findKnee(loads: readonly number[], throughput: ArrayLike<number>): Knee | null {
  if (loads.length < 4) return null
  const x = loads.map(Math.log)
  const y = Array.from(throughput, (v) => Math.log(Math.max(v, 1e-9)))
  const [from = 0, to = 0] = [x[0], x.at(-2)]
  let best: Hinge | null = null
  for (let i = 0; i <= STEPS; i++) {
    const fit = fitHinge(x, y, from + ((to - from) * i) / STEPS)
    if (fit !== null && (best === null || fit.error < best.error - 1e-12)) best = fit
  }
  if (best === null) return null
  const { hinge, before, after } = best
  const grows = before > 0.2 || hinge - from < 1e-9
  if (!grows || after > 0.35 || (hinge - from > 1e-9 && after > before / 2)) return null
  return { at: Math.exp(hinge), slopeBefore: before, slopeAfter: after }
}

interface Hinge {
  readonly hinge: number
  readonly before: number
  readonly after: number
  readonly error: number
}

/** Least squares of y = c + before·min(x − h, 0) + after·max(x − h, 0), by the normal equations of its three terms. */
function fitHinge(x: readonly number[], y: readonly number[], h: number): Hinge | null {
  const rows = x.map((v) => [1, Math.min(v - h, 0), Math.max(v - h, 0)] as const)
  const usesBefore = rows.some((r) => r[1] < -1e-9)
  const columns = usesBefore ? [0, 1, 2] : [0, 2]
  const solved = solveLeastSquares(rows.map((r) => columns.map((c) => r[c as 0 | 1 | 2])), y)
  if (solved === null) return null
  const [c = 0, second = 0, third = 0] = solved
  const [before, after] = usesBefore ? [second, third] : [0, second]
  const error = rows.reduce((sum, r, i) => sum + ((y[i] ?? 0) - c - before * r[1] - after * r[2]) ** 2, 0)
  return { hinge: h, before, after, error }
}

/** Coefficients that minimise the squared error; null when the columns depend on each other. */
export function solveLeastSquares(rows: readonly (readonly number[])[], y: readonly number[]): number[] | null {
  const k = rows[0]?.length ?? 0
  const m = Array.from({ length: k }, (_, a) => [
    ...Array.from({ length: k }, (_, b) => rows.reduce((sum, r) => sum + (r[a] ?? 0) * (r[b] ?? 0), 0)),
    rows.reduce((sum, r, i) => sum + (r[a] ?? 0) * (y[i] ?? 0), 0),
  ])
  for (let a = 0; a < k; a++) {
    const pivot = m.slice(a).reduce((best, row) => (Math.abs(row[a] ?? 0) > Math.abs(best[a] ?? 0) ? row : best))
    const value = pivot[a] ?? 0
    if (Math.abs(value) < 1e-12) return null
    const at = m.indexOf(pivot)
    const current = m[a] ?? pivot
    m[at] = current
    m[a] = pivot.map((v) => v / value)
    for (let b = 0; b < k; b++) {
      if (b === a) continue
      const factor = m[b]?.[a] ?? 0
      m[b] = (m[b] ?? []).map((v, c) => v - factor * (m[a]?.[c] ?? 0))
    }
  }
  return m.map((row) => row[k] ?? 0)
}
