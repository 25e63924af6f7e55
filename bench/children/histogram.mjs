// What recording and asking cost in both builds of hdr-histogram-js. Prints a line of JSON, in ns of CPU.
import { build, initWebAssembly } from 'hdr-histogram-js'
import { createLatencyHistogram } from '../../dist/histogram/index.js'

const VALUES = 1 << 16
const ROUNDS = 40
const QUANTILES = [0.5, 0.9, 0.99, 0.999]
const QUERIES = 200

const FORM = {
  bitBucketSize: 32,
  lowestDiscernibleValue: 1,
  highestTrackableValue: 3_600_000_000,
  numberOfSignificantValueDigits: 3,
  autoResize: false,
}

/** Gaps as a server sends them, in µs: about 20 ms, some far off. */
const values = Float64Array.from(
  { length: VALUES },
  (_, i) => 20_000 * (0.5 + ((i * 7919) % 1000) / 1000) ** 4,
)

function cpuNs(work, count) {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / count
}

function costOf(record) {
  const all = (rounds) => {
    for (let round = 0; round < rounds; round++) for (let i = 0; i < VALUES; i++) record(values[i])
  }
  all(ROUNDS / 4)
  return cpuNs(() => all(ROUNDS), VALUES * ROUNDS)
}

function queryCost(at) {
  const all = (n) => {
    for (let i = 0; i < n; i++) for (const q of QUANTILES) at(q)
  }
  all(QUERIES / 4)
  return cpuNs(() => all(QUERIES), QUERIES * QUANTILES.length)
}

await initWebAssembly()
const ours = createLatencyHistogram()
const script = build({ ...FORM, useWebAssembly: false })
const wasm = build({ ...FORM, useWebAssembly: true })
const bins = new Uint32Array(VALUES)
const column = new Uint32Array(VALUES)
let at = 0

const found = {
  ours: { recordNs: costOf((us) => ours.record(us)), queryNs: queryCost((q) => ours.quantileUs(q)) },
  script: {
    recordNs: costOf((us) => script.recordValue(Math.round(us))),
    queryNs: queryCost((q) => script.getValueAtPercentile(q * 100)),
  },
  wasm: {
    recordNs: costOf((us) => wasm.recordValue(Math.round(us))),
    queryNs: queryCost((q) => wasm.getValueAtPercentile(q * 100)),
  },
  bins: { recordNs: costOf((us) => bins[(us >> 3) & (VALUES - 1)]++) },
  column: {
    recordNs: costOf((us) => {
      column[at++ & (VALUES - 1)] = us
    }),
  },
}
const same = QUANTILES.every(
  (q) => script.getValueAtPercentile(q * 100) === wasm.getValueAtPercentile(q * 100),
)
if (!same || ours.count === 0) throw new Error('the builds do not agree')
process.stdout.write(`${JSON.stringify(found)}\n`)
