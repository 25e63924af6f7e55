import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { summariseRun } from '../analyse/index.js'
import { FalloffError, monotonicNs, runClock, sToNs, usageError } from '../base/index.js'
import type { Budget } from '../drive/index.js'
import { tryJson } from '../observe/index.js'
import { type Profile, parseObjective } from '../profile/index.js'
import {
  type ExperimentManifest,
  type PointSetting,
  RUN_FILES,
  type StopReason,
  writeJsonFile,
} from '../record/index.js'
import type { Lexicon } from '../workload/index.js'
import {
  type Axis,
  combinations,
  engineSettingsOf,
  isEngineAxis,
  loadAxis,
  profileAt,
  settingOf,
} from './axes.js'
import { type Disturbable, disturbancesOf, remaking } from './disturbance.js'
import { preparing } from './engine.js'
import { prepareLexicon } from './lexicon.js'
import type { RunListener } from './listener.js'
import { isPrivate } from './private-address.js'
import { type Interruption, measureRun } from './run.js'
import { type Measured, nextLoad } from './search.js'
import { setAside } from './set-aside.js'
import { type Consent, prepareBudget } from './spending.js'
import { type PreparedTarget, prepareTarget } from './target.js'

export interface SweepOptions {
  readonly profile: Profile
  readonly axes: readonly Axis[]
  readonly folder: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  /** Laid over the engine's settings at every point. */
  readonly engineSettings?: Readonly<Record<string, number>>
  readonly consent: Consent
  /** What is up and agreed on already: no engine is started, and nobody is asked. */
  readonly ready?: ReadyTarget
  /** Takes the place of salts of the runs' own: points of two sweeps with the same one send the same prompts. */
  readonly salt?: string | undefined
}

/** A target that answers, with what was learnt of it and what may be spent on it. */
export interface ReadyTarget {
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly budget: Budget | undefined
}

/**
 * Measures every point and writes `experiment.json` after each, so that what there is can be read at any moment.
 * Ends early, with what there is, when the user asks or the target is lost.
 */
export async function measureSweep(options: SweepOptions): Promise<ExperimentManifest> {
  const { axes, profile, folder } = options
  const load = loadAxis(axes)
  const engineAxes = axes.filter(isEngineAxis)
  if (engineAxes.length > 0 && !profile.engine) {
    throw usageError(
      '--over engine.*',
      'only an engine that falloff starts can be varied: give --engine NAME',
    )
  }
  mkdirSync(folder, { recursive: true })
  const book = openBook(
    options,
    [load, ...axes.filter((a) => a !== load)].map((a) => a.name),
  )
  const others = combinations(axes.filter((a) => !isEngineAxis(a) && a !== load))
  const remake = remaking()
  let budget = options.ready?.budget
  let agreed = options.ready !== undefined
  const agree = async (target: PreparedTarget): Promise<Budget | undefined> => {
    if (agreed) return budget
    const runs = load.values === 'auto' ? undefined : load.values.length * others.length
    budget = await prepareBudget(profile, target, runs, options.consent)
    agreed = true
    return budget
  }
  for (const engineSetting of combinations(engineAxes)) {
    if (book.stopped()) break
    await withTarget(options, engineSetting, agree, async (target, lexicon) => {
      // Consent and caps are for the points that were planned.
      const repeats = budget === undefined && (await isPrivate(target.baseUrl))
      for (const other of others) {
        const fixed = { ...engineSetting, ...other }
        await sweepLoad({ ...options, target, lexicon, book, load, fixed, budget, repeats, remake })
      }
    }).catch((thrown: unknown) => {
      // Ctrl-C while an engine starts: what was measured with those before it is worth a report.
      if (!givenUp(thrown) || !book.measured()) throw thrown
    })
  }
  return book.close()
}

const givenUp = (thrown: unknown): boolean => thrown instanceof FalloffError && thrown.code === 'INTERRUPTED'

async function withTarget(
  { profile, folder, listener, interruption, engineSettings = {}, ready }: SweepOptions,
  engineSetting: Readonly<Record<string, number>>,
  agree: (target: PreparedTarget) => Promise<Budget | undefined>,
  use: (target: PreparedTarget, lexicon: Lexicon) => Promise<void>,
): Promise<void> {
  if (ready) return use(ready.target, ready.lexicon)
  const settings = { ...engineSettings, ...engineSettingsOf(engineSetting) }
  listener.onPhase(preparing(profile))
  const { onPhase } = listener
  const target = await prepareTarget(profile, settings, { folder, onPhase, signal: interruption.soon })
  try {
    const budget = await agree(target)
    listener.onPhase('learning how the target counts tokens')
    await use(target, await prepareLexicon(profile, target, budget))
  } finally {
    await target.engine?.stop()
  }
}

