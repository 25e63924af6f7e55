import { leastToPass } from '../../analyse/index.js'
import { type Objective, parseObjective } from '../../profile/index.js'
import type { TuneLoad } from '../../record/index.js'

/** How many requests a look at a load takes. */
export interface Sizes {
  /** Looks at one load, each longer than the one before, over which the risk of a wrong decision is divided. */
  readonly looks: number
  requests(look: number, load: TuneLoad): number
}

const GROWTH = 2.5
const LOOKS = 3
/** A look can pass only with so many independent values; a few more, as some will depend on each other or miss. */
const SPARE = 2
/** Where no objective is a quantile. */
const LEAST = 100
/** An open loop runs at least so long, for a queue to show that it grows; a closed one turns each slot over so often. */
const LEAST_S = 90
const LEAST_TURNS = 10

export function sizesFor(objectives: readonly string[], level: number): Sizes {
  const shares = objectives.map(parseObjective).flatMap((o) => (typeof o === 'string' ? [] : allowedOf(o)))
  const needed = shares.map((share) => SPARE * leastToPass(share, level / LOOKS))
  const first = Math.ceil(Math.max(LEAST, ...needed))
  return {
    looks: LOOKS,
    requests(look, { kind, value }) {
      const least = kind === 'open' ? LEAST_S * value : LEAST_TURNS * value
      return Math.ceil(Math.max(first, least) * GROWTH ** look)
    },
  }
}

function allowedOf(o: Objective): number[] {
  const share =
    o.kind === 'metric'
      ? o.quantile === null
        ? 0
        : o.comparison === '<='
          ? 1 - o.quantile
          : o.quantile
      : o.metric === 'errorRate'
        ? o.limit / 100
        : o.metric === 'goodShare'
          ? 1 - o.limit / 100
          : 0
  return share > 0.0005 && share < 1 ? [share] : []
}
