import type { RunManifest } from '../record/index.js'
import type { PointFindings, Timeline } from './findings.js'
import { gatherRun, readRun } from './read-run.js'
import { summarise } from './summarise.js'
import { courseOf } from './timeline.js'

/** All that is said of a run, from one reading of its records. */
export interface RunAnalysis {
  readonly folder: string
  readonly manifest: RunManifest
  readonly point: PointFindings
  readonly timeline: Timeline
  /** SHA-256 of every record file, by its name. */
  readonly digests: Readonly<Record<string, string>>
}

export async function analyseRun(folder: string): Promise<RunAnalysis> {
  const run = await readRun(folder)
  const { gathered, digests } = await gatherRun(folder)
  const point = summarise(run, gathered)
  const timeline = courseOf(run, gathered, point.window)
  return { folder, manifest: run.manifest, point, timeline, digests }
}
