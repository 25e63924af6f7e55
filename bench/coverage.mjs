// How often do the intervals hold the truth, and how often do two identical runs look different? Simulates runs whose
// true quantiles are known and prints Markdown tables, in about four minutes; docs/design/0003-statistics.md quotes them.
//
//     npm run build && node bench/coverage.mjs [runs]         1000 simulated runs a cell when no number is given
//
import { summariseSample } from '../dist/analyse/spread.js'
import { meanDraws, percentileInterval, resampleBlocks } from '../dist/analyse/stats/bootstrap.js'
import {
  dependenceOf,
  differenceOf,
  meanOf,
  rankInterval,
  sortValues,
  stdDevOf,
  wilson,
} from '../dist/analyse/stats/index.js'
import { quantileOf, quantileRanks } from '../dist/analyse/stats/quantile.js'
import { createRandom } from '../dist/base/index.js'
import { SERIES } from './series.mjs'

const RUNS = Number(process.argv[2] ?? 1000)
const LEVELS = [0.5, 0.9, 0.99]
const LENGTHS = [300, 1000, 3000, 10_000, 30_000]

const percent = (share) => (share * 100).toFixed(1)
const row = (cells) => console.log(`| ${cells.join(' | ')} |`)
const head = (cells) => {
  row(cells)
  row(cells.map((_, i) => (i === 0 ? '---' : '---:')))
}

/** Does the interval between two ranks hold the truth? */
const holds = (sorted, { low, high }, truth) => sorted[low - 1] <= truth && truth <= sorted[high - 1]
const bounded = ({ low, high }) => low !== null && high !== null

function cell(series, n, random) {
  const tally = LEVELS.map(() => ({ plain: 0, plainHeld: 0, claimed: 0, held: 0 }))
  for (let run = 0; run < RUNS; run++) {
    const values = series.values(random, n)
    const sorted = sortValues(values.slice())
    const dependence = dependenceOf(values, sorted, n / (series.group ?? 1))
    for (const [i, q] of LEVELS.entries()) {
      const truth = series.quantile(q)
      const plain = quantileRanks(n, q)
      const own = rankInterval(n, q, dependence)
      if (bounded(plain)) tally[i].plain++
      if (bounded(plain) && holds(sorted, plain, truth)) tally[i].plainHeld++
      if (bounded(own)) tally[i].claimed++
      if (bounded(own) && holds(sorted, own, truth)) tally[i].held++
    }
  }
  return tally.flatMap(({ plain, plainHeld, claimed, held }) => [
    plain === 0 ? '–' : percent(plainHeld / plain),
    claimed === 0 ? '–' : percent(held / claimed),
    percent(claimed / RUNS),
    percent((claimed - held) / RUNS),
  ])
}

function coverageTable() {
  console.log(
    `\nCoverage of 95 % intervals, ${RUNS} simulated runs a row. Per quantile: plain order statistics (%), our`,
  )
  console.log(
    'interval where it is claimed (%), runs in which it is claimed (%), runs with a claim that misses (%).\n',
  )
  head(['series', 'n', ...LEVELS.flatMap((q) => [`p${q * 100} plain`, 'ours', 'claimed', 'missed'])])
  for (const [key, series] of Object.entries(SERIES)) {
    for (const n of LENGTHS) row([series.name, n, ...cell(series, n, createRandom(1, `${key} ${n}`))])
  }
}

const BOOTSTRAPPED = ['exponential', 'ar5', 'ar9', 'queue5', 'queue8']
const BOOTSTRAP_RUNS = 200
const RESAMPLES = 300

/** What was tried instead: percentile intervals of moving-block resamples, by two usual lengths of a block. */
function bootstrapTable() {
  const n = 1000
  console.log(
    `\nThe block bootstrap, for comparison: coverage (%) with n = ${n}, ${BOOTSTRAP_RUNS} simulated runs a row.\n`,
  )
  head(['series', 'block', ...LEVELS.map((q) => `p${q * 100}`)])
  for (const key of BOOTSTRAPPED) {
    for (const block of [Math.round(Math.cbrt(n)), Math.round(n / 30)]) {
      const random = createRandom(1, `bootstrap ${key} ${block}`)
      const held = LEVELS.map(() => 0)
      for (let run = 0; run < BOOTSTRAP_RUNS; run++) {
        const values = SERIES[key].values(random, n)
        const drawn = Array.from({ length: RESAMPLES }, () =>
          sortValues(resampleBlocks(values, block, random)),
        )
        for (const [i, q] of LEVELS.entries()) {
          const found = sortValues(Float64Array.from(drawn, (sorted) => quantileOf(sorted, q)))
          const truth = SERIES[key].quantile(q)
          if (quantileOf(found, 0.025) <= truth && truth <= quantileOf(found, 0.975)) held[i]++
        }
      }
      row([SERIES[key].name, block, ...held.map((count) => percent(count / BOOTSTRAP_RUNS))])
    }
  }
}

