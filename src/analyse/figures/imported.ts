import type { Figure, FigureTable, PointFigures, RunFigures } from '../../record/index.js'
import { figureOf, STATISTICS } from './declarations.js'

/** What is read of `imported.json`: the room that writes it lies above this one. */
interface ImportedResult {
  readonly tool: { readonly name: string; readonly version: string | null }
  readonly source: string
  readonly model: string | null
  readonly points: readonly ImportedPoint[]
}

interface ImportedPoint {
  readonly label: string
  readonly concurrency: number | null
  readonly ratePerS: number | null
  readonly completed: number
  readonly failed: number
  readonly metrics: readonly ImportedMetric[]
}

type ImportedMetric = {
  readonly ours: string | null
  readonly match: 'equal' | 'differs' | 'not-comparable'
} & Readonly<Record<(typeof STATISTICS)[number]['name'], number | null>>

/** Another tool's result as figures of ours: only what it measures as we do, or nearly so. Without intervals. */
export function importedFigures(run: string, value: unknown): RunFigures {
  const result = value as ImportedResult
  return {
    format: 1,
    kind: 'figures',
    tool: result.tool,
    run,
    name: result.source,
    unit: result.points.length > 1 ? 'sweep' : 'run',
    startedAtUtc: '',
    workloadHash: null,
    place: null,
    target: {
      url: '',
      api: '',
      model: result.model ?? '',
      engine: null,
      version: null,
      transport: null,
      tokenSource: null,
    },
    validity: { verdict: 'VALID WITH CAVEATS', codes: ['imported'] },
    points: result.points.map((point) => pointOf(point, result.points.length > 1)),
    overall: {},
  }
}

/** Labelled as our sweeps label their points, so that points at the same load are set side by side. */
function pointOf(point: ImportedPoint, several: boolean): PointFigures {
  const { concurrency, ratePerS, completed, failed } = point
  const axes = {
    ...(concurrency !== null && { concurrency }),
    ...(concurrency === null && ratePerS !== null && { ratePerS }),
  }
  const [axis] = Object.entries(axes)
  return {
    label: several ? (axis === undefined ? point.label : `${axis[0]}=${axis[1]}`) : 'run',
    axes: several ? axes : {},
    states: { completed, failed },
    judged: completed + failed,
    failed,
    failures: failed > 0 ? [{ code: 'failed', count: failed }] : [],
    figures: tableOf(point),
    curves: {},
  }
}

function tableOf({ metrics, completed, failed }: ImportedPoint): FigureTable {
  const table: Record<string, Figure> = {}
  const add = (key: string, value: number | null): void => {
    if (value !== null && figureOf(key) !== undefined) table[key] ??= { value, low: null, high: null }
  }
  const usable = metrics.filter((m) => m.match !== 'not-comparable')
  // Where they have one figure by our definition and one near it, ours comes first.
  for (const match of ['equal', 'differs'] as const) {
    for (const metric of usable.filter((m) => m.match === match)) {
      if (metric.ours === null) continue
      add(metric.ours, metric.mean)
      for (const { name } of STATISTICS) add(`${metric.ours}.${name}`, metric[name])
    }
  }
  if (completed + failed > 0) add('errorRate', failed / (completed + failed))
  return table
}
