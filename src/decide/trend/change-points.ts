import { createRandom, type Random } from '../../base/index.js'

/**
 * Change points by E-divisive means (Matteson and James 2014, with exponent 1), as systems that watch benchmarks of databases and
 * compilers use it (Daly et al. 2020): the cut that sets two stretches furthest apart is tried against the same values in
 * random order, and where no order does as well in 95 % of cases it stands, and both stretches are looked at again.
 * A steady series is cut in at most 5 % of cases, whatever its distribution, as long as its values hang together in no other way.
 */
export function changePoints(values: readonly number[], seed = 1): readonly number[] {
  const random = createRandom(seed, 'change-points')
  const cuts = [0, values.length]
  for (;;) {
    const stretches = stretchesOf(values, cuts)
    const best = furthest(stretches)
    if (best === null || pOf(best.distance, stretches, random) > LEVEL) break
    cuts.push(best.at)
    cuts.sort((a, b) => a - b)
  }
  return cuts.slice(1, -1)
}

const LEVEL = 0.05
const ORDERS = 199
/** Values on either side of a cut: of two alone no scatter can be told. */
const LEAST_SIDE = 3

interface Stretch {
  readonly from: number
  readonly values: readonly number[]
}

interface Cut {
  /** Index of the first value after it. */
  readonly at: number
  readonly distance: number
}

const stretchesOf = (values: readonly number[], cuts: readonly number[]): readonly Stretch[] =>
  cuts.slice(0, -1).map((from, i) => ({ from, values: values.slice(from, cuts[i + 1]) }))

function furthest(stretches: readonly Stretch[]): Cut | null {
  let best: Cut | null = null
  for (const { from, values } of stretches) {
    const cut = bestCut(values)
    if (cut !== null && (best === null || cut.distance > best.distance)) {
      best = { at: from + cut.at, distance: cut.distance }
    }
  }
  return best
}

/** Share of orders, the one that was seen among them, whose best cut is as good. Each stretch is shuffled within itself. */
function pOf(distance: number, stretches: readonly Stretch[], random: Random): number {
  let asGood = 1
  for (let i = 0; i < ORDERS; i++) {
    const best = furthest(stretches.map(({ from, values }) => ({ from, values: shuffled(values, random) })))
    if (best !== null && best.distance >= distance - 1e-12) asGood++
  }
  return asGood / (ORDERS + 1)
}

function shuffled(values: readonly number[], random: Random): readonly number[] {
  const out = [...values]
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.integer(0, i)
    const moved = out[i] ?? 0
    out[i] = out[j] ?? 0
    out[j] = moved
  }
  return out
}

/**
 * The cut with the largest energy distance between both sides,
 *
 *     m·k/(m + k) · ( 2·mean|x − y| − mean|x − x′| − mean|y − y′| )   over m values x before it and k values y after it.
 *
 * The three sums are carried from one cut to the next: n²/2 differences in all instead of n³.
 */
export function bestCut(values: readonly number[]): Cut | null {
  const n = values.length
  let [before, across, after] = [0, 0, pairSum(values)]
  let best: Cut | null = null
  for (let m = 1; m < n; m++) {
    const moved = values[m - 1] ?? 0
    let [toBefore, toAfter] = [0, 0]
    for (let i = 0; i < m - 1; i++) toBefore += Math.abs((values[i] ?? 0) - moved)
    for (let i = m; i < n; i++) toAfter += Math.abs((values[i] ?? 0) - moved)
    before += toBefore
    after -= toAfter
    across += toAfter - toBefore
    const k = n - m
    if (m < LEAST_SIDE || k < LEAST_SIDE) continue
    const apart = (2 * across) / (m * k) - (2 * before) / (m * (m - 1)) - (2 * after) / (k * (k - 1))
    const distance = ((m * k) / n) * apart
    if (best === null || distance > best.distance) best = { at: m, distance }
  }
  return best
}

function pairSum(values: readonly number[]): number {
  let sum = 0
  for (const [i, a] of values.entries()) {
    for (let j = i + 1; j < values.length; j++) sum += Math.abs(a - (values[j] ?? 0))
  }
  return sum
}
