import { solveLeastSquares } from './knee.js'

/** Universal scalability law (Gunther 1993): X(N) = λN / (1 + σ(N − 1) + κN(N − 1)). */
export interface Usl {
  readonly lambda: number
  readonly sigma: number
  readonly kappa: number
  /** Load of the greatest throughput, √((1 − σ)/κ); null without retrograde scaling. */
  readonly peakAt: number | null
}

const evaluate = (p: readonly number[], n: number): number => {
  const [lambda = 0, sigma = 0, kappa = 0] = p
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1))
}

const squaredError = (p: readonly number[], loads: readonly number[], x: readonly number[]): number =>
  loads.reduce((sum, n, i) => sum + ((x[i] ?? 0) - evaluate(p, n)) ** 2, 0)

/** σ and κ below zero would be faster than linear: out of the law. */
const clamp = (p: readonly number[]): number[] => p.map((v, i) => (i === 0 ? v : Math.max(0, v)))

/**
 * Non-linear least squares by Levenberg-Marquardt, with σ, κ ≥ 0. Null with fewer than six points, or when the last point is
 * the highest: without the far side of the peak the law's coefficients are a guess.
 */
export function fitUsl(loads: readonly number[], x: readonly number[]): Usl | null {
  if (loads.length < 6 || Math.max(...x) === x.at(-1)) return null
  const first = (x[0] ?? 0) / (loads[0] ?? 1)
  let p = [first, 0.01, 1e-4]
  let error = squaredError(p, loads, x)
  let damping = 1e-3
  for (let round = 0; round < 500 && damping < 1e12; round++) {
    const next = clamp(feasibleStep(p, loads, x, damping))
    const nextError = squaredError(next, loads, x)
    if (nextError < error) {
      const gain = error - nextError
      ;[p, error, damping] = [next, nextError, damping / 3]
      if (gain < 1e-14 * error) break
    } else damping *= 4
  }
  const [lambda = 0, sigma = 0, kappa = 0] = p
  return { lambda, sigma, kappa, peakAt: kappa > 0 && sigma < 1 ? Math.sqrt((1 - sigma) / kappa) : null }
}

/**
 * A step that leaves alone what stands at its bound of 0 and would go below it: to cut it off there after a joint step
 * would leave the others short of their own minimum.
 */
function feasibleStep(
  p: readonly number[],
  loads: readonly number[],
  x: readonly number[],
  damping: number,
): number[] {
  const next = step(p, loads, x, damping, [0, 1, 2])
  const free = [0, 1, 2].filter((c) => c === 0 || p[c] !== 0 || (next[c] ?? 0) >= 0)
  return free.length === 3 ? next : step(p, loads, x, damping, free)
}

/** One damped Gauss-Newton step in the free parameters; the damping enters as one more row each, scaled to its column. */
function step(
  p: readonly number[],
  loads: readonly number[],
  x: readonly number[],
  damping: number,
  free: readonly number[],
): number[] {
  const [lambda = 0, sigma = 0, kappa = 0] = p
  const rows = loads.map((n) => {
    const d = 1 + sigma * (n - 1) + kappa * n * (n - 1)
    const all = [n / d, (-lambda * n * (n - 1)) / (d * d), (-lambda * n * n * (n - 1)) / (d * d)]
    return free.map((c) => all[c] ?? 0)
  })
  const scale = free.map((_, c) => Math.sqrt(rows.reduce((sum, r) => sum + (r[c] ?? 0) ** 2, 0)) || 1)
  const scaled = rows.map((r) => r.map((v, c) => v / (scale[c] ?? 1)))
  const damped = free.map((_, c) => free.map((__, d) => (c === d ? Math.sqrt(damping) : 0)))
  const residuals = loads.map((n, i) => (x[i] ?? 0) - evaluate(p, n))
  const solved = solveLeastSquares([...scaled, ...damped], [...residuals, ...free.map(() => 0)]) ?? []
  return p.map((v, c) => v + (solved[free.indexOf(c)] ?? 0) / (scale[free.indexOf(c)] ?? 1))
}
