import type { Baseline } from '../decide/index.js'
import { textTable } from './text-table.js'

export function baselineList(baselines: readonly Baseline[], folder: string): string {
  if (baselines.length === 0) return `no baselines in ${folder}\n`
  const rows = baselines.map(({ name, runs, savedAtUtc }) => [
    name,
    String(runs.length),
    [...new Set(runs.map((run) => run.name))].join(', '),
    [...new Set(runs.map((run) => run.target.model))].join(', '),
    savedAtUtc.slice(0, 10),
  ])
  return `${textTable(['baseline', 'results', 'profile', 'model', 'saved'], rows)}\n`
}
