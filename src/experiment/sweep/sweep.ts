import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { FalloffError, usageError } from '../../base/index.js'
import type { Budget } from '../../drive/index.js'
import type { ExperimentManifest } from '../../record/index.js'
import type { Lexicon } from '../../workload/index.js'
import { type Axis, combinations, engineSettingsOf, isEngineAxis, loadAxis, settingOf } from '../axes.js'
import { remaking } from '../disturbance.js'
import { preparing } from '../engine.js'
import { prepareLexicon } from '../lexicon.js'
import { isPrivate } from '../private-address.js'
import { prepareBudget } from '../spending.js'
import { type PreparedTarget, prepareTarget } from '../target.js'
import { type Book, openBook } from './book.js'
import type { SweepOptions } from './options.js'
import { measurePoint, type PointSweep } from './point.js'
import { type Measured, nextLoad } from './search.js'

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

interface LoadSweep extends PointSweep {
  readonly book: Book
  readonly load: Axis
  readonly fixed: Readonly<Record<string, number>>
}

async function sweepLoad(sweep: LoadSweep): Promise<void> {
  const tried: Measured[] = []
  const { load, book, fixed } = sweep
  const next = (): number | undefined =>
    load.values === 'auto' ? nextLoad(tried, load.name === 'concurrency') : load.values[tried.length]
  for (let value = next(); value !== undefined && !book.stopped(); value = next()) {
    const setting = settingOf({ ...fixed, [load.name]: value })
    const run = setting.label.replaceAll(' ', ',')
    const { reason, outputTokensPerS } = await measurePoint(sweep, setting, join(sweep.folder, run))
    book.note(run, reason)
    tried.push({ load: value, outputTokensPerS })
  }
}
