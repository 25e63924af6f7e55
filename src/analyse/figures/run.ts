import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { FalloffError } from '../../base/index.js'
import {
  type Figure,
  type FigureTable,
  type PointFigures,
  RUN_FILES,
  type RunFigures,
  type RunManifest,
  readJsonFile,
  type TargetIdentity,
} from '../../record/index.js'
import type { FalloffFindings, Findings, PointFindings, Validity } from '../findings.js'
import { findingsOf } from '../findings-of.js'
import { gatherRun, readRun } from '../read-run.js'
import { importedFigures } from './imported.js'
import { clientPlace } from './place.js'
import { pointFigures } from './point.js'
import { type RequestFigures, requestFigures } from './requests.js'
import { loadHash } from './workload.js'

/** One run of the folder, read. */
interface Read {
  readonly manifest: RunManifest
  readonly figures: PointFigures
  readonly sources: ReadonlyMap<string, number>
  readonly limits: PointFindings['limits']
  readonly requests: readonly RequestFigures[]
}

/** A folder's figures, with what else a comparison reads of it. */
export interface FolderFigures {
  readonly figures: RunFigures
  /** Of its first run; null of an imported result. */
  readonly manifest: RunManifest | null
  /** By point; null where none was told and none met. */
  readonly limits: readonly PointFindings['limits'][]
  /** Of all points. */
  readonly requests: readonly RequestFigures[]
}

/**
 * What a run, a sweep or an imported result came to. Reads every record once.
 *
 * @throws FalloffError when the folder holds none of these
 */
export const figuresOf = async (folder: string): Promise<RunFigures> => (await readFigures(folder)).figures

/** @throws FalloffError when the folder holds neither run nor sweep nor imported result */
export async function readFigures(folder: string): Promise<FolderFigures> {
  const imported = join(folder, RUN_FILES.imported)
  if (existsSync(imported)) {
    const figures = importedFigures(basename(folder), readJsonFile(imported))
    return { figures, manifest: null, limits: [], requests: [] }
  }
  const byPoint = new Map<PointFindings, Read>()
  const findings = await findingsOf(folder, async (path) => {
    const run = await readRun(path)
    const { gathered } = await gatherRun(path)
    const { point, figures, rows } = pointFigures(run, gathered)
    const requests = requestFigures(gathered, rows, figures.label)
    const { sources, limits } = gathered
    byPoint.set(point, { manifest: run.manifest, figures, sources, limits, requests })
    return point
  })
  // The runs of a confirmation were read as well, and are no points of the sweep.
  const read = findings.points.flatMap((point) => byPoint.get(point) ?? [])
  const [first] = read
  if (first === undefined) throw noRun(folder)
  return {
    figures: assemble(basename(folder), findings, read, first.manifest),
    manifest: first.manifest,
    limits: read.map((r) => r.limits),
    requests: read.flatMap((r) => r.requests),
  }
}

const noRun = (folder: string): FalloffError =>
  new FalloffError('NO_RUN', `${folder} is a sweep without a run that can be read`, {
    hint: 'Measure it again with falloff sweep.',
  })

function assemble(run: string, findings: Findings, read: readonly Read[], manifest: RunManifest): RunFigures {
  return {
    format: 1,
    kind: 'figures',
    tool: manifest.tool,
    run,
    name: findings.name,
    unit: findings.kind,
    startedAtUtc: manifest.startedAtUtc,
    workloadHash: loadHash(read.map((r) => r.manifest)),
    place: clientPlace(manifest.machine),
    target: targetOf(manifest, read),
    validity: { verdict: findings.validity.verdict, codes: codesOf(findings.validity) },
    points: read.map((r) => r.figures),
    overall:
      findings.falloff === null
        ? {}
        : overallOf(findings.falloff, read, manifest.profile.objectives.length > 0),
  }
}

/** Of the findings that the verdict rests on: what makes a run invalid, and where nothing does, what makes it doubtful. */
function codesOf({ verdict, findings }: Validity): readonly string[] {
  const severity = verdict === 'INVALID' ? 'invalid' : 'caveat'
  return findings.filter((f) => f.severity === severity).map((f) => f.code)
}

function targetOf({ target, transport }: RunManifest, read: readonly Read[]): TargetIdentity {
  return {
    url: target.url,
    api: target.api,
    model: target.model,
    engine: target.engine ?? null,
    version: target.version ?? null,
    transport: transport?.name ?? null,
    tokenSource: mostFrequent(read.map((r) => r.sources)),
  }
}

function mostFrequent(tallies: readonly ReadonlyMap<string, number>[]): string | null {
  const total = new Map<string, number>()
  for (const tally of tallies) for (const [key, count] of tally) total.set(key, (total.get(key) ?? 0) + count)
  const [best] = [...total].sort(([, a], [, b]) => b - a)
  return best?.[0] ?? null
}

const alone = (value: number): Figure => ({ value, low: null, high: null })

/** Where objectives are met at no load the largest that meets them is 0; where there are none there is no such load. */
function overallOf(
  { knee, peak, lastGood }: FalloffFindings,
  read: readonly Read[],
  hasObjectives: boolean,
): FigureTable {
  const throughputs = read.flatMap(({ figures: { figures } }) => figures.outputTokensPerS ?? [])
  const atPeak = throughputs.find((f) => f.value === peak?.outputTokensPerS)
  return {
    ...(knee !== null && { kneeAt: { value: knee.at, low: knee.low, high: knee.high } }),
    ...(peak !== null && { peakOutputTokensPerS: atPeak ?? alone(peak.outputTokensPerS) }),
    ...(hasObjectives && { lastGood: alone(lastGood ?? 0) }),
  }
}
