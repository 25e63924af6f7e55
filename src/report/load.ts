import { existsSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import {
  analyseRun,
  comparisonOfResults,
  type Findings,
  findingsOf,
  type PointFindings,
  type RunAnalysis,
} from '../analyse/index.js'
import { RUN_FILES } from '../record/index.js'
import type { ReportInput, ReportResult } from './input.js'

/** What several results are held against each other by. */
const COMPARED = ['ttft.p50', 'ttft.p99', 'tpot.p50', 'outputTokensPerS', 'goodputPerS', 'errorRate']

/**
 * Everything a report needs, read back from the result folders alone. Several are compared, the first being what the others
 * are held against; results of other tools (`imported.json`) can be among them.
 *
 * @param allowed codes of checks: differences that are meant
 */
export async function loadReportInput(
  folders: readonly string[],
  allowed: readonly string[] = [],
): Promise<ReportInput> {
  const names = namesOf(folders)
  const results: ReportResult[] = []
  // One after the other: the columns of one run at a time are in memory.
  for (const [i, folder] of folders.entries())
    if (!existsSync(join(folder, RUN_FILES.imported)))
      results.push({ ...(await loadResult(folder)), name: names[i] ?? basename(folder) })
  const [only] = results
  if (folders.length === 1 && only) return { title: only.findings.name, results }
  const sides = folders.map((folder, i) => ({ name: names[i] ?? folder, folders: [folder] }))
  const comparison = await comparisonOfResults(sides, { gated: COMPARED, margins: {}, allowed })
  return { title: names.join(' against '), results, comparison }
}

/** By folder; the same name twice gets a number. */
function namesOf(folders: readonly string[]): readonly string[] {
  const names = folders.map((folder) => basename(resolve(folder)))
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length
    return before === 0 ? name : `${name} (${before + 1})`
  })
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
