import { summariseRun } from '../../analyse/index.js'
import type { Budget } from '../../drive/index.js'
import { type Profile, parseObjective } from '../../profile/index.js'
import type { PointSetting, StopReason } from '../../record/index.js'
import type { Lexicon } from '../../workload/index.js'
import { profileAt } from '../axes.js'
import { type Disturbable, disturbancesOf, type remaking } from '../disturbance.js'
import { untilIdle } from '../idle.js'
import { measureRun } from '../run.js'
import { putBack, setAside } from '../set-aside.js'
import type { PreparedTarget } from '../target.js'
import { endsSweep } from './book.js'
import type { SweepOptions } from './options.js'

/** A sweep whose target is up. */
export interface PointSweep extends SweepOptions {
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly budget: Budget | undefined
  /** Whether a point that our own machine spoilt is measured once more. */
  readonly repeats: boolean
  readonly remake: ReturnType<typeof remaking>
}

interface MeasuredPoint extends Disturbable {
  readonly reason: StopReason
  /** 0 where the run was cut short. */
  readonly outputTokensPerS: number
}

/** Measures a point, once more where our own machine spoilt it; the first counts again where the second is cut short. */
export async function measurePoint(
  sweep: PointSweep,
  setting: PointSetting,
  folder: string,
): Promise<MeasuredPoint> {
  const { measured, spoilt } = await sweep.remake((spoiltBy) => measureOnce(sweep, setting, folder, spoiltBy))
  if (spoilt && endsSweep(measured.reason)) putBack(folder, 'disturbed')
  return measured
}

async function measureOnce(
  sweep: PointSweep,
  setting: PointSetting,
  folder: string,
  spoiltBy?: readonly string[],
): Promise<MeasuredPoint> {
  const { listener, target, interruption } = sweep
  if (spoiltBy)
    listener.onNote(`${setting.label} was disturbed (${spoiltBy.join(', ')}): it is measured once more`)
  const madeAgain = spoiltBy && setAside(folder, 'disturbed', spoiltBy)
  await untilIdle(target)
  listener.onPhase(setting.label)
  const profile = profileOf(sweep, setting)
  const salt = saltOf(sweep, setting, madeAgain !== undefined)
  const reason = await measureRun({ ...sweep, profile, folder, setting, salt, madeAgain })
  if (endsSweep(reason)) return { reason, outputTokensPerS: 0 }
  const { throughput, validity } = await summariseRun(folder)
  const disturbed = sweep.repeats && !interruption.soon.aborted ? disturbancesOf(validity) : []
  return {
    reason,
    outputTokensPerS: throughput.outputTokensPerS,
    ...(disturbed.length > 0 && { disturbed }),
  }
}

/** A point that is measured again must not find its own prompts in the engine's cache. */
const saltOf = ({ salt }: PointSweep, { label }: PointSetting, again: boolean): string | undefined =>
  salt === undefined ? undefined : `${salt}:${label}${again ? ':again' : ''}`

function profileOf({ profile }: PointSweep, { axes }: PointSetting): Profile {
  const quantiles = profile.objectives.flatMap((text) => {
    const objective = parseObjective(text)
    return typeof objective !== 'string' && objective.kind === 'metric' && objective.quantile !== null
      ? [objective.quantile]
      : []
  })
  return profileAt(profile, axes, quantiles)
}