const REQUESTS = 1000
const SLICES = 20

/** One metric, the token rates of slices, and how many failed; the run's own speed in all of them. */
function simulateRun(random, spread) {
  const speed = Math.exp(spread * random.normal())
  const values = Float64Array.from({ length: REQUESTS }, () => 200 * speed * Math.exp(0.5 * random.normal()))
  const sorted = sortValues(values.slice())
  const dependence = dependenceOf(values, sorted, REQUESTS)
  const ttft = summariseSample({ values: sorted, censored: 0, dependence }, 'ms')
  const batchTokensPerS = Array.from({ length: SLICES }, () => (1000 / speed) * (1 + 0.05 * random.normal()))
  const failed = Array.from({ length: REQUESTS }, () => random.uniform()).filter((u) => u < 0.01).length
  return { ttft, outputTokensPerS: meanOf(batchTokensPerS), batchTokensPerS, failed }
}

const FIGURES = ['ttft p50', 'ttft p99', 'outputTokensPerS', 'errorRate']
const ROUNDS = 2000
const log = ({ value, low, high }) => ({ value: Math.log(value), low: Math.log(low), high: Math.log(high) })
const isApart = ({ low, high }) => low > 0 || high < 0
const quantilesApart = (a, b) => bounded(a) && bounded(b) && isApart(differenceOf(log(a), log(b)))

/** What the intervals inside two single runs say: requests as the unit, as this program does not compare. */
function differsByRequests(a, b) {
  const random = createRandom(1, 'compare')
  const [drawA, drawB] = [a, b].map((run) => meanDraws(run.batchTokensPerS, random))
  const [lostA, lostB] = [a, b].map((run) => wilson(run.failed, REQUESTS))
  return [
    quantilesApart(a.ttft.p50, b.ttft.p50),
    quantilesApart(a.ttft.p99, b.ttft.p99),
    isApart(percentileInterval(ROUNDS, () => drawB() / drawA() - 1)),
    isApart(differenceOf(lostA, lostB)),
  ]
}

/** By figure: does any comparison of the first run with one of the others show a difference? */
function saidDifferent([first, ...others]) {
  const said = others.map((other) => differsByRequests(first, other))
  return FIGURES.map((_, k) => said.some((figures) => figures[k]))
}

/** Student's t at 97.5 % for 4 and 8 degrees of freedom: 3 and 5 runs a side. */
const T = new Map([
  [3, 2.7764451051977987],
  [5, 2.306004135204166],
])

/** Student's t test on the logarithms of each run's figure: the run is the unit. Equal spreads, as both sides are the same. */
function differsByRuns(before, after, figureOf) {
  const [a, b] = [before, after].map((runs) => runs.map((run) => Math.log(figureOf(run))))
  const error = Math.sqrt((stdDevOf(a) ** 2 + stdDevOf(b) ** 2) / a.length)
  return Math.abs(meanOf(a) - meanOf(b)) > T.get(a.length) * error
}

const FIGURE_OF = [
  ({ ttft }) => ttft.p50.value,
  ({ ttft }) => ttft.p99.value,
  ({ outputTokensPerS }) => outputTokensPerS,
]

function sameTable() {
  console.log(
    `\nIdentical runs that look different (%), ${RUNS} comparisons a row, ${REQUESTS} requests a run: judged by`,
  )
  console.log('the intervals inside single runs, and by Student’s t with the run as the unit.\n')
  head(['spread between runs', 'runs a side', 'judged by', ...FIGURES])
  for (const spread of [0, 0.03, 0.06]) {
    for (const side of [1, 3, 5]) {
      const random = createRandom(1, `same ${spread} ${side}`)
      const compared = FIGURES.map(() => 0)
      const tested = FIGURE_OF.map(() => 0)
      for (let i = 0; i < RUNS; i++) {
        const runs = Array.from({ length: 2 * side }, () => simulateRun(random, spread))
        // Every run of the other side against the first of this one.
        for (const [k, said] of saidDifferent([runs[0], ...runs.slice(side)]).entries())
          compared[k] += said ? 1 : 0
        if (side === 1) continue
        for (const [k, figure] of FIGURE_OF.entries())
          tested[k] += differsByRuns(runs.slice(0, side), runs.slice(side), figure) ? 1 : 0
      }
      const shares = (counts) => counts.map((count) => percent(count / RUNS))
      row([`${spread * 100} %`, side, 'single runs, any pair', ...shares(compared)])
      if (side > 1) row([`${spread * 100} %`, side, 'Student’s t', ...shares(tested), '–'])
    }
  }
}

coverageTable()
bootstrapTable()
sameTable()
