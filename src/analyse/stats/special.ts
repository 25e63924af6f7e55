/**
 * ln Γ(x) for x > 0: Stirling's series above 10, reached from below by Γ(x + 1) = x·Γ(x).
 * Relative error below 1e-14 (Abramowitz and Stegun 6.1.41).
 */
export function lnGamma(x: number): number {
  let shift = 0
  let z = x
  while (z < 10) shift += Math.log(z++)
  const u = 1 / (z * z)
  const series = (1 / 12 - u * (1 / 360 - u * (1 / 1260 - u * (1 / 1680 - u / 1188)))) / z
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift
}

/** Continued fraction of the incomplete beta function, by Lentz's method as modified by Thompson and Barnett. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const guard = (v: number) => (Math.abs(v) < tiny ? tiny : v)
  let c = 1
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / guard(1 + even * d)
    c = guard(1 + even / c)
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / guard(1 + odd * d)
    c = guard(1 + odd / c)
    const step = d * c
    h *= step
    if (Math.abs(step - 1) < 1e-15) break
  }
  return h
}

/** Regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 ≤ x ≤ 1. */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + lnGamma(a + b) - lnGamma(a) - lnGamma(b))
  // The fraction converges fast on this side of the mean only; the other side is the complement.
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b
}

/** P(X ≤ k) for X binomial with n trials of probability p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0
  return k >= n ? 1 : regularisedBeta(1 - p, n - k, k + 1)
}

/** P(Z ≤ z) for a standard normal Z, to 1e-15 relative near the centre and 1e-12 in the tails, from the error function's series and fraction. */
export function normalCdf(z: number): number {
  const x = Math.abs(z)
  const upper = x < 3 ? 0.5 - centreMass(x) : tailMass(x)
  return z > 0 ? 1 - upper : upper
}

/** P(0 < Z < x), by the series x + x³/3 + x⁵/15 + … times the density. */
function centreMass(x: number): number {
  let term = x
  let sum = x
  for (let k = 3; term > 1e-17 * sum; k += 2) {
    term *= (x * x) / k
    sum += term
  }
  return sum * density(x)
}

/** P(Z > x), by Laplace's continued fraction, from its far end. */
function tailMass(x: number): number {
  let fraction = x
  for (let k = 60; k >= 1; k--) fraction = x + k / fraction
  return density(x) / fraction
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
