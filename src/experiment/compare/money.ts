import { type Budget, createBudget } from '../../drive/index.js'
import type { BudgetCap, BudgetCaps, Profile } from '../../profile/index.js'
import type { CompareSide } from '../../record/index.js'
import { hasCaps, type KnownPrices } from '../prices.js'
import { type Consent, requireConsent, type Spending, spendingOf } from '../spending.js'
import type { PreparedTarget } from '../target.js'

/** One purse for all sides: what one of them spends, no other has. */
export interface Purse {
  /** What a side may spend, at its own prices; undefined where nothing is capped. */
  budgetOf(side: number): Budget | undefined
  priceOf(side: number): CompareSide['price']
  /** Takes in what a side costs. Asks, where it bills. */
  open(asked: readonly PricedSide[], runs: number): Promise<void>
}

interface PricedSide {
  readonly side: number
  readonly name: string
  readonly profile: Profile
  readonly target: PreparedTarget
}

/** @param profiles of all sides: of several caps on one thing the lowest holds for all together */
export function createPurse(profiles: readonly Profile[], consent: Consent): Purse {
  const caps = strictest(profiles.map(({ budget }) => budget))
  const shared = hasCaps(caps) ? createBudget(caps, undefined) : undefined
  const known = new Map<number, KnownPrices | undefined>()
  return {
    budgetOf(side) {
      const prices = known.get(side)
      return shared && { ...shared, ...(prices && { prices }) }
    },
    priceOf(side) {
      const prices = known.get(side)
      return prices === undefined
        ? null
        : {
            inputPerMillion: prices.inputPerMTok,
            outputPerMillion: prices.outputPerMTok,
            source: prices.source,
          }
    },
    async open(asked, runs) {
      const estimates: string[] = []
      for (const { side, name, profile, target } of asked) {
        if (known.has(side)) continue
        const capped = { ...profile, budget: { ...profile.budget, ...caps } }
        const { prices, estimate }: Spending = await spendingOf(capped, target, runs, 'runs')
        known.set(side, prices)
        if (estimate !== null) estimates.push(`${name}: ${estimate}`)
      }
      // All in one question: nobody can answer the first without knowing the second.
      if (estimates.length > 0) await requireConsent(estimates.join('. '), consent)
    },
  }
}

const CAPS = ['usd', 'requests', 'inputTokens', 'outputTokens'] as const satisfies readonly BudgetCap[]

function strictest(budgets: readonly BudgetCaps[]): BudgetCaps {
  const lowest = CAPS.flatMap((cap) => {
    const given = budgets.flatMap((budget) => (budget[cap] === undefined ? [] : [budget[cap]]))
    return given.length === 0 ? [] : [[cap, Math.min(...given)] as const]
  })
  return Object.fromEntries(lowest)
}
