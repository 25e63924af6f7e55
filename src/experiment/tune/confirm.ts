import { pairsToTell, ratioOf } from '../../analyse/index.js'
import type { TuneConfirmation, TuneEstimate, TuneHeld, TunePair, TuneTrial } from '../../record/index.js'
import { loadOf, openPart, trialValue } from './score.js'
import type { SearchOptions } from './search.js'
import { Stopped } from './stopped.js'

/** Pairs of the confirmation: enough for an interval, few enough to be paid for. */
export const PAIRS = 4
/** Repeats from here on are the pairs': both sides of one draw the same arrivals. */
const FIRST_REPEAT = 100

/**
 * Best and default in turns, A B B A A B B A: what drifts with time (clocks, neighbours, a warming machine) weighs on both
 * alike. Two trials of one setting in a row share a start.
 */
export async function confirm(options: SearchOptions, bestId: string): Promise<TuneConfirmation | null> {
  const { journal, sizes } = options.lab
  const own = journal.settings()[0]
  const best = journal.setting(bestId)
  const bestLoad = options.fixed ?? loadOf(best.held)
  if (own === undefined || bestLoad === null) return null
  const defaultLoad = options.fixed ?? loadOf(own.held) ?? bestLoad
  const at = options.fixed === undefined && loadOf(own.held) !== null ? 'own-load' : 'same-load'
  const legs: { readonly default: TuneTrial[]; readonly best: TuneTrial[] } = { default: [], best: [] }
  const measureTurn = ({ side, count }: Turn) => {
    const [id, load] = side === 'best' ? [best.id, bestLoad] : [own.id, defaultLoad]
    return options.lab.visit(id, async (visit) => {
      for (let i = 0; i < count; i++) {
        const repeat = FIRST_REPEAT + legs[side].length
        legs[side].push(await visit.trial(load, sizes.requests(0, load), 'confirm', repeat))
      }
    })
  }
  for (const turn of inTurns(PAIRS)) {
    const visited = await untilSpent(() => measureTurn(turn))
    if (visited?.kind !== 'visited') break
  }
  const pairs = pairsOf(options, legs)
  const told = pairs.map((p) => ({ a: p.defaultValue, b: p.bestValue }))
  const ratio = widened(ratioOf(told), at === 'own-load' ? [own.held, best.held] : null, options.goal.more)
  const needed = ratio !== null && !excludesOne(ratio) ? pairsToTell(told) : null
  const morePairs = needed === null ? null : Math.max(1, needed - pairs.length)
  const seconds = [...legs.default, ...legs.best].reduce((s, t) => s + t.seconds, 0)
  return {
    ...{ at, defaultLoad, bestLoad, pairs, ratio, confidence: 0.95, morePairs },
    morePairsS: morePairs === null ? null : (morePairs * seconds) / Math.max(1, pairs.length),
  }
}

/** Pairs that are complete when the budget is spent count; undefined then. */
async function untilSpent<T>(measure: () => Promise<T>): Promise<T | undefined> {
  try {
    return await measure()
  } catch (thrown) {
    if (thrown instanceof Stopped && thrown.reason === 'budget') return undefined
    throw thrown
  }
}

interface Turn {
  readonly side: 'default' | 'best'
  readonly count: number
}

/** A BB AA BB … A: each side as often as there are pairs. */
function inTurns(pairs: number): readonly Turn[] {
  const order = Array.from({ length: pairs }, (_, i) =>
    i % 2 === 0 ? ['default', 'best'] : ['best', 'default'],
  )
  const turns: { side: Turn['side']; count: number }[] = []
  for (const side of order.flat() as Turn['side'][]) {
    const last = turns.at(-1)
    if (last?.side === side) last.count++
    else turns.push({ side, count: 1 })
  }
  return turns
}

function pairsOf(
  { goal }: SearchOptions,
  legs: { readonly default: readonly TuneTrial[]; readonly best: readonly TuneTrial[] },
): readonly TunePair[] {
  return legs.default.flatMap((a, i) => {
    const b = legs.best[i]
    if (b === undefined) return []
    const first = i % 2 === 0 ? ('default' as const) : ('best' as const)
    return [
      {
        defaultTrial: a.id,
        bestTrial: b.id,
        defaultValue: trialValue(goal, a),
        bestValue: trialValue(goal, b),
        first,
      },
    ]
  })
}

/**
 * Each setting ran at the load that it holds, as far as the search has closed in on it: the default may hold as much as
 * the load at which it no longer did, and so may the best. The interval takes that in.
 */
function widened(
  ratio: TuneEstimate | null,
  held: readonly [TuneHeld | null, TuneHeld | null] | null,
  more: boolean,
): TuneEstimate | null {
  if (ratio === null || held === null) return ratio
  const [own, best] = held.map(openPart) as [number, number]
  const { value, low, high } = ratio
  if (low === null || high === null) return ratio
  return more ? { value, low: low / own, high: high * best } : { value, low: low / best, high: high * own }
}

export const excludesOne = ({ low, high }: TuneEstimate): boolean =>
  low !== null && high !== null && (low > 1 || high < 1)

export const isWin = ({ low, high }: TuneEstimate, more: boolean): boolean =>
  more ? low !== null && low > 1 : high !== null && high < 1
