import type { RateObjective } from '../profile/index.js'
import type { Throughput } from './findings.js'
import { type Share, stdDevOf, wilson } from './stats/index.js'
import type { Outcome } from './throughput.js'

type RateName = RateObjective['metric'] | 'inputTokensPerS'

/** A figure of the whole run with its 95 % interval inside it. Shares are 0 to 1; null without a request to judge. */
export function rateBounds(name: RateName, throughput: Throughput, outcome: Outcome): Share | null {
  const { asked, completed, good } = outcome
  switch (name) {
    case 'errorRate':
      return asked === 0 ? null : wilson(asked - completed, asked)
    case 'goodShare':
      return asked === 0 ? null : wilson(good, asked)
    case 'outputTokensPerS':
      return batchBounds(throughput.outputTokensPerS, throughput.batchTokensPerS)
    case 'requestsPerS':
    case 'goodputPerS':
    case 'inputTokensPerS':
      return scaledBounds(throughput[name], throughput)
  }
}

/** Student's t at 97.5 % for the 19 degrees of freedom of 20 batch means. */
const T19 = 2.093024054408263

function batchBounds(value: number, batches: readonly number[]): Share {
  const half = (T19 * stdDevOf(batches)) / Math.sqrt(Math.max(1, batches.length))
  return { value, low: value - half, high: value + half }
}

/** Requests finish as their tokens flow: the relative uncertainty of the token rate stands for theirs. */
function scaledBounds(value: number, throughput: Throughput): Share {
  const { low, high } = batchBounds(throughput.outputTokensPerS, throughput.batchTokensPerS)
  const scale = throughput.outputTokensPerS === 0 ? 0 : value / throughput.outputTokensPerS
  return { value, low: low * scale, high: high * scale }
}
