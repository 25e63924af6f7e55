import type { RequestFailure } from '../base/index.js'
import type { BudgetCap, BudgetCaps, Prices } from '../profile/index.js'

const CELLS = { requests: 0, inputTokens: 1, outputTokens: 2, usd: 3, reached: 4 } as const

/** Money is counted in billionths of a dollar: whole numbers add up without error. */
const PER_USD = 1e9
const TOKENS_PER_M = 1e6

const CAPS = ['requests', 'inputTokens', 'outputTokens', 'usd'] as const satisfies readonly BudgetCap[]

/** What may be spent, and one count for all workers, and for all runs of a sweep, of what has been. */
export interface Budget {
  readonly caps: BudgetCaps
  readonly prices?: Prices
  readonly spent: BigInt64Array
}

export const createBudget = (caps: BudgetCaps, prices: Prices | undefined): Budget => ({
  caps,
  ...(prices && { prices }),
  spent: new BigInt64Array(
    new SharedArrayBuffer(Object.keys(CELLS).length * BigInt64Array.BYTES_PER_ELEMENT),
  ),
})

/** What one attempt takes, or may take. */
export interface Use {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedTokens?: number | undefined
}

export const NO_USE: Use = { inputTokens: 0, outputTokens: 0 }

/** The first cap that was reached; undefined while none was. */
export function reachedCap({ spent }: Budget): BudgetCap | undefined {
  const place = Number(Atomics.load(spent, CELLS.reached))
  return CAPS[place - 1]
}

export const overBudget = (cap: BudgetCap, { caps }: Budget): RequestFailure => ({
  code: 'budget',
  message: `budget.${cap} (${caps[cap]}) was reached`,
})

/**
 * Sets aside what an attempt may take at the most, so that even what is in flight cannot break a cap. The first attempt that
 * does not fit ends the spending for all.
 * @returns whether it may be sent
 */
export function setAside(budget: Budget, most: Use): boolean {
  if (reachedCap(budget) !== undefined) return false
  const amounts = amountsOf(budget, 1, most)
  // What an addition gives back, not a later look, decides: of two attempts at once one still fits.
  const broken = CAPS.filter((cap) => add(budget, cap, amounts[cap]) > limitOf(budget, cap))[0]
  if (broken === undefined) return true
  for (const cap of CAPS) add(budget, cap, -amounts[cap])
  Atomics.compareExchange(budget.spent, CELLS.reached, 0n, BigInt(CAPS.indexOf(broken) + 1))
  return false
}

/** The attempt is over: what it took stays counted, the rest of what was set aside is free again. */
export function settle(budget: Budget, most: Use, took: Use): void {
  const before = amountsOf(budget, 1, most)
  const after = amountsOf(budget, 1, took)
  for (const cap of CAPS) add(budget, cap, after[cap] - before[cap])
}

/** @returns the new total */
const add = ({ spent }: Budget, cap: BudgetCap, amount: number): number =>
  Number(Atomics.add(spent, CELLS[cap], BigInt(amount))) + amount

function limitOf({ caps }: Budget, cap: BudgetCap): number {
  const limit = caps[cap]
  if (limit === undefined) return Number.POSITIVE_INFINITY
  return cap === 'usd' ? limit * PER_USD : limit
}

/** Whole units of each cap. */
function amountsOf({ prices }: Budget, requests: number, use: Use): Record<BudgetCap, number> {
  return {
    requests,
    inputTokens: Math.ceil(use.inputTokens),
    outputTokens: Math.ceil(use.outputTokens),
    usd: prices ? Math.ceil(usdOf(prices, use) * PER_USD) : 0,
  }
}

/** Cached input at its own price, where there is one. */
export function usdOf(
  { inputPerMTok, outputPerMTok, cachedPerMTok = inputPerMTok }: Prices,
  { inputTokens, outputTokens, cachedTokens = 0 }: Use,
): number {
  const cached = Math.min(cachedTokens, inputTokens)
  const perM = (inputTokens - cached) * inputPerMTok + cached * cachedPerMTok + outputTokens * outputPerMTok
  return perM / TOKENS_PER_M
}
