import type { FailureCode } from '../base/index.js'
import type { Api } from '../protocol/index.js'
import type { Asker } from './asker.js'
import { answers, bodyOf, countedTokens, type Heard, hear, type Question, verdictOf } from './tries.js'

/** Short enough for anyone's purse, and longer than anybody's yes. */
export const EXACT_TOKENS = 24

/** Whether outputs can be had at an exact length and counted chunk by chunk, and what showed it. */
export interface LengthFinding {
  /** The request that showed most; undefined where none was answered. */
  readonly heard?: Heard
  readonly exact: 'obeyed' | 'seems obeyed' | 'ignored' | 'refused' | 'no way to ask' | 'not told'
  readonly exactTokens?: number
  readonly chunkUsage: 'counted' | 'counted unasked' | 'not counted' | 'refused' | 'not told'
  /** What the server said where it refused, or had no answer. */
  readonly refusal?: string
}

/** As long an answer as the two words it asks for, unless the server is told to go on. */
export const SHORT_PROMPT = 'Answer with the one word yes, and nothing else.'

/**
 * Asks for exactly 24 tokens in answer to a prompt that wants one, with a count on every chunk. A server that refuses fields it
 * does not know is asked for one of the two, and then the other.
 *
 * @param short how the same prompt was answered when no length was asked for
 */
export async function tryLengths(
  api: Api,
  asker: Asker,
  common: Pick<Question, 'model' | 'headers' | 'deadlineMs'>,
  short: Heard,
): Promise<LengthFinding> {
  const ask = (exactOutput: boolean, chunkUsage: boolean): Promise<Heard> =>
    hear(api, asker, {
      ...common,
      ...{ prompt: SHORT_PROMPT, outputTokens: EXACT_TOKENS, exactOutput, chunkUsage },
    })
  const can = knobsOf(api)
  const both = await ask(can.exact, can.chunkUsage)
  if (answers(verdictOf(both)) || !(can.exact || can.chunkUsage)) {
    return { heard: both, ...exactOf(api, both, short, can.exact), ...chunksOf(both, short) }
  }
  const refusal = both.failure === undefined ? {} : { refusal: both.failure.message }
  if (both.failure && PASSING.has(both.failure.code)) return { ...notTold(can, short), ...refusal }
  // One field alone was refused already where there is only one.
  const again = can.exact && can.chunkUsage
  const exactly = again ? await ask(true, false) : undefined
  if (exactly && answers(verdictOf(exactly))) {
    return { heard: exactly, ...exactOf(api, exactly, short, true), chunkUsage: 'refused', ...refusal }
  }
  const exact = can.exact ? 'refused' : 'no way to ask'
  const counting = again ? await ask(false, true) : undefined
  if (counting && answers(verdictOf(counting))) {
    return { heard: counting, exact, ...chunksOf(counting, short), ...refusal }
  }
  return { exact, chunkUsage: can.chunkUsage ? 'refused' : 'not counted', ...refusal }
}

/** Failures that say nothing of what was asked for: another time it may be answered. */
const PASSING: ReadonlySet<FailureCode> = new Set([
  ...(['rate-limited', 'quota', 'overloaded', 'gateway', 'stopped', 'reset', 'refused'] as const),
  ...(['deadline-ttft', 'deadline-stall', 'deadline-total'] as const),
])

function notTold(can: Knobs, short: Heard): Pick<LengthFinding, 'exact' | 'chunkUsage'> {
  const isCounted = chunksOf(short, short).chunkUsage === 'counted unasked'
  const otherwise = can.chunkUsage ? 'not told' : 'not counted'
  return {
    exact: can.exact ? 'not told' : 'no way to ask',
    chunkUsage: isCounted ? 'counted unasked' : otherwise,
  }
}

interface Knobs {
  readonly exact: boolean
  readonly chunkUsage: boolean
}

/** What an API has fields for at all: those that make a difference to the request. */
function knobsOf(api: Api): Knobs {
  const plain = { model: 'm', prompt: 'p', outputTokens: EXACT_TOKENS }
  const body = bodyOf(api, plain)
  return {
    exact: bodyOf(api, { ...plain, exactOutput: true }) !== body,
    chunkUsage: bodyOf(api, { ...plain, chunkUsage: true }) !== body,
  }
}

/**
 * Reaching 24 tokens proves obedience only where the same prompt is known to end earlier by itself: a talkative model gets
 * there without being told.
 */
function exactOf(
  api: Api,
  heard: Heard,
  short: Heard,
  asked: boolean,
): Pick<LengthFinding, 'exact' | 'exactTokens'> {
  if (!asked) return { exact: 'no way to ask' }
  const exactTokens = countedTokens(heard)
  if (exactTokens === undefined) return { exact: 'not told' }
  if (exactTokens !== EXACT_TOKENS) return { exact: 'ignored', exactTokens }
  const shortTokens = countedTokens(short)
  const endedEarly = shortTokens !== undefined && shortTokens < shortTokensOf(api)
  return { exact: endedEarly ? 'obeyed' : 'seems obeyed', exactTokens }
}

const SHORT_TOKENS = 8

/** Asked for in the tries that find out which APIs there are. */
export const shortTokensOf = ({ minOutputTokens = 1 }: Api): number => Math.max(SHORT_TOKENS, minOutputTokens)

function chunksOf(heard: Heard, short: Heard): Pick<LengthFinding, 'chunkUsage'> {
  if (short.outputs.some(({ tokens }) => tokens >= 0)) return { chunkUsage: 'counted unasked' }
  return { chunkUsage: heard.outputs.some(({ tokens }) => tokens >= 0) ? 'counted' : 'not counted' }
}
