import { join } from 'node:path'
import { findingsOfSweep, type Findings } from '../analyse/index.js'
import { loadProfile } from '../profile/index.js'
import { readJsonFile, RUN_FILES, writeJsonFile } from '../record/index.js'
import { type Axis, parseAxis } from './axes.js'
import type { RunListener } from './listener.js'
import type { Interruption } from './run.js'
import { measureSweep } from './sweep.js'

interface DemoOptions {
  readonly folder: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
}

export interface DemoResult {
  readonly findings: Findings
  readonly folder: string
}

const LOADS = '1,4,8,16,32,64'

/**
 * Sweeps a simulated engine into its falloff, applies the recommendation that comes of it, and sweeps again past the knee:
 * what the report says is then shown, not promised.
 */
export async function runDemo({ folder, command, listener, interruption }: DemoOptions): Promise<DemoResult> {
  const profile = loadProfile('demo', [])
  const common = { profile, command, listener, interruption }
  await measureSweep({ ...common, folder, axes: [axis(`concurrency=${LOADS}`)] })
  const first = await findingsOfSweep(folder)
  const knee = first.falloff?.knee
  const recommendation = first.falloff?.recommendation
  if (!knee || !recommendation || interruption.soon.aborted) return { findings: first, folder }

  listener.onPhase(`confirming ${recommendation.flag}`)
  const at = Math.round(knee.at)
  await measureSweep({
    ...common,
    folder: join(folder, CONFIRMATION),
    axes: [axis(`concurrency=${at},${2 * at},${4 * at}`)],
    engineSettings: { maxNumSeqs: recommendation.value },
  })
  const path = join(folder, RUN_FILES.experiment)
  writeJsonFile(path, { ...(readJsonFile(path) as object), confirmation: CONFIRMATION })
  return { findings: await findingsOfSweep(folder), folder }
}

const CONFIRMATION = 'confirmation'

function axis(text: string): Axis {
  const parsed = parseAxis(text)
  if ('message' in parsed) throw new Error(parsed.message)
  return parsed
}
