import type { CauseFinding } from '../findings.js'
import { client } from './client.js'
import { compute } from './compute.js'
import type { FalloffContext } from './evidence.js'
import { kvCache } from './kv-cache.js'
import { maxNumSeqs } from './max-num-seqs.js'
import { network } from './network.js'
import { prefillInterference } from './prefill-interference.js'
import { rateLimiter } from './rate-limiter.js'

export type { FalloffContext } from './evidence.js'

/** Every cause looked for; on a tie the earlier one leads. */
const CANDIDATES = [client, rateLimiter, kvCache, maxNumSeqs, prefillInterference, network, compute]

/** Below this too little was seen to name a cause. */
const LEAST = 0.5

/** What is said to settle a question that a cause left open. */
const TO_SETTLE = 'To settle it, make visible: '

export interface Verdict {
  readonly cause: CauseFinding
  readonly runnerUp: CauseFinding | null
  readonly toSettle: readonly string[]
}

/** The cause with the strongest evidence, and the next. @param bent whether throughput falls off in range */
export function findCause(context: FalloffContext, bent: boolean): Verdict {
  const ranked = CANDIDATES.map((candidate) => candidate(context)).sort((a, b) => b.strength - a.strength)
  const [first, second] = ranked
  const runnerUp = (c: CauseFinding | undefined): CauseFinding | null =>
    c !== undefined && c.strength > 0 ? c : null
  if (!bent) {
    const cause = noneFound('Throughput does not fall off in the range tested.', 1, [])
    return { cause, runnerUp: runnerUp(first), toSettle: ['Test higher loads to find where it does.'] }
  }
  const missing = [...new Set(ranked.flatMap((c) => c.notObserved))]
  if (first === undefined || first.strength < LEAST) {
    const cause = noneFound('Throughput falls off, but no cause has enough evidence to be named.', 0, missing)
    return { cause, runnerUp: runnerUp(first), toSettle: settle(missing, first, second) }
  }
  const close = second !== undefined && second.strength > 0.8 * first.strength ? second : undefined
  return { cause: first, runnerUp: runnerUp(second), toSettle: settle(first.notObserved, first, close) }
}

const noneFound = (sentence: string, strength: number, notObserved: readonly string[]): CauseFinding => ({
  name: 'none-in-range',
  sentence,
  strength,
  evidence: [],
  notObserved,
})

function settle(
  missing: readonly string[],
  first: CauseFinding | undefined,
  rival: CauseFinding | undefined,
): readonly string[] {
  return [
    ...(missing.length === 0 ? [] : [`${TO_SETTLE}${missing.join('; ')} (target.metricsUrl).`]),
    ...(first !== undefined && rival !== undefined && rival.strength > 0
      ? [experimentBetween(first, rival)]
      : []),
  ]
}

/** What to vary to tell two causes apart. */
const EXPERIMENT: Readonly<Record<CauseFinding['name'], string>> = {
  'kv-cache': 'give the engine more KV cache',
  'max-num-seqs': 'raise max_num_seqs',
  'prefill-interference': 'shorten the prompts or lower max_num_batched_tokens',
  compute: 'use a smaller model or a faster GPU',
  client: 'run falloff with more workers or on another machine',
  'rate-limiter': 'ask for a higher limit, or bypass the gateway',
  network: 'run falloff on the engine’s own machine',
  'none-in-range': 'test higher loads',
}

const experimentBetween = (a: CauseFinding, b: CauseFinding): string =>
  `To tell ${a.name} from ${b.name}: ${EXPERIMENT[a.name]}, then instead ${EXPERIMENT[b.name]}, and see which moves the knee.`
