import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { usageError } from '../../base/index.js'
import type { Profile } from '../../profile/index.js'
import type { CompareSide } from '../../record/index.js'
import type { Lexicon } from '../../workload/index.js'
import { preparing } from '../engine.js'
import { prepareLexicon } from '../lexicon.js'
import type { RunListener } from '../listener.js'
import type { Interruption } from '../run.js'
import type { ReadyTarget } from '../sweep/options.js'
import { type PreparedTarget, prepareTarget } from '../target.js'
import { connectPhases } from './connect.js'
import type { Purse } from './money.js'

/** A side of a comparison, as it is to be measured. */
export interface MeasuredSide {
  /** Unique, and fit for a folder's name. */
  readonly name: string
  readonly profile: Profile
}

export interface SidesOptions {
  readonly sides: readonly MeasuredSide[]
  readonly folder: string
  readonly listener: RunListener
  readonly interruption: Interruption
  /** Engines are started once and stay up side by side, instead of once for each run. */
  readonly keepEngines: boolean
  /** Whether sides may serve models of different names. */
  readonly modelsMayDiffer: boolean
  readonly purse: Purse
  /** Runs of each side, at the most. */
  readonly runs: number
  readonly onSide: (side: number, facts: Pick<CompareSide, 'connect' | 'price'>) => void
}

/** The targets of all sides: those that are up stay so, engines of ours are up when they are wanted. */
export interface SidesUp {
  /** Gives the side's target to `use`. @param log folder that receives the log of an engine started for it */
  with<T>(side: number, log: string, use: (ready: ReadyTarget) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Asks every target that is up what it is, and what it costs.
 * @throws UsageError when money would be spent without consent, or the models are not the same
 */
export async function openSides(options: SidesOptions): Promise<SidesUp> {
  const { sides, purse, runs } = options
  const up = new Map<number, PreparedTarget>()
  const known = createKnown(options)
  const close = async (): Promise<void> => {
    await Promise.all([...up.values()].map((target) => target.engine?.stop()))
  }
  try {
    for (const [side, { name, profile }] of sides.entries()) {
      if (profile.engine !== undefined && !options.keepEngines) continue
      up.set(side, await bringUp(options, side, unusedName(join(options.folder, `${name}-engine`))))
    }
    known.assertOneModel(up)
    await purse.open(
      [...up].flatMap(([side, target]) => {
        const own = sides[side]
        return own === undefined ? [] : [{ side, ...own, target }]
      }),
      runs,
    )
  } catch (thrown) {
    await close()
    throw thrown
  }
  return {
    close,
    async with(side, log, use) {
      const standing = up.get(side)
      if (standing !== undefined) return use(await known.ready(side, standing))
      const target = await bringUp(options, side, log)
      try {
        known.assertOneModel(new Map([...up, [side, target]]))
        return await use(await known.ready(side, target))
      } finally {
        await target.engine?.stop()
      }
    },
  }
}

async function bringUp(
  { sides, listener, interruption }: SidesOptions,
  side: number,
  log: string,
): Promise<PreparedTarget> {
  const own = sides[side]
  if (own === undefined) throw new RangeError(`no side ${side}`)
  const onPhase = (text: string): void => listener.onPhase(`${own.name}: ${text}`)
  onPhase(preparing(own.profile))
  return prepareTarget(own.profile, {}, { folder: log, onPhase, signal: interruption.soon })
}

/** An engine's log is appended to: a session that goes on has one of its own. */
function unusedName(path: string): string {
  let name = path
  for (let i = 2; existsSync(name); i++) name = `${path}-${i}`
  return name
}

/** What has been learnt of the sides; an engine that is started again is not asked again. */
function createKnown({ sides, listener, purse, runs, onSide, modelsMayDiffer }: SidesOptions) {
  const lexicons = new Map<number, Lexicon>()
  const models = new Map<number, string>()
  return {
    assertOneModel(targets: ReadonlyMap<number, PreparedTarget>): void {
      for (const [side, { facts }] of targets) models.set(side, facts.model)
      if (modelsMayDiffer || new Set(models.values()).size < 2) return
      const served = [...models].map(([side, model]) => `${sides[side]?.name} serves ${model}`).join(', ')
      throw usageError('--allow', `${served}; give --allow model where that is what is to be compared`)
    },
    async ready(side: number, target: PreparedTarget): Promise<ReadyTarget> {
      const own = sides[side]
      if (own === undefined) throw new RangeError(`no side ${side}`)
      let lexicon = lexicons.get(side)
      if (lexicon === undefined) {
        await purse.open([{ side, ...own, target }], runs)
        const [way] = target.ways
        const connect = way === undefined ? null : await connectPhases(way)
        onSide(side, { connect, price: purse.priceOf(side) })
        listener.onPhase(`${own.name}: learning how the target counts tokens`)
        lexicon = await prepareLexicon(own.profile, target, purse.budgetOf(side))
        lexicons.set(side, lexicon)
      }
      return { target, lexicon, budget: purse.budgetOf(side) }
    },
  }
}
