import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findingsOfSweep } from '../analyse/index.js'
import type { EngineSettings } from '../launch/index.js'
import { loadProfile, type Profile } from '../profile/index.js'
import { type ExperimentManifest, RUN_FILES, writeJsonFile } from '../record/index.js'
import { settingOf } from './axes.js'
import { prepareLexicon } from './lexicon.js'
import type { RunListener } from './listener.js'
import { type Interruption, measureRun } from './run.js'
import { prepareTarget } from './target.js'

interface DemoOptions {
  readonly folder: string
  readonly command: string
  /** One listener a lane: points are measured side by side. */
  readonly listenerOf: (lane: number) => RunListener
  readonly interruption: Interruption
}

/** Simulated engines share no GPU, so several points can be measured at once; the longest has a lane of its own. */
const LANES = [[4, 8, 16, 12], [24, 1], [48]] as const
const CONFIRMATION = 'confirmation'

/**
 * Sweeps a simulated engine into its falloff, applies the recommendation that comes of it, and measures again at the knee
 * and past it: what the report says is then shown, not promised.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { folder, interruption } = options
  await measureLanes(options, folder, LANES, {})
  const first = await findingsOfSweep(folder)
  const { knee, recommendation } = first.falloff ?? {}
  if (!knee || !recommendation || interruption.soon.aborted) return

  const at = Math.round(knee.at)
  await measureLanes(options, join(folder, CONFIRMATION), [[at], [2 * at]], {
    maxNumSeqs: recommendation.value,
  })
  writeExperiment(options, folder, LANES.flat(), CONFIRMATION)
}

type Lanes = readonly (readonly number[])[]

async function measureLanes(
  options: DemoOptions,
  folder: string,
  lanes: Lanes,
  settings: EngineSettings,
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const done: number[] = []
  await Promise.all(
    lanes.map(async (loads, lane) => {
      for (const load of loads) {
        if (options.interruption.soon.aborted) return
        await measureLoad(options, folder, load, settings, options.listenerOf(lane))
        done.push(load)
        writeExperiment(options, folder, done)
      }
    }),
  )
}

async function measureLoad(
  options: DemoOptions,
  folder: string,
  load: number,
  settings: EngineSettings,
  listener: RunListener,
) {
  const { command, interruption } = options
  const profile = profileAtLoad(loadProfile('demo', []), load)
  const capped = settings.maxNumSeqs === undefined ? '' : `, max_num_seqs ${settings.maxNumSeqs}`
  listener.onPhase(`${load} request${load === 1 ? '' : 's'} in flight${capped}`)
  const target = await prepareTarget(profile, settings)
  try {
    const setting = settingOf({ concurrency: load })
    const lexicon = await prepareLexicon(profile, target)
    await measureRun({
      profile,
      target,
      lexicon,
      folder: join(folder, setting.label),
      setting,
      command,
      listener,
      interruption,
    })
  } finally {
    await target.engine?.stop()
  }
}

/** About what a request of the demo takes with so many others beside it: some 3 requests a second, and 1.6 s alone. */
const lifeS = (load: number): number => Math.max(1.6, load / 3)

/** A stream alone ends a request every 1.6 s; six of them bound a median. */
const ALONE_S = 11

/** Each point is measured for most of the life of a request, after enough of one for the cache to have filled. */
function profileAtLoad(profile: Profile, load: number): Profile {
  const life = lifeS(load)
  const limits = {
    ...profile.limits,
    warmupS: 0.6 * life,
    durationS: load === 1 ? ALONE_S : Math.max(4, 0.6 * life),
    drainS: 1 + 1.5 * life,
  }
  return { ...profile, load: { kind: 'closed', concurrency: load }, limits }
}

function writeExperiment(
  { command }: DemoOptions,
  folder: string,
  loads: readonly number[],
  confirmation?: string,
): void {
  const manifest: ExperimentManifest = {
    format: 1,
    kind: 'sweep',
    name: 'demo',
    command,
    startedAtUtc: new Date().toISOString(),
    dimensions: ['concurrency'],
    runs: loads.toSorted((a, b) => a - b).map((load) => settingOf({ concurrency: load }).label),
    ...(confirmation !== undefined && { confirmation }),
  }
  writeJsonFile(join(folder, RUN_FILES.experiment), manifest)
}
