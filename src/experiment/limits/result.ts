import { formatNumber, type LimitState } from '../../base/index.js'
import type { Asked } from './asker.js'
import { perMinuteOf, sizeBound } from './estimate.js'
import type { Found } from './search.js'

/** What is known of one limit. */
export interface LimitResult {
  readonly kind: 'requests' | 'tokens' | 'inputTokens' | 'outputTokens'
  /** A minute; null where nothing can be said. */
  readonly perMin: number | null
  /** Of the interval, where it was measured; of what was seen to be let in, where no refusal came. */
  readonly low: number | null
  readonly high: number | null
  /** Let in at once before the first refusal; null where it was not measured. */
  readonly burst: number | null
  readonly sureness: 'told' | 'measured' | 'rough' | 'at least' | 'unknown'
  readonly how: string
  /** A cap ended the search for it. */
  readonly cut: boolean
}

/** Whatever an answer's headers tell; empty where they tell nothing. */
export function toldBy({ rateLimits = {} }: Asked): LimitResult[] {
  return Object.entries(rateLimits).flatMap(([kind, state]: [string, LimitState]) => {
    const perMin = perMinuteOf(state)
    if (perMin === undefined) return []
    const perDay = state.limit !== undefined && perMin < state.limit ? ` (${state.limit} a day)` : ''
    return [
      {
        cut: false,
        kind: kind as LimitResult['kind'],
        ...{ perMin, low: null, high: null, burst: null, sureness: 'told' as const },
        how: `the headers of its answers tell ${state.limit}${perDay}, of which ${state.remaining ?? 'an unknown number'} were left`,
      },
    ]
  })
}

/** @param kind what was searched for; `found.tries` hold its amounts */
export function resultOf(kind: LimitResult['kind'], found: Found): LimitResult {
  const { tries, rate, burst, refused, cut } = found
  if (tries.length === 0) return unknownLimit(kind, 'no cap left anything to ask with')
  const common = { kind, cut, burst: refused ? Math.round(burst) : null }
  const end = cut ? '; a cap ended the search' : ''
  if (rate === undefined) {
    const spanS = Math.max(...tries.map((t) => t.atS)) - Math.min(...tries.map((t) => t.atS))
    // Had the bucket held no more than a minute's worth, it would have been empty.
    const least = Math.round((60 * burst) / (60 + spanS))
    const seen = `${refused ? 'one refusal' : 'no refusal'} in ${counted(tries.length, 'request')}, ${counted(Math.round(burst), UNITS[kind])} let in within ${Math.round(spanS)} s`
    return {
      ...common,
      ...{ perMin: null, low: least, high: null, sureness: 'at least' },
      how: `${seen}, and a minute's worth may have come at once${end}`,
    }
  }
  const largest = sizeBound(tries)
  if (largest !== undefined) {
    return {
      ...common,
      ...{ perMin: null, low: Math.round(60 * rate.low), high: null, sureness: 'at least' },
      how: `whatever had more than ${counted(Math.round(largest), UNITS[kind])} was refused, and nothing else: that bounds a single request, and more of them may be let in${end}`,
    }
  }
  const even = found.uneven
    ? '; it lets in many at once and then none, as limits do that begin anew every minute'
    : ''
  return {
    ...common,
    ...{ perMin: 60 * rate.perS, low: 60 * rate.low, high: 60 * rate.high },
    sureness: found.uneven || rate.letIn < SURE ? 'rough' : 'measured',
    how: `${counted(rate.letIn, 'request')} let in within ${Math.round(rate.tookS)} s between two refusals, after ${counted(Math.round(burst), UNITS[kind])} at once${even}${end}`,
  }
}

export const unknownLimit = (kind: LimitResult['kind'], how: string): LimitResult => ({
  ...{ kind, cut: true, perMin: null, low: null, high: null, burst: null, sureness: 'unknown', how },
})

const UNITS: Readonly<Record<LimitResult['kind'], string>> = {
  requests: 'request',
  tokens: 'token',
  inputTokens: 'input token',
  outputTokens: 'output token',
}

const counted = (n: number, word: string): string => `${formatNumber(n)} ${word}${n === 1 ? '' : 's'}`

/** From so many on the interval is narrower than a tenth either way. */
const SURE = 10
