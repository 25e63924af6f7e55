import { basename, join, relative } from 'node:path'
import {
  analyseRun,
  compareFindings,
  type Findings,
  findingsOf,
  type PointFindings,
  type RunAnalysis,
} from '../analyse/index.js'
import type { ReportInput, ReportResult } from './input.js'

/** Everything a report needs, read back from the result folders alone; each record is read once. */
export async function loadReportInput(folders: readonly string[]): Promise<ReportInput> {
  const results: ReportResult[] = []
  // One after the other: the columns of one run at a time are in memory.
  for (const folder of folders) results.push(await loadResult(folder))
  const [only] = results
  const title =
    results.length === 1 && only ? only.findings.name : results.map((r) => r.name).join(' against ')
  return results.length > 1 ? { title, results, comparison: compareFindings(results) } : { title, results }
}

/** One folder's part of it. */
export async function loadResult(folder: string): Promise<ReportResult> {
  const byPoint = new Map<PointFindings, RunAnalysis>()
  const findings = await findingsOf(folder, async (run) => {
    const analysis = await analyseRun(run)
    byPoint.set(analysis.point, analysis)
    return analysis.point
  })
  const runs = findings.points.flatMap((point) => byPoint.get(point) ?? [])
  return {
    name: basename(folder),
    findings,
    manifests: runs.map((run) => run.manifest),
    timelines: drawnOf(findings).flatMap((place) => runs[place]?.timeline ?? []),
    digests: digestsOf(folder, runs),
  }
}

/** Points whose course is drawn: the one at the knee, or the only one. */
function drawnOf({ kind, points, falloff }: Findings): number[] {
  if (kind === 'run') return [0]
  const at = points.findIndex((p) => p.setting.label === falloff?.kneePoint)
  return at === -1 ? [] : [at]
}

/** SHA-256 of every record file: what a colleague compares before comparing figures. */
const digestsOf = (folder: string, runs: readonly RunAnalysis[]): Record<string, string> =>
  Object.fromEntries(
    runs.flatMap((run) =>
      Object.entries(run.digests)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, digest]) => [relative(folder, join(run.folder, name)), digest]),
    ),
  )
