import { METRICS, readRecords } from '../analyse/index.js'
import { nsToS } from '../base/index.js'
import type { ImportedPoint, ImportedStats, OursName } from './import/imported.js'
import { single, statsOf } from './import/stats.js'
import type { Result } from './result.js'

/** A run's figures over all its measured requests, ramp and drain included: what other tools sum up. */
export interface WholeRun {
  readonly run: string
  readonly point: string
  readonly axes: Readonly<Record<string, number>>
  readonly completed: number
  readonly figures: Partial<Readonly<Record<OursName, ImportedStats>>>
}

/** Reads each run's records once more. */
export async function wholeRuns({ runs }: Result): Promise<readonly WholeRun[]> {
  const whole: WholeRun[] = []
  for (const { folder, manifest } of runs) {
    const { label, axes } = manifest.point
    const load = manifest.profile.load
    const own = load.kind === 'closed' ? { concurrency: load.concurrency } : {}
    whole.push({ run: manifest.id, point: label, axes: { ...own, ...axes }, ...(await figuresOf(folder)) })
  }
  return whole
}

async function figuresOf(folder: string): Promise<Pick<WholeRun, 'completed' | 'figures'>> {
  const values = new Map(METRICS.map((m) => [m.name, [] as number[]]))
  let [completed, outputTokens, busyNs] = [0, 0, 0]
  let [firstNs, lastNs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for await (const record of readRecords(folder)) {
    if (record.phase !== 'measured' || record.sentNs === undefined) continue
    firstNs = Math.min(firstNs, record.sentNs)
    lastNs = Math.max(lastNs, record.endNs)
    busyNs += record.endNs - record.sentNs
    if (record.state !== 'completed') continue
    completed++
    outputTokens += record.outputTokens ?? 0
    for (const metric of METRICS) values.get(metric.name)?.push(...metric.values(record))
  }
  const spanNs = lastNs - firstNs
  const perS = (amount: number): ImportedStats => single(spanNs > 0 ? amount / nsToS(spanNs) : null)
  const rates = { requestsPerS: perS(completed), outputTokensPerS: perS(outputTokens) }
  const metrics = Object.fromEntries([...values].map(([name, list]) => [name, statsOf(list)]))
  return {
    completed,
    figures: { ...metrics, ...rates, meanInFlight: single(spanNs > 0 ? busyNs / spanNs : null) },
  }
}

/** The run of the same load; of a single run, that one. */
export function matching(runs: readonly WholeRun[], point: ImportedPoint): WholeRun | undefined {
  if (runs.length === 1) return runs[0]
  const { concurrency, ratePerS } = point
  return runs.find(
    ({ axes }) =>
      (concurrency !== null && axes.concurrency === concurrency) ||
      (ratePerS !== null && (axes.ratePerS === ratePerS || axes.rate === ratePerS)),
  )
}
