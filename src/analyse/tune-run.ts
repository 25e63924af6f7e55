import type { PointFindings } from './findings.js'
import { goodRequest, objectivesOf } from './objectives.js'
import { gatherRun, readRun } from './read-run.js'
import { samplesOf } from './spread.js'
import { summarise } from './summarise.js'
import { throughputOf } from './throughput.js'
import { missCount } from './tune-counts.js'
import type { MissCount } from './tune-decision.js'
import { findWindow } from './window.js'

/** A run as a trial of a search. */
export interface TrialFindings {
  readonly point: PointFindings
  /** One per objective of the run's profile. */
  readonly counts: readonly MissCount[]
  readonly rising: boolean
}

export async function summariseTrial(folder: string): Promise<TrialFindings> {
  const run = await readRun(folder)
  const { gathered } = await gatherRun(folder)
  const { profile } = run.manifest
  const point = summarise(run, gathered)
  const judged = findWindow(gathered, profile)
  const objectives = objectivesOf(profile.objectives)
  const samples = samplesOf(gathered, judged.rows)
  const { outcome } = throughputOf(gathered, judged, goodRequest(gathered, objectives))
  const lost = outcome.asked - outcome.completed
  const counts = objectives.map((o, i) => {
    const sample = o.kind === 'metric' ? samples[o.metric] : null
    const measured = sample && { values: sample.values, lost, dependence: sample.dependence }
    return missCount(o, measured, outcome, point.objectives[i])
  })
  return { point, counts, rising: judged.rising }
}
