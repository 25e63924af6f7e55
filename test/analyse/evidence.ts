import type { Evidence } from '../../src/analyse/validity-rule.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../src/profile/index.js'
import type { RunManifest } from '../../src/record/index.js'
import { type PointParts, pointOf } from './point.js'
import { manifestOf } from './run-folder.js'

export interface EvidenceParts {
  readonly point?: Partial<PointParts>
  readonly profile?: object
  readonly manifest?: Partial<RunManifest>
  readonly allow?: Partial<Thresholds>
  readonly evidence?: Partial<Omit<Evidence, 'point' | 'manifest' | 'allow'>>
}

/** Of a run in perfect order, but for the parts given. */
export function evidenceOf({ point, profile, manifest, allow, evidence }: EvidenceParts = {}): Evidence {
  const found = pointOf({ load: 10, tokensPerS: 1000, ...point })
  return {
    point: found,
    manifest: manifestOf(profile, manifest),
    allow: { ...DEFAULT_THRESHOLDS, ...allow },
    records: found.planned,
    duplicates: 0,
    inFlightRising: false,
    meanLifeMs: 300,
    drift: null,
    plannedPerS: 20,
    sentPerS: 20,
    outputShortfall: 0,
    models: new Map([['', 1000]]),
    ...evidence,
  }
}
