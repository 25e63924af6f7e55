import { type Clock, sToNs } from '../../base/index.js'
import { amountBeforeRefusal, isUneven, type Rate, rateBetweenRefusals, type Try } from './estimate.js'

/** How requests are offered: so many a second, each of so much. */
interface Offer {
  readonly perS: number
  readonly amount: number
}

/** A step of the rising part: an offer, and how many requests of it. */
interface Step extends Offer {
  readonly count: number
}

export interface SearchPlan {
  /** From the gentlest on. */
  readonly rising: readonly Step[]
  /** After the first refusal: about twice what is thought to be let in. @param perS the estimate so far */
  next(perS: number): Offer
}

export interface SearchOptions {
  readonly plan: SearchPlan
  readonly clock: Clock
  /** Sends one; undefined when nothing more may be sent. Its answer may come later. */
  readonly send: (amount: number) => Promise<Try> | undefined
  /** Aborted when nothing more is to be sent. */
  readonly stop: AbortSignal
}

export interface Found {
  readonly tries: readonly Try[]
  /** Missing: no refusal came, or only one. */
  readonly rate?: Rate
  /** Let in before the first refusal. */
  readonly burst: number
  readonly refused: boolean
  readonly uneven: boolean
  /** Nothing more could be sent, or time was up, before the search was done. */
  readonly cut: boolean
}

/** One in twenty is as exact as it needs to be. */
const ENOUGH = 20
/** So many alike in a row, and the pace is off: the limit is not met, or nothing but met. */
const ALIKE = 3
/** From so many on what was let in tells more than the pace at which it was asked. */
const FEW = 4

/**
 * Rising rates until the first refusal; then about twice the rate at which requests are let in, until those between the
 * first and the last refusal say how fast the limit fills again. A bucket's reserve tells nothing of that, and stepping
 * through rates would have to wait for it to fill anew each time.
 */
export async function searchLimit({ plan, clock, send, stop }: SearchOptions): Promise<Found> {
  const tries: Try[] = []
  const pending = new Set<Promise<void>>()
  const pace = createPace()
  let nextNs = clock.nowNs()
  let exhausted = false
  const offer = async ({ perS, amount }: Offer): Promise<void> => {
    await clock.until(nextNs, stop)
    nextNs = Math.max(nextNs + sToNs(1 / perS), clock.nowNs())
    const sent = stop.aborted ? undefined : send(amount)
    if (sent === undefined) {
      exhausted = true
      return
    }
    const note = async (): Promise<void> => {
      const told = await sent
      tries.push(told)
      pace.note(told, tries, perS)
    }
    const noted = note().finally(() => pending.delete(noted))
    pending.add(noted)
  }
  const refused = (): boolean => tries.some((t) => !t.letIn)

  for (const step of plan.rising) {
    for (let i = 0; i < step.count && !exhausted && !refused(); i++) await offer(step)
  }
  await Promise.all(pending)
  while (!exhausted && refused() && !isEnough(tries)) await offer(plan.next(pace.perS()))
  await Promise.all(pending)
  return foundIn(tries, exhausted)
}

function foundIn(tries: readonly Try[], cut: boolean): Found {
  const rate = rateBetweenRefusals(tries)
  return {
    tries,
    ...(rate && { rate }),
    burst: amountBeforeRefusal(tries),
    refused: tries.some((t) => !t.letIn),
    uneven: rate !== undefined && isUneven(tries, rate),
    cut,
  }
}

const isEnough = (tries: readonly Try[]): boolean => (rateBetweenRefusals(tries)?.letIn ?? 0) >= ENOUGH

/** What is thought to be let in a second: half of what was asked at the first refusal, and better with every answer. */
function createPace() {
  let perS: number | undefined
  let alike = 0
  let last: boolean | undefined
  return {
    note({ letIn, amount }: Try, tries: readonly Try[], requestsPerS: number): void {
      if (perS === undefined) {
        if (!letIn) perS = (requestsPerS * amount) / 2
        return
      }
      alike = letIn === last ? alike + 1 : 1
      last = letIn
      const rate = rateBetweenRefusals(tries)
      if (alike >= ALIKE) {
        perS *= letIn ? 2 : 0.5
        alike = 0
      } else if (rate !== undefined && rate.letIn >= FEW) perS = rate.perS
    },
    perS: () => perS ?? 1,
  }
}
