// What writing a record costs, beside its floors. Prints a line of JSON: ns of CPU per record, by step.
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { requestWriter } from '../../dist/record/index.js'
import { median } from '../lib/statistics.mjs'

const PER_TURN = 20
const ROUNDS = 5

/** @param {number} index @param {number} chunks */
const recordOf = (index, chunks) => ({
  index,
  phase: 'measured',
  scheduledNs: 130_000_000 + index * 1000,
  inputTokensAsked: 100,
  outputTokensAsked: chunks,
  state: 'completed',
  sentNs: 130_020_000 + index * 1000,
  headersNs: 131_400_000 + index * 1000,
  firstEventNs: 171_400_000 + index * 1000,
  firstTokenNs: 171_400_000 + index * 1000,
  firstVisibleNs: 171_400_000 + index * 1000,
  lastTokenNs: 171_400_000 + index * 1000 + chunks * 20_000_000,
  endNs: 171_500_000 + index * 1000 + chunks * 20_000_000,
  inputTokens: 100,
  outputTokens: chunks,
  tokenSource: 'usage',
  chunks: Array.from({ length: 2 * chunks }, (_, i) => (i % 2 ? 1 : 19_990_000 + ((index + i) % 20_000))),
  coalescedChunks: 0,
  bytesReceived: 400 + 350 * chunks,
  connectionReused: true,
  httpStatus: 200,
  finishReason: 'length',
  point: 'run',
  worker: 0,
  stamps: 'kernel',
  bytesSent: 371,
})

/** CPU time of `work` on all records, in ns per record. */
async function costOf(records, work) {
  const before = process.cpuUsage()
  for (let i = 0; i < records.length; i++) {
    work(records[i])
    // As in a run: some records end in one turn of the loop and share a write.
    if (i % PER_TURN === PER_TURN - 1) await turn()
  }
  await turn()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / records.length
}

const { folder, chunks, count } = JSON.parse(process.argv[2])
const records = Array.from({ length: count }, (_, i) => recordOf(i, chunks))
const line = Buffer.from(`${JSON.stringify(records[0])}\n`)
const floorFile = openSync(join(folder, 'floor'), 'w')
const writer = requestWriter(folder, chunks)
const steps = {
  turns: () => {},
  json: (record) => void JSON.stringify(record),
  write: () => void writeSync(floorFile, line),
  record: (record) => writer.write(record),
}
const costs = Object.fromEntries(Object.keys(steps).map((name) => [name, []]))
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, work] of Object.entries(steps)) {
    const ns = await costOf(records, work)
    // The first one warms up.
    if (round > 0) costs[name].push(ns)
  }
}
writer.close()
closeSync(floorFile)
const bytes = statSync(join(folder, `requests-${chunks}.ndjson`)).size / (count * (ROUNDS + 1))
const medians = Object.fromEntries(Object.entries(costs).map(([name, values]) => [name, median(values)]))
process.stdout.write(`${JSON.stringify({ ...medians, bytes })}\n`)
