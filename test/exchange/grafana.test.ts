import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { courseFamilies, summaryFamilies } from '../../src/exchange/export/series.js'
import { readResult } from '../../src/exchange/result.js'
import { closedLoop, writeRun } from '../analyse/run-folder.js'

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

it('every query of the Grafana dashboard names a series that an export writes', async () => {
  const file = new URL('../../docs/grafana.json', import.meta.url)
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as Dashboard
  const server = Array.from({ length: 40 }, (_, i) => ({
    ...{ atNs: i * 1e7, tookNs: 1e6 },
    gauges: { running: 2, waiting: 1, kvUsage: 0.5 },
    counters: { preemptions: i },
  }))
  const result = await readResult(writeRun({ records: closedLoop(4, 120), server }))
  const written = new Set([...summaryFamilies(result), ...courseFamilies(result)].map((f) => f.name))
  const asked = panels.flatMap((p) => p.targets.flatMap(({ expr }) => expr.match(/falloff_\w+/g) ?? []))
  expect(asked.length).toBeGreaterThan(15)
  expect(asked.filter((name) => !written.has(name))).toEqual([])
})
