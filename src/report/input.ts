import type { ComparisonFindings, Findings, PointFindings, Timeline } from '../analyse/index.js'
import type { RunManifest } from '../record/index.js'
import { atDimension } from './format.js'

/** One run or sweep with everything a page says about it. */
export interface ReportResult {
  readonly name: string
  readonly findings: Findings
  /** By point label; the one of `falloff.kneePoint` is drawn, or the only one. */
  readonly timelines: readonly Timeline[]
  /** One per point, in the order of the findings' points. */
  readonly manifests: readonly RunManifest[]
  /** SHA-256 of the record files, by path. */
  readonly digests?: Readonly<Record<string, string>>
}

export interface ReportInput {
  readonly title: string
  readonly results: readonly ReportResult[]
  /** Of several results, what they came to against each other: the page is about that, and holds what each found beside it. */
  readonly comparison?: ComparisonFindings
}

/** One line of a chart over load: a result, or one batch size of a result. */
export interface Series {
  readonly label: string
  /** Position in the palette, from 0. */
  readonly slot: number
  readonly points: readonly LoadPoint[]
}

interface LoadPoint {
  readonly x: number
  readonly point: PointFindings
}

/** The dimension on the x axis: the first that is load, not a setting of the engine. */
export const loadDimension = (findings: Findings): string =>
  findings.dimensions.find((d) => !d.startsWith('engine.')) ?? findings.dimensions[0] ?? 'concurrency'

/** Splits results into the lines of a chart, each in order of load. */
export function seriesOf(results: readonly ReportResult[]): readonly Series[] {
  const lines = results.flatMap((result) => linesOf(result, results.length > 1))
  return lines.map((line, slot) => ({ ...line, slot }))
}

function linesOf(result: ReportResult, named: boolean): readonly Omit<Series, 'slot'>[] {
  const { findings } = result
  const dimension = loadDimension(findings)
  const others = findings.dimensions.filter((d) => d !== dimension)
  const groups = new Map<string, LoadPoint[]>()
  for (const point of findings.points) {
    const x = point.setting.axes[dimension]
    if (x === undefined) continue
    const key = others.map((d) => atDimension(d, point.setting.axes[d] ?? 0)).join(', ')
    const group = groups.get(key) ?? []
    group.push({ x, point })
    groups.set(key, group)
  }
  return [...groups].map(([key, points]) => ({
    label: [named ? result.name : '', key].filter((s) => s !== '').join(' · '),
    points: points.toSorted((a, b) => a.x - b.x),
  }))
}
