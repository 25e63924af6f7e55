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
 * Null when throughput goes on growing: a doubling of the load past the hinge still brings 27 % (exponent 0.35), or more
 * than half of the exponent before it is kept, or it never grew. Needs four points; loads ascending and above 0.
 */
export const findKnee = (loads: readonly number[], throughput: ArrayLike<number>): Knee | null =>
  kneeFinder(loads)(throughput)

/** `findKnee` for many throughputs over the same loads: what depends on the loads alone is worked out once. */
export function kneeFinder(loads: readonly number[]): (throughput: ArrayLike<number>) => Knee | null {
  if (loads.length < 4) return () => null
  const x = loads.map(Math.log)
  const [from = 0, to = 0] = [x[0], x.at(-2)]
  const hinges = Array.from({ length: STEPS + 1 }, (_, i) =>
    hingeAt(x, from + ((to - from) * i) / STEPS),
  ).filter((h) => h !== null)
  return (throughput) => {
    const y = Array.from(throughput, (v) => Math.log(Math.max(v, 1e-9)))
    let best: Fit | null = null
    for (const hinge of hinges) {
      const fit = fitHinge(hinge, y)
      if (best === null || fit.error < best.error - 1e-12) best = fit
    }
    return best === null ? null : kneeOf(best, from)
  }
}

function kneeOf({ at, before, after }: Fit, from: number): Knee | null {
  const atStart = at - from < 1e-9
  const bends = atStart || (before > 0.2 && after <= before / 2)
  return bends && after <= 0.35 ? { at: Math.exp(at), slopeBefore: before, slopeAfter: after } : null
}

/** y = c + before·min(x − h, 0) + after·max(x − h, 0): its terms at each x, and the matrix that turns y into c, before, after. */
interface Hinge {
  readonly at: number
  readonly terms: readonly (readonly [number, number, number])[]
  /** One row per coefficient, one weight per point: least squares is linear in y. */
  readonly weights: readonly (readonly number[])[]
}

function hingeAt(x: readonly number[], at: number): Hinge | null {
  const terms = x.map((v) => [1, Math.min(v - at, 0), Math.max(v - at, 0)] as const)
  // At the first load there is nothing before the hinge to fit.
  const used = terms.some((t) => t[1] < -1e-9) ? ([0, 1, 2] as const) : ([0, 2] as const)
  const rows = terms.map((t) => used.map((c) => t[c]))
  const units = x.map((_, i) =>
    solveLeastSquares(
      rows,
      x.map((__, k) => (k === i ? 1 : 0)),
    ),
  )
  if (units.some((u) => u === null)) return null
  const weights = ([0, 1, 2] as const).map((c) =>
    units.map((u) => u?.[(used as readonly number[]).indexOf(c)] ?? 0),
  )
  return { at, terms, weights }
}

interface Fit {
  readonly at: number
  readonly before: number
  readonly after: number
  readonly error: number
}

function fitHinge({ at, terms, weights }: Hinge, y: readonly number[]): Fit {
  const [c = 0, before = 0, after = 0] = weights.map((row) => dot(row, y))
  let error = 0
  for (const [i, [, left, right]] of terms.entries())
    error += ((y[i] ?? 0) - c - before * left - after * right) ** 2
  return { at, before, after, error }
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

/** Coefficients that minimise the squared error; null when the columns depend on each other. */
export function solveLeastSquares(
  rows: readonly (readonly number[])[],
  y: readonly number[],
): number[] | null {
  const k = rows[0]?.length ?? 0
  const m = Array.from({ length: k }, (_, a) => [
    ...Array.from({ length: k }, (_, b) => rows.reduce((sum, r) => sum + (r[a] ?? 0) * (r[b] ?? 0), 0)),
    rows.reduce((sum, r, i) => sum + (r[a] ?? 0) * (y[i] ?? 0), 0),
  ])
  for (let a = 0; a < k; a++) {
    const pivot = m
      .slice(a)
      .reduce((best, row) => (Math.abs(row[a] ?? 0) > Math.abs(best[a] ?? 0) ? row : best))
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
