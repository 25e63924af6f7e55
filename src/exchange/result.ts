import { basename } from 'node:path'
import {
  analyseRun,
  type Findings,
  findingsOf,
  type PointFindings,
  type RunAnalysis,
} from '../analyse/index.js'

/** A run or sweep folder, read for those who take its figures elsewhere. */
export interface Result {
  /** Name of the folder. */
  readonly name: string
  readonly findings: Findings
  /** One run per point, in the order of the points. */
  readonly runs: readonly RunAnalysis[]
}

/** Reads each record once, one run after the other. @throws FalloffError when the folder holds neither run nor sweep */
export async function readResult(folder: string): Promise<Result> {
  const byPoint = new Map<PointFindings, RunAnalysis>()
  const findings = await findingsOf(folder, async (run) => {
    const analysis = await analyseRun(run)
    byPoint.set(analysis.point, analysis)
    return analysis.point
  })
  return {
    name: basename(folder),
    findings,
    runs: findings.points.flatMap((point) => byPoint.get(point) ?? []),
  }
}

/** Moment of the run's zero, in ms since the epoch: the wall clock was read with the monotonic one. */
export const zeroUtcMs = ({ manifest }: RunAnalysis): number => Date.parse(manifest.startedAtUtc)