interface LoadSweep extends SweepOptions {
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly book: Book
  readonly load: Axis
  readonly fixed: Readonly<Record<string, number>>
  readonly budget: Budget | undefined
  /** Whether a point that our own machine spoilt is measured once more. */
  readonly repeats: boolean
  readonly remake: ReturnType<typeof remaking>
}

async function sweepLoad(sweep: LoadSweep): Promise<void> {
  const tried: Measured[] = []
  const { load, book, fixed } = sweep
  const next = (): number | undefined =>
    load.values === 'auto' ? nextLoad(tried, load.name === 'concurrency') : load.values[tried.length]
  for (let value = next(); value !== undefined && !book.stopped(); value = next()) {
    const setting = settingOf({ ...fixed, [load.name]: value })
    const name = setting.label.replaceAll(' ', ',')
    const { measured } = await sweep.remake((spoiltBy) => measurePoint(sweep, setting, name, spoiltBy))
    book.note(name, measured.reason)
    tried.push({ load: value, outputTokensPerS: measured.outputTokensPerS })
  }
}

interface MeasuredPoint extends Disturbable {
  readonly reason: StopReason
  readonly outputTokensPerS: number
}

async function measurePoint(
  sweep: LoadSweep,
  setting: PointSetting,
  name: string,
  spoiltBy?: readonly string[],
): Promise<MeasuredPoint> {
  const { listener, target } = sweep
  const folder = join(sweep.folder, name)
  if (spoiltBy)
    listener.onNote(`${setting.label} was disturbed (${spoiltBy.join(', ')}): it is measured once more`)
  const madeAgain = spoiltBy && setAside(folder, 'disturbed', spoiltBy)
  await untilIdle(target)
  listener.onPhase(setting.label)
  const reason = await measureRun({
    ...sweep,
    ...{
      profile: profileOf(sweep, setting),
      folder,
      setting,
      salt: saltOf(sweep, setting, spoiltBy),
      madeAgain,
    },
  })
  if (endsSweep(reason)) return { reason, outputTokensPerS: 0 }
  const { throughput, validity } = await summariseRun(folder)
  const disturbed = sweep.repeats ? disturbancesOf(validity) : []
  return {
    reason,
    outputTokensPerS: throughput.outputTokensPerS,
    ...(disturbed.length > 0 && { disturbed }),
  }
}

/** A point that is measured again must not find its own prompts in the engine's cache. */
const saltOf = ({ salt }: LoadSweep, { label }: PointSetting, again: unknown): string | undefined =>
  salt === undefined ? undefined : `${salt}:${label}${again === undefined ? '' : ':again'}`

function profileOf({ profile }: LoadSweep, { axes }: PointSetting): Profile {
  const quantiles = profile.objectives.flatMap((text) => {
    const objective = parseObjective(text)
    return typeof objective !== 'string' && objective.kind === 'metric' && objective.quantile !== null
      ? [objective.quantile]
      : []
  })
  return profileAt(profile, axes, quantiles)
}

const IDLE_TIMEOUT_S = 10

/** Lets the engine finish what a point before left behind, where it tells; points must not inherit each other's load. */
export async function untilIdle({ baseUrl, headers, facts }: PreparedTarget): Promise<void> {
  if (facts.engine !== 'vllm' && facts.engine !== 'falloff-simulator') return
  const clock = runClock(monotonicNs())
  while (clock.nowNs() < sToNs(IDLE_TIMEOUT_S)) {
    const load = (await tryJson(`${baseUrl}/load`, { headers })) as { server_load?: number } | undefined
    if (!load?.server_load) return
    await clock.until(clock.nowNs() + sToNs(0.1))
  }
}

const endsSweep = (reason: StopReason): boolean =>
  reason === 'interrupted' || reason === 'target-lost' || reason === 'budget'

interface Book {
  note(run: string, reason: StopReason): void
  measured(): boolean
  stopped(): boolean
  close(): ExperimentManifest
}

/** Keeps `experiment.json`. */
function openBook(
  { profile, command, folder, interruption }: SweepOptions,
  dimensions: readonly string[],
): Book {
  const runs: string[] = []
  let stopReason: string | undefined
  const startedAtUtc = new Date().toISOString()
  const manifest = (): ExperimentManifest => ({
    format: 1,
    kind: 'sweep',
    name: profile.name,
    command,
    startedAtUtc,
    dimensions,
    runs,
    ...(stopReason !== undefined && { stopReason }),
  })
  const write = (value: ExperimentManifest): ExperimentManifest => {
    writeJsonFile(join(folder, RUN_FILES.experiment), value)
    return value
  }
  write(manifest())
  return {
    note(run, reason) {
      runs.push(run)
      if (endsSweep(reason)) stopReason = reason
      write(manifest())
    },
    measured: () => runs.length > 0,
    stopped: () => stopReason !== undefined || interruption.soon.aborted,
    close: () => write({ ...manifest(), endedAtUtc: new Date().toISOString() }),
  }
}
