import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  compareFindings,
  type Findings,
  findingsOf,
  readExperiment,
  readRun,
  timelineOf,
} from '../analyse/index.js'
import type { ReportInput, ReportResult } from './input.js'

/** Everything a report needs, read back from the result folders alone. */
export async function loadReportInput(folders: readonly string[]): Promise<ReportInput> {
  const results = await Promise.all(folders.map(loadResult))
  const [only] = results
  const title =
    results.length === 1 && only ? only.findings.name : results.map((r) => r.name).join(' against ')
  return results.length > 1 ? { title, results, comparison: compareFindings(results) } : { title, results }
}

async function loadResult(folder: string): Promise<ReportResult> {
  const findings = await findingsOf(folder)
  const runs = await runFoldersOf(folder, findings)
  const manifests = await Promise.all(runs.map(async (run) => (await readRun(run)).manifest))
  const timelines = await Promise.all(
    drawnOf(findings)
      .map((i) => runs[i])
      .flatMap((run) => (run === undefined ? [] : [timelineOf(run)])),
  )
  return { name: basename(folder), findings, manifests, timelines, digests: digestsOf(folder, runs) }
}

/** Run folders in the order of the findings' points. */
async function runFoldersOf(folder: string, findings: Findings): Promise<string[]> {
  if (findings.kind === 'run') return [folder]
  const experiment = await readExperiment(folder)
  const runs = experiment.runs.map((run) => join(folder, run))
  const labels = await Promise.all(runs.map(async (run) => (await readRun(run)).manifest.point.label))
  return findings.points.flatMap((p) => runs[labels.indexOf(p.setting.label)] ?? [])
}

/** Points whose course is drawn: the one at the knee, or the only one. */
function drawnOf({ kind, points, falloff }: Findings): number[] {
  if (kind === 'run') return [0]
  const at = points.findIndex((p) => p.setting.label === falloff?.kneePoint)
  return at === -1 ? [] : [at]
}

/** SHA-256 of every record file: what a colleague compares before comparing figures. */
function digestsOf(folder: string, runs: readonly string[]): Record<string, string> {
  const files = runs.flatMap((run) =>
    readdirSync(run)
      .filter((name) => name.startsWith('requests-'))
      .sort()
      .map((name) => join(run, name)),
  )
  return Object.fromEntries(
    files.map((path) => [
      path.slice(folder.length + 1),
      createHash('sha256').update(readFileSync(path)).digest('hex'),
    ]),
  )
}
