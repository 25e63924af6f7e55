import { readRecords } from '../../analyse/index.js'
import { formatNumber } from '../../base/index.js'
import type { Result } from '../result.js'
import { table, wrapped } from '../text.js'
import { AIPERF } from './aiperf.js'
import { collect, type Dialect, type DialectRow } from './dialect.js'
import { GUIDELLM } from './guidellm.js'
import { VLLM } from './vllm.js'

const DIALECTS = { guidellm: GUIDELLM, aiperf: AIPERF, vllm: VLLM } as const satisfies Record<string, Dialect>
export type DialectName = keyof typeof DIALECTS

/** A point's figures by another tool's definitions, from the same records. */
export interface DialectAnswer {
  readonly tool: string
  readonly about: string
  readonly run: string
  readonly point: string
  readonly completed: number
  readonly failed: number
  readonly rows: readonly DialectRow[]
}

/** Reads each run's records once more; keeps those of one run at a time. */
export async function inDialect({ runs }: Result, name: DialectName): Promise<readonly DialectAnswer[]> {
  const { tool, about, rows } = DIALECTS[name]
  const answers: DialectAnswer[] = []
  for (const { folder, manifest } of runs) {
    const requests = await collect(readRecords(folder))
    const { completed, failed } = requests
    const place = { run: manifest.id, point: manifest.point.label }
    answers.push({ tool, about, ...place, completed: completed.length, failed, rows: rows(requests) })
  }
  return answers
}

/** For a terminal. */
export function renderDialect(answer: DialectAnswer): string {
  const { tool, about, run, point, completed, failed, rows } = answer
  const shown = rows.map(({ name, unit, stats }) => [
    unit === '' ? name : `${name}, ${unit}`,
    ...[stats?.mean, stats?.p50, stats?.p90, stats?.p95, stats?.p99].map(figure),
  ])
  const widest = Math.max(...rows.map((r) => r.name.length))
  return [
    `${run} (${point}), as ${tool} defines it: ${completed} completed, ${failed} failed`,
    ...wrapped(`Over ${about}.`, '', 110),
    '',
    table(['', 'mean', 'p50', 'p90', 'p95', 'p99'], shown),
    '',
    ...rows.flatMap((r) => wrapped(r.definition, r.name.padEnd(widest + 2), 110)),
    '',
  ].join('\n')
}

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : formatNumber(value)
