import { formatNumber } from '../base/index.js'
import type { RunManifest } from '../record/index.js'
import type { PointFindings, ValidityFinding } from './findings.js'

/** What a rule looks at. */
export interface Evidence {
  readonly point: Omit<PointFindings, 'validity'>
  readonly manifest: RunManifest
  /** Records found, and records whose index occurred twice. */
  readonly records: number
  readonly duplicates: number
  /** Requests in flight at their sends trended upwards through the window (open loop). */
  readonly inFlightRising: boolean
  /** Mean life of the window's requests in ms, whatever their end. */
  readonly meanLifeMs: number | null
}

/** A rule gives what it found, or null when all is well or the needed figures were not observed. */
export type Rule = (evidence: Evidence) => ValidityFinding | null

export const percent = (share: number): string => `${formatNumber(share * 100)} %`
