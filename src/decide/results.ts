import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { figuresOf, findingsOf } from '../analyse/index.js'
import { type Problem, UsageError } from '../base/index.js'
import { parseObjective } from '../profile/index.js'
import { type Figure, RUN_FILES, type RunFigures, type RunManifest, readJsonFile } from '../record/index.js'
import type { LimitGate } from './gate.js'

/** Figures of results, and the objectives that their profiles hold: those of single runs alone. */
export interface Results {
  readonly runs: readonly RunFigures[]
  readonly objectives: readonly LimitGate[]
}

const HOLDS = [RUN_FILES.manifest, RUN_FILES.experiment, 'imported.json']

/** @throws UsageError that names every folder without a result */
export async function readResults(folders: readonly string[]): Promise<Results> {
  const problems: Problem[] = folders
    .filter((folder) => !HOLDS.some((file) => existsSync(join(folder, file))))
    .map((folder) => ({
      place: folder,
      message: `holds no ${HOLDS.join(' or ')}; give the folder of a run or of a sweep under results/`,
    }))
  if (problems.length > 0) throw new UsageError(problems)
  const runs: RunFigures[] = []
  const objectives = new Map<string, LimitGate>()
  for (const folder of folders) {
    const figures = await figuresOf(folder)
    const own = objectivesIn(folder)
    for (const gate of own) objectives.set(gate.text, gate)
    runs.push(await completed(figures, folder, own))
  }
  return { runs, objectives: [...objectives.values()] }
}

/** A sweep goes past its objectives on purpose, to see where they end: they are no gates there. */
function objectivesIn(folder: string): readonly LimitGate[] {
  const path = join(folder, RUN_FILES.manifest)
  if (existsSync(join(folder, RUN_FILES.experiment)) || !existsSync(path)) return []
  const { profile } = readJsonFile(path) as RunManifest
  return profile.objectives.flatMap((text) => gateOf(text) ?? [])
}

function gateOf(text: string): LimitGate | null {
  const objective = parseObjective(text)
  if (typeof objective === 'string') return null
  const { comparison, limit, unit, metric } = objective
  return {
    kind: 'limit',
    source: 'profile',
    text: objective.text,
    key: objective.kind === 'metric' ? `${metric}.${objective.statistic}` : metric,
    at: null,
    comparison,
    limit: unit === '%' ? limit / 100 : limit,
  }
}

/** Adds what no run's figures hold and an objective asks for, such as a p75: the run's own findings have it. */
async function completed(
  run: RunFigures,
  folder: string,
  objectives: readonly LimitGate[],
): Promise<RunFigures> {
  const [point] = run.points
  const lacking = objectives.filter(({ key }) => point !== undefined && !(key in point.figures))
  if (point === undefined || lacking.length === 0) return run
  const found = (await findingsOf(folder)).points[0]?.objectives ?? []
  const added: Record<string, Figure> = {}
  for (const { key, text } of lacking) {
    const finding = found.find((one) => one.text === text)
    if (finding === undefined || finding.verdict === 'not measured') continue
    // Without a value it was measured, and fell among requests that did not complete.
    added[key] = { value: finding.value ?? 'endless', low: finding.low, high: finding.high }
  }
  return { ...run, points: [{ ...point, figures: { ...added, ...point.figures } }, ...run.points.slice(1)] }
}
