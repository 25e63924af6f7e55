// Series of values whose true quantiles are known, for coverage simulations: what a run would measure, in order of send.
// Every one takes a source of random numbers (`uniform`, `normal`, `exponential`) and a length.

/** Standard normal quantiles at the levels that are simulated. */
const NORMAL = new Map([
  [0.5, 0],
  [0.9, 1.2815515655446004],
  [0.95, 1.6448536269514722],
  [0.99, 2.3263478740408408],
  [0.999, 3.090232306167813],
])
const normalAt = (q) => NORMAL.get(q) ?? Number.NaN

const independent = (name, draw, quantile) => ({
  name,
  dependent: false,
  values: (random, n) => Float64Array.from({ length: n }, () => draw(random)),
  quantile,
})

const pareto = (alpha) =>
  independent(
    `Pareto, α = ${alpha}`,
    (random) => (1 - random.uniform()) ** (-1 / alpha),
    (q) => (1 - q) ** (-1 / alpha),
  )

const lognormal = (sigma) =>
  independent(
    `lognormal, σ = ${sigma}`,
    (random) => Math.exp(sigma * random.normal()),
    (q) => Math.exp(sigma * normalAt(q)),
  )

/** A stationary standard normal AR(1) series. */
function autoregressive(random, n, phi) {
  const z = new Float64Array(n)
  const noise = Math.sqrt(1 - phi * phi)
  for (let i = 0; i < n; i++) z[i] = i === 0 ? random.normal() : phi * z[i - 1] + noise * random.normal()
  return z
}

/** Neighbours correlated by φ on the normal scale, lognormal margins. */
const ar1 = (phi) => ({
  name: `AR(1), φ = ${phi}, lognormal margins`,
  dependent: true,
  values: (random, n) => autoregressive(random, n, phi).map(Math.exp),
  quantile: (q) => Math.exp(normalAt(q)),
})

/** The same with Pareto margins (α = 1.5): by the rank of each value. */
const heavyAr1 = (phi) => ({
  name: `AR(1), φ = ${phi}, Pareto margins, α = 1.5`,
  dependent: true,
  values: (random, n) => autoregressive(random, n, phi).map((z) => upperTail(z) ** (-1 / 1.5)),
  quantile: (q) => (1 - q) ** (-1 / 1.5),
})

/** P(Z > z), Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function upperTail(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial
  return z > 0 ? tail : 1 - tail
}

/**
 * Time in the system of successive customers of an M/M/1 queue (Lindley's recursion), in service times. It is exponential
 * with rate 1 − ρ; the first customer finds the queue as it stands in the long run.
 */
const queue = (rho) => ({
  name: `M/M/1 queue, ρ = ${rho}`,
  dependent: true,
  values: (random, n) => {
    const times = new Float64Array(n)
    let waiting = random.uniform() < rho ? random.exponential() / (1 - rho) : 0
    for (let i = 0; i < n; i++) {
      times[i] = waiting + random.exponential()
      waiting = Math.max(0, times[i] - random.exponential() / rho)
    }
    return times
  },
  quantile: (q) => -Math.log(1 - q) / (1 - rho),
})

/** One request in 26 is slow, but in bursts of 20: seldom enough that a short run may not see a single one. */
const bursts = {
  name: 'bursts of 20, one in 520 requests',
  dependent: true,
  values: (random, n) => {
    let slow = random.uniform() < 1 / 26
    return Float64Array.from({ length: n }, () => {
      const value = random.exponential() + (slow ? 10 : 0)
      slow = random.uniform() < (slow ? 1 / 20 : 1 / 500) ? !slow : slow
      return value
    })
  },
  // P(X > x) = 25/26·e^−x + 1/26·min(1, e^−(x − 10)): the second term is 1/26 below 10.
  quantile: (q) => (1 - q > 1 / 26 ? -Math.log(((1 - q - 1 / 26) * 26) / 25) : burstTail(q)),
}

function burstTail(q) {
  let [low, high] = [0, 60]
  const beyond = (x) => (25 * Math.exp(-x) + Math.min(1, Math.exp(10 - x))) / 26
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (beyond(middle) > 1 - q) low = middle
    else high = middle
  }
  return low
}

const GAPS = 50

/** Gaps of streams: 50 a request, and half of their variance on the log scale is the request's own, φ = 0.5 from one to the next. */
const gaps = {
  name: 'gaps, 50 a request, half of the variance between requests',
  dependent: true,
  group: GAPS,
  values: (random, n) => {
    const own = autoregressive(random, n / GAPS, 0.5)
    return Float64Array.from({ length: n }, (_, i) =>
      Math.exp((own[Math.floor(i / GAPS)] + random.normal()) / Math.SQRT2),
    )
  },
  quantile: (q) => Math.exp(normalAt(q)),
}

export const SERIES = {
  exponential: independent(
    'exponential',
    (random) => random.exponential(),
    (q) => -Math.log(1 - q),
  ),
  pareto15: pareto(1.5),
  pareto25: pareto(2.5),
  lognormal: lognormal(2),
  ar5: ar1(0.5),
  ar9: ar1(0.9),
  heavyAr5: heavyAr1(0.5),
  queue5: queue(0.5),
  queue8: queue(0.8),
  queue9: queue(0.9),
  gaps,
  bursts,
}
