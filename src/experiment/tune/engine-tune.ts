import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, UsageError, usageError } from '../../base/index.js'
import { checkSettings, compilesAnew, NO_BYTECODE } from '../../launch/index.js'
import { type MetricName, type Profile, parseObjective } from '../../profile/index.js'
import {
  RUN_FILES,
  readJsonFile,
  type TuneGoal,
  type TuneManifest,
  writeJsonFile,
} from '../../record/index.js'
import { engineChoiceOf } from '../engine.js'
import type { RunListener } from '../listener.js'
import { TOOL_VERSION, workloadHash } from '../machine.js'
import type { Interruption } from '../run.js'
import type { Consent } from '../spending.js'
import type { TuneHead } from './journal.js'
import { parseVariations, type Variation } from './knobs.js'
import { realBench } from './real-bench.js'
import { tune } from './tune.js'

export interface EngineTuneOptions {
  readonly profile: Profile
  /** As the user wrote them: `max-num-seqs=16..256`. */
  readonly vary: readonly string[]
  readonly goal: TuneGoal['kind']
  readonly ratePerS: number | undefined
  readonly usdPerEngineHour: number | undefined
  readonly budgetS: number | null
  readonly plan: 'adaptive' | 'grid'
  /** Where results go, and the folder of a new search under it. */
  readonly results: string
  readonly fresh: string
  /** Folder of an earlier search to go on with; an unfinished one of the same search is found by itself. */
  readonly resume: string | undefined
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  readonly consent: Consent
}

/** Chance that one decision of pass or fail is wrong, at most. */
const LEVEL = 0.05

/** Searches the settings of an engine that falloff starts. @throws UsageError with every problem of what was asked */
export async function tuneEngine(
  options: EngineTuneOptions,
): Promise<{ readonly folder: string; readonly manifest: TuneManifest }> {
  const { profile, listener } = options
  const variations = checked(options)
  const load = loadOf(profile)
  const head = headOf(options)
  const { folder, before } = folderOf(options, head)
  mkdirSync(folder, { recursive: true })
  if (before) listener.onNote(`going on with ${folder}: ${before.trials.length} trials are there already`)
  if (profile.engine && compilesAnew(engineChoiceOf(profile.engine)))
    listener.onNote(
      `${NO_BYTECODE} is set: Python compiles every module anew at each start; unset it, and more trials fit into the same time`,
    )
  const bench = realBench({ ...options, folder, metric: head.goal.metric as MetricName | undefined })
  const manifest = await tune({
    ...{ head, variations, bench, before, ...load },
    signal: options.interruption.soon,
    write: (value) => writeJsonFile(join(folder, RUN_FILES.tune), value),
    onPhase: (text) => listener.onPhase(text),
    onNote: (text) => listener.onNote(text),
  })
  return { folder, manifest }
}

function checked({
  profile,
  vary,
  goal,
  ratePerS,
  usdPerEngineHour,
}: EngineTuneOptions): readonly Variation[] {
  const problems: Problem[] = []
  const { engine, objectives, load } = profile
  let variations: readonly Variation[] = []
  try {
    variations = parseVariations(vary)
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    problems.push(...thrown.problems)
  }
  const add = (place: string, message: string): void => void problems.push({ place, message })
  if (engine === undefined)
    add('--engine', 'only an engine that falloff starts can be tuned: give --engine NAME')
  else
    for (const { name, values } of variations)
      for (const value of values)
        for (const { message } of checkSettings(engine.kind, { [name]: value }))
          add(`--vary ${name}=${value}`, message)
  if (objectives.length === 0 && goal !== 'p99')
    add(
      '--objective',
      `the goal ${goal} is sought within objectives: give at least one, such as "ttft p95 <= 500 ms"`,
    )
  if (goal === 'p99' && ratePerS === undefined && !('ratePerS' in load))
    add('--rate', 'the goal p99 is measured at a rate: give one, in requests per second')
  if (goal === 'cost' && usdPerEngineHour === undefined)
    add('--usd-per-hour', 'the goal cost needs the price of an hour of the engine, in US dollars')
  if (load.kind === 'stages' || load.kind === 'trace')
    add(
      'load.kind',
      `expected closed, constant, poisson or gamma, whose level can be varied; got ${load.kind}`,
    )
  if (problems.length > 0) throw new UsageError(problems)
  return variations
}

