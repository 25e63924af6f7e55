import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FalloffError, monotonicNs, nsToS, sToNs } from '../../base/index.js'
import type { StopReason } from '../../record/index.js'
import type { Axis } from '../axes.js'
import { untilIdle } from '../idle.js'
import type { RunListener } from '../listener.js'
import { type Interruption, measureRun, type RunOptions } from '../run.js'
import { setAside } from '../set-aside.js'
import type { Consent } from '../spending.js'
import type { ReadyTarget } from '../sweep/options.js'
import { measureSweep } from '../sweep/sweep.js'
import type { CompareBench, CompareUnit } from './blocks.js'
import type { KnownFigures } from './judge.js'
import { profileOfBlock } from './order.js'
import type { MeasuredSide, SidesUp } from './sides-up.js'

export interface RealCompareOptions {
  readonly sides: readonly MeasuredSide[]
  /** Each unit is a sweep over these; none: a run. */
  readonly axes: readonly Axis[]
  readonly folder: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  readonly consent: Consent
  readonly up: SidesUp
  readonly figures: KnownFigures
  readonly keepEngines: boolean
  /** Runs of each side that are planned, for the progress line. */
  readonly mostRuns: number
}

/** Real targets, and runs that are recorded as any other. */
export function realCompareBench(options: RealCompareOptions): CompareBench {
  const { folder, sides, up, interruption, figures } = options
  return {
    nowS: () => nsToS(monotonicNs()),
    nowUtc: () => new Date().toISOString(),
    rest: (seconds) =>
      seconds === 0
        ? Promise.resolve()
        : sleep(sToNs(seconds) / 1e6, undefined, { signal: interruption.soon }).catch(() => undefined),
    async faultsOf(unit) {
      const { validity } = await figures.of(unit.folder)
      return validity.verdict === 'INVALID' ? validity.codes : []
    },
    async measure(unit, spoiltBy) {
      const own = sides[unit.side]
      if (own === undefined) throw new RangeError(`no side ${unit.side}`)
      const run = join(folder, unit.folder)
      const madeAgain = spoiltBy && setAside(run, 'invalid', spoiltBy)
      // What an interrupted session left of it: records are appended, and would mix.
      rmSync(run, { recursive: true, force: true })
      figures.forget(unit.folder)
      const salt = spoiltBy && options.keepEngines ? undefined : saltOf(options, unit.block)
      try {
        return await up.with(unit.side, run, (ready) =>
          measureUnit(options, { ...unit, salt, madeAgain }, own, ready),
        )
      } catch (thrown) {
        if (isGivenUp(thrown)) return 'interrupted'
        throw thrown
      }
    },
  }
}

/** Ctrl-C while an engine starts. */
const isGivenUp = (thrown: unknown): boolean =>
  thrown instanceof FalloffError && thrown.code === 'INTERRUPTED'

async function measureUnit(
  options: RealCompareOptions,
  { block, folder, salt, madeAgain }: CompareUnit & Pick<RunOptions, 'salt' | 'madeAgain'>,
  { name, profile }: MeasuredSide,
  ready: ReadyTarget,
): Promise<StopReason> {
  const { listener, interruption, command, consent, axes, mostRuns } = options
  const head = `${name}, ${axes.length > 0 ? 'sweep' : 'run'} ${block + 1} of ${mostRuns}`
  await untilIdle(ready.target)
  const common = {
    ...{ profile: profileOfBlock(profile, block), folder: join(options.folder, folder) },
    ...{ command, interruption, salt },
  }
  if (axes.length === 0) {
    listener.onPhase(head)
    return measureRun({ ...common, ...ready, listener, setting: { label: 'run', axes: {} }, madeAgain })
  }
  const within = { ...listener, onPhase: (text: string) => listener.onPhase(`${head}: ${text}`) }
  const { stopReason } = await measureSweep({ ...common, axes, listener: within, consent, ready })
  return (
    (stopReason as StopReason | undefined) ?? (interruption.soon.aborted ? 'interrupted' : 'plan-complete')
  )
}

/**
 * Engines of ours have no cache in common: they are sent the same prompts, to the letter. Elsewhere one side may read what
 * the other left in a cache, be it behind a gateway: prompts are equal in length, and each run's own in words.
 */
const saltOf = ({ sides, folder }: RealCompareOptions, block: number): string | undefined =>
  sides.every(({ profile }) => profile.engine !== undefined) ? `${basename(folder)}:${block}` : undefined
