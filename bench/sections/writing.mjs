import { runChild } from '../lib/children.mjs'
import { figure } from '../lib/table.mjs'

const CHUNKS = [0, 10, 100]
const COUNT = 10_000

const NOTE =
  'From a record to its line in the file, twenty records in a turn of the loop; the cost of the turns is taken off.'

/** Cost of writing records. @param {import('../bench.mjs').Setting} setting */
export async function writing({ folder }) {
  const rows = []
  const figures = {}
  for (const chunks of CHUNKS) {
    const { turns, json, write, record, bytes } = await runChild('write', { folder, chunks, count: COUNT })
    // The turns of the loop are there in a run too, but not for the record's sake.
    const recordNs = record - turns
    const f = { recordNs, jsonNs: json - turns, writeCallNs: write - turns, bytes }
    figures[`${chunks} chunks`] = f
    const perS = 1e9 / recordNs
    const speed = [figure(recordNs), figure(perS), figure((perS * bytes) / 1e6)]
    rows.push([String(chunks), figure(bytes), ...speed, figure(f.jsonNs), figure(f.writeCallNs)])
  }
  const header = ['chunks', 'bytes', 'CPU per record, ns', 'records/s', 'MB/s']
  header.push('floor: `JSON.stringify` alone, ns', 'a write call for each, ns')
  return [{ title: 'Writing records', note: NOTE, header, rows, figures, aims: [] }]
}
