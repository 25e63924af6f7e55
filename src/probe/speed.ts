import type { RequestFailure } from '../base/index.js'
import type { Api } from '../protocol/index.js'
import type { Asker } from './asker.js'
import { countedTokens, type Heard, hear, type Question, readsOf, verdictOf } from './tries.js'

/** One stream alone on the server, as far as we know. */
export interface StreamSpeed {
  /** From the send to the first output; missing where no output came. */
  readonly ttftNs?: number
  /** After the first output; missing where the stream had no two reads. */
  readonly tokensPerS?: number
  /** By the server's count; by its chunks where it does not count. */
  readonly tokens: number
  readonly counted: boolean
  /** Of an answer in one piece, to its end. */
  readonly wholeNs?: number
  /** Events with output, and the reads that brought them. */
  readonly chunks: number
  readonly reads: number
  /** Prompt tokens, and how many of them came from a cache, where the server tells. */
  readonly inputTokens?: number
  readonly cachedTokens?: number
  /** Why the stream did not end well. */
  readonly trouble?: RequestFailure
}

export const SPEED_TOKENS = 64
const STREAMS = 2

/** What even small models, and such as were never taught to chat, have something long to say to. */
const PROMPT = 'Write an essay of many pages on the history of the sea.'

/** The same prompt twice, one after the other: the second shows what a cache does. */
export async function measureSpeed(
  api: Api,
  asker: Asker,
  { exactOutput, ...common }: Pick<Question, 'model' | 'headers' | 'deadlineMs'> & { exactOutput: boolean },
): Promise<StreamSpeed[]> {
  const speeds: StreamSpeed[] = []
  for (let i = 0; i < STREAMS; i++) {
    const question = { ...common, prompt: PROMPT, outputTokens: SPEED_TOKENS, exactOutput }
    speeds.push(speedOf(await hear(api, asker, question)))
  }
  return speeds
}

function speedOf(heard: Heard): StreamSpeed {
  const { answer, outputs, usage, failure } = heard
  const counted = countedTokens(heard)
  const tokens = counted ?? outputs.reduce((sum, output) => sum + Math.max(1, output.tokens), 0)
  const first = outputs[0]
  const spanNs = (outputs.at(-1)?.atNs ?? 0) - (first?.atNs ?? 0)
  // Of the tokens of the first read nobody knows when they were made: they are no part of the rate.
  const inFirst = outputs
    .filter(({ atNs }) => atNs === first?.atNs)
    .reduce((sum, output) => sum + Math.max(1, output.tokens), 0)
  return {
    ...(first && { ttftNs: first.atNs - answer.sentNs }),
    ...(spanNs > 0 && tokens > inFirst && { tokensPerS: (tokens - inFirst) / (spanNs / 1e9) }),
    tokens,
    counted: counted !== undefined,
    ...(verdictOf(heard) === 'whole' && { wholeNs: answer.endNs - answer.sentNs }),
    chunks: outputs.length,
    reads: readsOf(heard),
    ...(usage.inputTokens !== undefined && { inputTokens: usage.inputTokens }),
    ...(usage.cachedTokens !== undefined && { cachedTokens: usage.cachedTokens }),
    ...(failure && { trouble: failure }),
  }
}
