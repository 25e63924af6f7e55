import type { Findings, PointFindings, Timeline } from '../analyse/findings.js'
import type { RunManifest } from '../record/index.js'

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
  /** One result makes a report on it, several are laid over each other. */
  readonly results: readonly ReportResult[]
  /** When the differences were worked out elsewhere (repeated runs); else they are taken from the results, "indicative". */
  readonly comparison?: Comparison
}

/** Every other result against the first. */
export interface Comparison {
  readonly label: string
  readonly differences: readonly ConfigurationDifference[]
  readonly changes: readonly Change[]
}

/** A setting that is not the same in all results; one value per result, in their order. */
export interface ConfigurationDifference {
  readonly key: string
  readonly values: readonly string[]
}

export interface Change {
  readonly result: string
  /** Setting at which both were measured. */
  readonly at: string
  readonly metric: string
  readonly unit: string
  readonly before: number
  readonly after: number
  /** (after − before) / before, with a 95 % interval where both sides have one. */
  readonly relative: number
  readonly low: number | null
  readonly high: number | null
  readonly better: 'lower' | 'higher'
}

/** One line of a chart over load: a result, or one batch size of a result. */
export interface Series {
  readonly label: string
  /** Position in the palette, from 0. */
  readonly slot: number
  readonly points: readonly LoadPoint[]
}

export interface LoadPoint {
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
    const key = others.map((d) => `${d.split('.').at(-1)}=${point.setting.axes[d]}`).join(', ')
    const group = groups.get(key) ?? []
    group.push({ x, point })
    groups.set(key, group)
  }
  return [...groups].map(([key, points]) => ({
    label: [named ? result.name : '', key].filter((s) => s !== '').join(' · '),
    points: points.toSorted((a, b) => a.x - b.x),
  }))
}
