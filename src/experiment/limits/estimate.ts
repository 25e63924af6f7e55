import type { LimitState } from '../../base/index.js'

/** One request at a limit: when it was sent, what it took of the limit, and whether it was let in. */
export interface Try {
  readonly atS: number
  readonly amount: number
  readonly letIn: boolean
}

/** What a limit lets in, per second; low and high enclose it if it is a token bucket. */
export interface Rate {
  readonly perS: number
  readonly low: number
  readonly high: number
  /** Requests let in that it is worked out from. */
  readonly letIn: number
  readonly tookS: number
}

/**
 * The rate at which a token bucket fills, from what it let in between two refusals. At both its level was below one request,
 * so that in between it let in what flowed in, give or take one request, at whatever pace it was asked:
 *
 *     refused ──let in──let in──refused──let in──refused        rate = amounts let in / (last − first refusal)
 */
export function rateBetweenRefusals(tries: readonly Try[]): Rate | undefined {
  const sorted = tries.toSorted((a, b) => a.atS - b.atS)
  const first = sorted.findIndex((t) => !t.letIn)
  const last = sorted.findLastIndex((t) => !t.letIn)
  if (first < 0 || last <= first) return undefined
  const between = sorted.slice(first, last).filter((t) => t.letIn)
  const tookS = (sorted[last]?.atS ?? 0) - (sorted[first]?.atS ?? 0)
  if (between.length === 0 || tookS <= 0) return undefined
  const amount = between.reduce((sum, t) => sum + t.amount, 0)
  const most = Math.max(...sorted.slice(first, last + 1).map((t) => t.amount))
  return {
    perS: amount / tookS,
    low: Math.max(0, amount - most) / tookS,
    high: (amount + most) / tookS,
    letIn: between.length,
    tookS,
  }
}

/**
 * Whether a token bucket cannot have made this: it fills steadily, while a window that is counted anew every minute lets in
 * many at once and then none for long.
 */
export function isUneven(tries: readonly Try[], { perS }: Rate): boolean {
  const sorted = tries.toSorted((a, b) => a.atS - b.atS)
  const first = sorted.findIndex((t) => !t.letIn)
  const after = sorted.slice(first)
  let idleFromS = after[0]?.atS ?? 0
  for (const { atS, letIn, amount } of after) {
    if (!letIn && (atS - idleFromS) * perS > UNEVEN * amount) return true
    if (letIn) idleFromS = atS
  }
  return false
}

/** So many requests' worth flowed in while none was let in. */
const UNEVEN = 4

/**
 * The size above which everything was refused, where size alone decided from the first refusal on: a bound on one request, or
 * a bucket that holds no more than one. It then runs over between two requests, and what was let in tells too little.
 */
export function sizeBound(tries: readonly Try[]): number | undefined {
  const sorted = tries.toSorted((a, b) => a.atS - b.atS)
  const after = sorted.slice(
    Math.max(
      0,
      sorted.findIndex((t) => !t.letIn),
    ),
  )
  const largestIn = Math.max(...after.filter((t) => t.letIn).map((t) => t.amount))
  const smallestOut = Math.min(...after.filter((t) => !t.letIn).map((t) => t.amount))
  return Number.isFinite(smallestOut) && largestIn < smallestOut ? largestIn : undefined
}

/** What was let in before the first refusal: what the bucket held, and what flowed in meanwhile. */
export function amountBeforeRefusal(tries: readonly Try[]): number {
  const sorted = tries.toSorted((a, b) => a.atS - b.atS)
  const first = sorted.findIndex((t) => !t.letIn)
  return sorted.slice(0, first < 0 ? sorted.length : first).reduce((sum, t) => sum + t.amount, 0)
}

/**
 * What a told limit is per minute. Its period is not told, but how fast it fills again is: what is used up is whole again
 * after `resetMs`.
 * @returns undefined when too little is told
 */
export function perMinuteOf({ limit, remaining, resetMs }: LimitState): number | undefined {
  if (limit === undefined) return undefined
  const used = limit - (remaining ?? limit)
  // Times to whole seconds say nothing while little is used up.
  if (used <= 0 || resetMs === undefined || resetMs <= 0) return limit
  const periodS = (limit / used) * (resetMs / 1000)
  const isDaily = periodS > DAY_S / 2 && periodS < DAY_S * 2
  return isDaily ? limit / (DAY_S / 60) : limit
}

const DAY_S = 86_400