function loadOf({ load }: Profile): { readonly kind: 'open' | 'closed'; readonly start: number } {
  if (load.kind === 'closed') return { kind: 'closed', start: load.concurrency }
  if ('ratePerS' in load) return { kind: 'open', start: load.ratePerS }
  throw usageError('load.kind', `a load of kind ${load.kind} has no level to vary`)
}

function headOf(options: EngineTuneOptions): TuneHead {
  const { profile, command, plan, budgetS } = options
  const { engine } = profile
  return {
    tool: { name: 'falloff', version: TOOL_VERSION },
    name: profile.name,
    ...{ command, plan, budgetS, level: LEVEL },
    workloadHash: workloadHash(profile),
    engine: {
      kind: engine?.kind ?? '',
      model: engine?.model ?? engine?.description ?? '',
      settings: engine?.settings ?? {},
    },
    goal: goalOf(options),
    objectives: profile.objectives,
  }
}

function goalOf({ goal: kind, profile, ratePerS, usdPerEngineHour }: EngineTuneOptions): TuneGoal {
  switch (kind) {
    case 'goodput':
      return { kind, unit: 'requests/s', more: true }
    case 'throughput':
      return { kind, unit: 'tokens/s', more: true }
    case 'cost':
      return {
        kind,
        unit: 'USD per million output tokens',
        more: false,
        usdPerEngineHour: usdPerEngineHour ?? 0,
      }
    case 'p99': {
      const own = 'ratePerS' in profile.load ? profile.load.ratePerS : 1
      return { kind, unit: 'ms', more: false, ratePerS: ratePerS ?? own, metric: metricOf(profile) }
    }
  }
}

/** The metric of the first objective on one; else the time to the first token. */
function metricOf({ objectives }: Profile): MetricName {
  for (const objective of objectives.map(parseObjective))
    if (typeof objective !== 'string' && objective.kind === 'metric') return objective.metric
  return 'ttft'
}

function folderOf(
  { resume, results, fresh }: EngineTuneOptions,
  head: TuneHead,
): { readonly folder: string; readonly before: TuneManifest | undefined } {
  if (resume !== undefined) {
    const before = readTune(resume)
    if (before === undefined) throw usageError('--resume', `${join(resume, RUN_FILES.tune)} cannot be read`)
    if (isSame(before, head)) return { folder: resume, before }
    throw usageError(
      '--resume',
      `${resume} holds a search with another load, engine, goal or objectives; give the same, or leave --resume out`,
    )
  }
  const folders = existsSync(results) ? readdirSync(results).sort().reverse() : []
  for (const name of folders) {
    const folder = join(results, name)
    const before = readTune(folder)
    if (before && isUnfinished(before) && isSame(before, head)) return { folder, before }
  }
  return { folder: fresh, before: undefined }
}

const isUnfinished = ({ stopReason }: TuneManifest): boolean =>
  stopReason === undefined || stopReason === 'interrupted' || stopReason === 'budget'

/** What was measured means the same: load, engine, objectives, goal and plan. */
const isSame = (a: TuneHead, b: TuneHead): boolean => identity(a) === identity(b)

const identity = ({ workloadHash, engine, goal, objectives, plan, level }: TuneHead): string =>
  JSON.stringify({ workloadHash, engine, goal, objectives, plan, level })

function readTune(folder: string): TuneManifest | undefined {
  const file = join(folder, RUN_FILES.tune)
  if (!existsSync(file)) return undefined
  const found = readJsonFile(file) as TuneManifest
  return found.format === 1 ? found : undefined
}
