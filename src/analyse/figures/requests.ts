import type { Gathered } from '../gather.js'

/** One request of a run's window, as far as requests are compared one by one. */
export interface RequestFigures {
  /** Place in the plan: the same in every run of one workload. */
  readonly prompt: number
  /** Label of the point. */
  readonly at: string
  readonly ttftMs: number | null
  readonly e2eMs: number | null
  readonly completed: boolean
}

/** The first so many of a plan say as much of single prompts as anybody asks. */
const MOST = 20_000

/** Those that we stopped ourselves are left out. */
export function requestFigures(g: Gathered, rows: Int32Array, at: string): readonly RequestFigures[] {
  const { index, stopped } = g.columns
  const requests: RequestFigures[] = []
  for (const row of rows) {
    if (stopped.at(row) === 1 || index.at(row) >= MOST) continue
    const completed = g.state(row) === 'completed'
    const valueIn = (metric: 'ttft' | 'e2e'): number | null =>
      completed ? (g.values[metric].row(row)[0] ?? null) : null
    requests.push({
      prompt: index.at(row),
      at,
      ttftMs: valueIn('ttft'),
      e2eMs: valueIn('e2e'),
      completed,
    })
  }
  return requests
}
