import { meanOf, stdDevOf, studentT } from '../analyse/index.js'

const CONFIDENCE = 0.95

/** Mean with Student's t interval at 95 %; no bounds of a single value. */
export function meanInterval(values: readonly number[]): {
  readonly mean: number
  readonly low: number | null
  readonly high: number | null
} {
  const n = values.length
  const mean = meanOf(values)
  if (n < 2) return { mean, low: null, high: null }
  const half = (studentT(CONFIDENCE, n - 1) * stdDevOf(values, mean)) / Math.sqrt(n)
  return { mean, low: mean - half, high: mean + half }
}
