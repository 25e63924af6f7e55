import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Joins the log of `truth-server.c` with the records of a run by request id, both on the machine's monotonic clock.
 * All results are in milliseconds. Warm-up requests are left out.
 *
 *     our send ──▶ server read it ──200 ms──▶ server's write ──▶ our stamp
 *          └ send error ┘                          └ stamp error ┘
 *
 * @param {string} runFolder holds run.json and requests-*.ndjson
 * @param {string} truthLog what the server wrote at its end
 */
export function joinTruth(runFolder, truthLog) {
  const { id, zeroMonotonicNs } = JSON.parse(readFileSync(join(runFolder, 'run.json'), 'utf8'))
  const truth = new Map(readLines(truthLog).map((line) => [line.id, line]))
  const series = {
    sendError: [],
    stampError: [],
    ttftOurs: [],
    ttftTrue: [],
    ttftError: [],
    gapOurs: [],
    gapTrue: [],
    gapError: [],
  }
  const records = recordsOf(runFolder).filter((r) => r.phase === 'measured')
  const unjoined = []
  for (const record of records) {
    const served = truth.get(`${id}-${record.index}`)
    if (served && record.state === 'completed' && served.writesNs.length === record.chunks.length / 2) {
      add(series, record, zeroMonotonicNs, served)
    } else unjoined.push(record.index)
  }
  const figures = Object.fromEntries(
    Object.entries(series).map(([name, values]) => [name, percentiles(values)]),
  )
  return { requests: records.length, unjoined: unjoined.length, ...figures }
}

function add(series, record, zeroNs, { arrivalNs, writesNs }) {
  const sentNs = zeroNs + record.sentNs
  series.sendError.push((arrivalNs - sentNs) / 1e6)
  const ttftOurs = record.firstTokenNs - record.sentNs
  const ttftTrue = writesNs[0] - arrivalNs
  series.ttftOurs.push(ttftOurs / 1e6)
  series.ttftTrue.push(ttftTrue / 1e6)
  series.ttftError.push(Math.abs(ttftOurs - ttftTrue) / 1e6)
  let stampNs = sentNs
  for (const [k, writeNs] of writesNs.entries()) {
    const stepNs = record.chunks[2 * k]
    stampNs += stepNs
    series.stampError.push((stampNs - writeNs) / 1e6)
    if (k === 0) continue
    const trueNs = writeNs - writesNs[k - 1]
    series.gapOurs.push(stepNs / 1e6)
    series.gapTrue.push(trueNs / 1e6)
    series.gapError.push(Math.abs(stepNs - trueNs) / 1e6)
  }
}

const readLines = (path) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

const recordsOf = (folder) =>
  readdirSync(folder)
    .filter((name) => /^requests-\d+\.ndjson$/.test(name))
    .flatMap((name) => readLines(join(folder, name)))

/** Nearest rank. */
function percentiles(values) {
  const sorted = Float64Array.from(values).sort()
  const at = (p) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]
  return { n: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) }
}
