import { runChild } from '../lib/children.mjs'
import { figure } from '../lib/table.mjs'

const LABELS = {
  ours: 'as falloff records (script build, checked)',
  script: 'hdr-histogram-js, script build',
  wasm: 'hdr-histogram-js, WebAssembly build',
  bins: 'floor: one bin of an array, no histogram',
  column: 'what a worker does: keeps the value for the batch',
}

const NOTE = 'Three digits from 1 µs to an hour; gaps of about 20 ms.'

/** Cost of recording in histograms, of both builds. */
export async function histograms() {
  const figures = await runChild('histogram', {})
  const rows = Object.entries(figures).map(([name, { recordNs, queryNs }]) => [
    LABELS[name],
    figure(recordNs),
    queryNs === undefined ? '' : figure(queryNs / 1000),
  ])
  const header = ['', 'CPU per value, ns', 'per percentile asked for, µs']
  return [{ title: 'Histograms', note: NOTE, header, rows, figures, aims: [] }]
}
