import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatNumber } from '../base/index.js'
import type { ExperimentManifest, RunManifest, TargetFacts } from '../record/index.js'
import { findFalloff } from './falloff.js'
import type { ConfirmationFindings, FalloffFindings, Findings, PointFindings, Validity } from './findings.js'
import { isExperiment, readExperiment, readRun } from './read-run.js'
import { summariseRun } from './summarise.js'
import { validityOf } from './validity.js'

/** Gives the findings of one run folder; one that keeps more of each reading saves its caller another. */
type Summarise = (folder: string) => Promise<PointFindings>

/** Findings of a folder of either kind. */
export const findingsOf = (folder: string, summarise: Summarise = summariseRun): Promise<Findings> =>
  isExperiment(folder) ? findingsOfSweep(folder, summarise) : findingsOfRun(folder, summarise)

export async function findingsOfRun(folder: string, summarise: Summarise = summariseRun): Promise<Findings> {
  const [{ manifest }, point] = [await readRun(folder), await summarise(folder)]
  return {
    format: 1,
    kind: 'run',
    name: manifest.name,
    tool: toolOf(manifest),
    points: [point],
    dimensions: [],
    falloff: null,
    validity: point.validity,
    confirmation: null,
  }
}

/** Findings of a sweep, with those of its confirmation when there is one. Runs that never got a manifest are passed over. */
export async function findingsOfSweep(
  folder: string,
  summarise: Summarise = summariseRun,
): Promise<Findings> {
  const experiment = readExperiment(folder)
  const { points, manifests } = await pointsOf(folder, experiment, summarise)
  const [manifest] = manifests
  const dimension = loadDimension(experiment.dimensions)
  const falloff = manifest === undefined ? null : findFalloff(points, dimension, factsOf(manifests))
  const confirmation =
    experiment.confirmation === undefined || falloff === null
      ? null
      : await confirmationOf(join(folder, experiment.confirmation), falloff, dimension, summarise)
  return {
    format: 1,
    kind: 'sweep',
    name: experiment.name,
    tool: manifest === undefined ? '' : toolOf(manifest),
    points,
    dimensions: experiment.dimensions,
    falloff,
    validity: sweepValidity(points),
    confirmation,
  }
}

const toolOf = ({ tool }: RunManifest): string => `${tool.name} ${tool.version}`

/** The x axis is load; engine settings are lines on it. */
const loadDimension = (dimensions: readonly string[]): string =>
  dimensions.find((d) => !d.startsWith('engine.')) ?? dimensions[0] ?? ''

/** Facts of the last point's engine. A batch limit that the sweep itself varied is no fact of the target. */
function factsOf(manifests: readonly RunManifest[]): TargetFacts {
  const last = manifests.at(-1)
  if (last === undefined) throw new RangeError('a sweep without runs has no target')
  const limits = new Set(manifests.map((m) => m.target.maxNumSeqs))
  if (limits.size <= 1) return last.target
  const { maxNumSeqs: _varied, ...others } = last.target
  return others
}

async function pointsOf(folder: string, { runs, dimensions }: ExperimentManifest, summarise: Summarise) {
  const read: { point: PointFindings; manifest: RunManifest }[] = []
  for (const run of runs
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'run.json')))) {
    read.push({ point: await summarise(run), manifest: (await readRun(run)).manifest })
  }
  read.sort((a, b) => byAxes(a.point, b.point, dimensions))
  return { points: read.map((r) => r.point), manifests: read.map((r) => r.manifest) }
}

function byAxes(a: PointFindings, b: PointFindings, dimensions: readonly string[]): number {
  for (const dimension of dimensions) {
    const difference = (a.setting.axes[dimension] ?? 0) - (b.setting.axes[dimension] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The points' findings by code, each with the points that it was found at; as bad as the worst. */
function sweepValidity(points: readonly PointFindings[]): Validity {
  const codes = [...new Set(points.flatMap((p) => p.validity.findings.map((f) => f.code)))]
  const findings = codes.flatMap((code) => {
    const found = points.flatMap((p) =>
      p.validity.findings.filter((f) => f.code === code).map((f) => ({ ...f, at: p.setting.label })),
    )
    const worst =
      found.find((f) => f.severity === 'invalid') ?? found.find((f) => f.severity === 'caveat') ?? found[0]
    if (worst === undefined) return []
    const { at, ...rest } = worst
    const others =
      found.length > 1
        ? ` (and at ${found.length - 1} other points)`.replace('1 other points', '1 other point')
        : ''
    return [{ ...rest, message: `${at}: ${rest.message}${others}` }]
  })
  return validityOf(findings)
}

async function confirmationOf(
  folder: string,
  falloff: FalloffFindings,
  dimension: string,
  summarise: Summarise,
): Promise<ConfirmationFindings | null> {
  if (!isExperiment(folder)) return null
  const experiment = readExperiment(folder)
  const { points, manifests } = await pointsOf(folder, experiment, summarise)
  const value = manifests[0]?.target.maxNumSeqs ?? falloff.recommendation?.value
  if (points.length === 0 || value === undefined) return null
  const retained = retainedAtTwiceKnee(points, falloff, dimension)
  const sentence =
    retained === null
      ? `Measured again with max_num_seqs ${value}.`
      : `With max_num_seqs ${value}, ${dimension} ${formatNumber(retained.at)} keeps ${formatNumber(retained.share * 100)} % of the peak throughput.`
  return { setting: 'max_num_seqs', value, points, retainedAtTwiceKnee: retained, sentence }
}

/** The point nearest to twice the knee, as a ratio; none further than a factor of 1.5 away. */
function retainedAtTwiceKnee(
  points: readonly PointFindings[],
  { knee, peak }: FalloffFindings,
  dimension: string,
) {
  if (knee === null || peak === null) return null
  const distance = (p: PointFindings): number =>
    Math.abs(Math.log((p.setting.axes[dimension] ?? 0) / (2 * knee.at)))
  const nearest = points.reduce((best, p) => (distance(p) < distance(best) ? p : best))
  if (!(distance(nearest) <= Math.log(1.5))) return null
  return {
    at: nearest.setting.axes[dimension] ?? 0,
    share: nearest.throughput.outputTokensPerS / peak.outputTokensPerS,
  }
}
