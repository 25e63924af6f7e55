import { formatNumber } from '../base/index.js'
import type { Thresholds } from '../profile/index.js'
import type { RunManifest } from '../record/index.js'
import type { PointFindings, ValidityFinding } from './findings.js'

/** What the rules look at. Null: not observed. */
export interface Evidence {
  readonly point: Omit<PointFindings, 'validity'>
  readonly manifest: RunManifest
  readonly allow: Thresholds
  /** Records found, and records whose index occurred twice. */
  readonly records: number
  readonly duplicates: number
  /** Requests in flight at their sends trended upwards through the window (open loop). */
  readonly inFlightRising: boolean
  /** Mean life of the window's requests in ms, whatever their end. */
  readonly meanLifeMs: number | null
  /** Drift of latency through the window, as a share of its median. */
  readonly drift: number | null
  /** Rates of the window's requests (open loop): as the plan wanted them, and as they were sent. */
  readonly plannedPerS: number | null
  readonly sentPerS: number | null
  /** Output tokens missing of those asked for, as a share; below zero where there were more. */
  readonly outputShortfall: number | null
  /** Completed requests by the model that their answer named; '' for the one asked for. */
  readonly models: ReadonlyMap<string, number>
}

export interface Judgement {
  readonly severity: ValidityFinding['severity']
  readonly message: string
  /** Null where the evidence is no number. */
  readonly seen: number | null
  readonly allowed: number | null
  readonly unit: string
}

/** One way in which a run can mislead. */
export interface Rule {
  readonly code: string
  readonly advice: string
  /** Null when all is well, or when the needed figures were not observed. */
  readonly judge: (evidence: Evidence) => Judgement | null
}

export const percent = (share: number): string => `${formatNumber(share * 100)} %`
export const ms = (v: number): string => `${formatNumber(v)} ms`

/** From caveat to invalid. */
export const gradeOf = (seen: number, invalidFrom: number): 'caveat' | 'invalid' =>
  seen > invalidFrom ? 'invalid' : 'caveat'
