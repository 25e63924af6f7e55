import { NS_PER_MS } from '../base/index.js'
import { DEFAULT_THRESHOLDS } from '../profile/index.js'
import { REQUEST_STATES, type RequestState } from '../record/index.js'
import { driftOf, outputShortfall, ratesOf } from './evidence.js'
import type { PointFindings, RunData } from './findings.js'
import type { Gathered } from './gather.js'
import { instrumentFindings } from './instrument.js'
import { METRICS } from './metrics.js'
import { goodRequest, judgeObjectives, objectivesOf } from './objectives.js'
import { gatherRun, readRun } from './read-run.js'
import { retryFindings } from './retries.js'
import { serverFindings } from './server.js'
import { quantileWithInterval, type Samples, samplesOf, summariseSample } from './spread.js'
import { type Outcome, throughputOf } from './throughput.js'
import { heldTokens, tokenTruth } from './tokens.js'
import { judgeValidity } from './validity.js'
import { findWindow } from './window.js'

/** Reads a run's folder and works out all that is said of it. Reads each record once; keeps numbers, not records. */
export async function summariseRun(folder: string): Promise<PointFindings> {
  return summarise(await readRun(folder), (await gatherRun(folder)).gathered)
}

/** The same of a run that has been read. */
export const summarise = (run: RunData, g: Gathered): PointFindings => workOut(run, g).point

/** The findings, with what they were worked out from. */
export interface WorkedOut {
  readonly point: PointFindings
  readonly rows: Int32Array
  readonly samples: Samples
  readonly outcome: Outcome
}

export function workOut(run: RunData, g: Gathered): WorkedOut {
  const { manifest } = run
  const { profile } = manifest
  const judged = findWindow(g, profile)
  const objectives = objectivesOf(profile.objectives)
  const samples = samplesOf(g, judged.rows)
  const { outcome, ...throughput } = throughputOf(g, judged, goodRequest(g, objectives))
  const metrics = Object.fromEntries(
    METRICS.map((m) => [m.name, summariseSample(samples[m.name], m.unit)]),
  ) as PointFindings['metrics']
  const latenessP99Ms = quantileWithInterval(samples.lateness, 0.99)?.value ?? null
  const point = {
    setting: manifest.point,
    startedAtUtc: manifest.startedAtUtc,
    window: judged.window,
    // A run killed before its end, and bounded by time alone: what it had drawn is what it planned.
    planned: manifest.plannedRequests ?? g.planned,
    states: statesOf(g),
    failures: failuresOf(g),
    metrics,
    throughput,
    objectives: judgeObjectives(objectives, { samples, throughput, outcome }),
    tokens: tokenTruth(g, judged.rows, run.serverSamples),
    heldTokens: heldTokens(g, judged.rows),
    retries: retryFindings(g, profile.retry),
    limits: g.limits,
    server: serverFindings(run.serverSamples, judged, g),
    instrument: instrumentFindings(g, run, judged, latenessP99Ms),
  }
  const validity = judgeValidity({
    point,
    manifest,
    // A run of an earlier version has no thresholds of its own.
    allow: { ...DEFAULT_THRESHOLDS, ...profile.validity },
    records: g.planned,
    duplicates: g.duplicates,
    inFlightRising: judged.rising,
    meanLifeMs: meanLifeMs(g, judged.rows),
    drift: judged.window.steady ? null : driftOf(g, judged.rows),
    ...ratesOf(g, judged),
    outputShortfall: outputShortfall(g, judged.rows),
    models: g.models,
  })
  return { point: { ...point, validity }, rows: judged.rows, samples, outcome }
}

function statesOf(g: Gathered): PointFindings['states'] {
  const states = Object.fromEntries(REQUEST_STATES.map((s) => [s, 0])) as Record<RequestState, number>
  for (let row = 0; row < g.rows; row++) if (g.columns.cooldown.at(row) === 0) states[g.state(row)]++
  return states
}

const failuresOf = (g: Gathered): PointFindings['failures'] =>
  [...g.failures]
    .map(([code, { count, example }]) => ({ code, count, example }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))

function meanLifeMs(g: Gathered, rows: Int32Array): number | null {
  const sent = rows.filter((row) => !Number.isNaN(g.columns.sentNs.at(row)))
  if (sent.length === 0) return null
  const sumNs = sent.reduce((sum, row) => sum + g.columns.endNs.at(row) - g.columns.sentNs.at(row), 0)
  return sumNs / sent.length / NS_PER_MS
}
