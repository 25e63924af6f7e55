import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { analyseRun } from '../../analyse/index.js'
import { FalloffError, messageOf } from '../../base/index.js'
import {
  type LaunchRecord,
  RUN_FILES,
  type RunManifest,
  readJsonFile,
  type TuneManifest,
  type TuneTrial,
} from '../../record/index.js'
import type { TuneInput, TuneRun } from './input.js'
import { viewOf } from './view.js'

/** Runs that are read in full: each costs a reading of its records. */
const MOST_RUNS = 12

/** Everything that the report on a search needs, from its folder alone. @throws FalloffError when it holds no `tune.json` */
export async function loadTuneInput(folder: string): Promise<TuneInput> {
  const tune = readTune(folder)
  const name = basename(resolve(folder))
  const runs: Record<string, TuneRun> = {}
  // One after the other: the columns of one run at a time are in memory.
  for (const trial of readFor({ name, tune, runs: {}, launches: {} })) {
    const run = trial.run === null ? undefined : await readRunOf(join(folder, trial.run))
    if (run) runs[trial.id] = run
  }
  return { name, tune, runs, launches: launchesOf(folder, tune) }
}

function readTune(folder: string): TuneManifest {
  const file = join(folder, RUN_FILES.tune)
  try {
    return readJsonFile(file) as TuneManifest
  } catch (thrown) {
    throw new FalloffError('NO_RUN', `${file} cannot be read: ${messageOf(thrown)}`, {
      hint: 'Give the folder of a search for settings, such as results/<name>.',
      cause: thrown,
    })
  }
}

/** The confirmation; without one, the longest trials of best and default at what they hold. */
function readFor(input: TuneInput): readonly TuneTrial[] {
  const { best, standard, tune } = viewOf(input)
  const confirming = tune.trials.filter((t) => t.purpose === 'confirm')
  const held = [best, standard].flatMap((setting) => {
    const near = (t: TuneTrial): number =>
      Math.abs(Math.log(t.load.value / (best?.held?.holds ?? setting?.held?.holds ?? t.load.value)))
    return tune.trials
      .filter((t) => t.setting === setting?.id)
      .toSorted((a, b) => near(a) - near(b) || b.planned - a.planned)
      .slice(0, 1)
  })
  return [...new Set([...confirming, ...held])].slice(0, MOST_RUNS)
}

/** Undefined where the run is not there, or was not written to its end. */
async function readRunOf(folder: string): Promise<TuneRun | undefined> {
  if (!existsSync(join(folder, RUN_FILES.manifest))) return undefined
  const { manifest, timeline, point } = await analyseRun(folder)
  return { manifest, timeline, validity: point.validity }
}

function launchesOf(folder: string, { settings, trials }: TuneManifest): Record<string, LaunchRecord> {
  const found: Record<string, LaunchRecord> = {}
  for (const { id } of settings) {
    const run = trials.findLast((t) => t.setting === id && t.run !== null)?.run
    const file = join(folder, run ?? '', RUN_FILES.manifest)
    if (typeof run !== 'string' || !existsSync(file)) continue
    const { launch } = readJsonFile(file) as RunManifest
    if (launch !== undefined) found[id] = launch
  }
  return found
}
