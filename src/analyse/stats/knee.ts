/** A bend of throughput over load, found on logarithmic axes. */
export interface Knee {
  readonly at: number
  /** Growth exponents on either side: 1 doubles with the load, 0 stands still, below 0 falls. */
  readonly slopeBefore: number
  readonly slopeAfter: number
}

const STEPS = 240

/**
 * The knee of throughput over load. Where throughput falls by a tenth or more past its peak, it lies where rise and fall
 * meet; where it only stops growing, at the hinge of a two-piece line. Null when it goes on growing.
 * Needs four points; loads ascending and above 0.
 */
export function kneeFinder(loads: readonly number[]): (throughput: ArrayLike<number>) => Knee | null {
  const x = loads.map(Math.log)
  const hinge = hingeFinder(loads)
  return (throughput) => (loads.length < 4 ? null : (topOf(x, logs(throughput)) ?? hinge(throughput)))
}

const logs = (values: ArrayLike<number>): number[] => Array.from(values, (v) => Math.log(Math.max(v, 1e-9)))

/**
 * The hinge of a two-piece line through (log load, log throughput), by least squares over a grid of hinges. On these axes
 * min(a·N, peak) is two straight lines that meet exactly at the knee; Kneedle, by contrast, finds a knee in every curve
 * and moves it with the tested range.
 *
 * Null when throughput goes on growing: a doubling of the load past the hinge still brings 27 % (exponent 0.35), or more
 * than half of the exponent before it is kept, or it never grew. What depends on the loads alone is worked out once.
 */
export function hingeFinder(loads: readonly number[]): (throughput: ArrayLike<number>) => Knee | null {
  if (loads.length < 4) return () => null
  const x = loads.map(Math.log)
  const [from = 0, to = 0] = [x[0], x.at(-2)]
  const hinges = Array.from({ length: STEPS + 1 }, (_, i) =>
    hingeAt(x, from + ((to - from) * i) / STEPS),
  ).filter((h) => h !== null)
  return (throughput) => {
    const y = logs(throughput)
    let best: Fit | null = null
    for (const hinge of hinges) {
      const fit = fitHinge(hinge, y)
      if (best === null || fit.error < best.error - 1e-12) best = fit
    }
    return best === null ? null : kneeOf(best, from)
  }
}

/** A fall of less than a tenth may be noise on a plateau. */
const FALLS = Math.log(0.9)

/**
 * Where the rise before the peak and the fall behind it meet: the lines through the two points on either side of it. The
 * measured peak itself stands on one of the two, but nobody knows on which. Null when the last point is not clearly below it.
 */
function topOf(x: readonly number[], y: readonly number[]): Knee | null {
  const peak = y.indexOf(Math.max(...y))
  const top = y[peak] ?? 0
  if ((y.at(-1) ?? top) - top > FALLS) return null
  const rise = lineThrough(x, y, peak >= 2 ? peak - 2 : 0)
  const fall = lineThrough(x, y, Math.min(peak + 1, x.length - 2))
  if (peak === 0 || rise.slope <= fall.slope)
    return { at: Math.exp(x[peak] ?? 0), slopeBefore: 0, slopeAfter: fall.slope }
  const meet = (fall.atZero - rise.atZero) / (rise.slope - fall.slope)
  const at = Math.min(x[peak + 1] ?? meet, Math.max(x[peak - 1] ?? meet, meet))
  return { at: Math.exp(at), slopeBefore: rise.slope, slopeAfter: fall.slope }
}

function lineThrough(
  x: readonly number[],
  y: readonly number[],
  from: number,
): { slope: number; atZero: number } {
  const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [x[from], x[from + 1], y[from], y[from + 1]]
  const slope = (y1 - y0) / (x1 - x0)
  return { slope, atZero: y0 - slope * x0 }
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
