import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLatencyHistogram, IntervalLog } from '../../src/histogram/index.js'

/** Needs a Python that has the package `hdrhistogram`, another implementation of the same format. */
const python = process.env.FALLOFF_PYTHON

const READ = `
import json, sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
out = {}
reader = HistogramLogReader(sys.argv[1], HdrHistogram(1, 3600000000, 3))
while True:
    h = reader.get_next_interval_histogram()
    if h is None: break
    out[h.tag] = {"count": h.get_total_count(), "p50": h.get_value_at_percentile(50), "p99": h.get_value_at_percentile(99),
                  "max": h.get_max_value(), "startMs": h.get_start_time_stamp(), "endMs": h.get_end_time_stamp()}
print(json.dumps(out))
`

test('another HdrHistogram implementation reads our interval log and finds the same counts and quantiles', () => {
  if (python === undefined)
    throw new Error('set FALLOFF_PYTHON to a Python that has the package hdrhistogram')
  const startUtcMs = Date.UTC(2026, 0, 2, 3, 4, 5)
  const log = new IntervalLog(startUtcMs)
  const values = Array.from({ length: 5000 }, (_, i) => 100 + ((i * 7919) % 5000) * 37)
  const histograms = ['ttft', 'e2e'].map((tag, k) => {
    const histogram = createLatencyHistogram()
    for (const v of values) histogram.record(v * (k + 1))
    log.append(tag, k, k + 1, histogram)
    return [tag, k, histogram] as const
  })
  const folder = mkdtempSync(join(tmpdir(), 'falloff-hlog-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'histograms.hlog')
  writeFileSync(file, log.take())
  const read = JSON.parse(execFileSync(python, ['-c', READ, file], { encoding: 'utf8' }))
  for (const [tag, k, histogram] of histograms) {
    expect(read[tag]).toEqual({
      count: histogram.count,
      p50: histogram.quantileUs(0.5),
      p99: histogram.quantileUs(0.99),
      max: histogram.quantileUs(1),
      startMs: startUtcMs + k * 1000,
      endMs: startUtcMs + (k + 1) * 1000,
    })
  }
})
