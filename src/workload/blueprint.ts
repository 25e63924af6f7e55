import { createRandom, integerSampler, NS_PER_S, sampler } from '../base/index.js'
import type { Profile } from '../profile/index.js'
import type { DatasetRow } from './dataset.js'
import type { Lexicon } from './lexicon.js'
import type { Message } from './message.js'
import { wordsOf } from './text.js'
import type { TraceRow } from './trace.js'
import { ANCHOR } from './words.js'

/** One request as planned, before it is written in any API's form. */
export interface Blueprint {
  /** Position in the plan. */
  readonly index: number
  /** What this request adds to the conversation; the whole prompt where there is none. */
  readonly messages: readonly Message[]
  /** Tokens of the prompt without the history; 0 when nobody knows (datasets). */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly conversation?: number
  readonly turn?: number
  /** Pause before this turn, after the answer to the one before. */
  readonly thinkTimeNs: number
}

/** Requests that follow one another: the turns of a conversation, or a single request. */
export interface Session {
  readonly turns: readonly Blueprint[]
}

export interface Workload {
  /** How many sessions there are, when the workload itself bounds them. */
  readonly sessions: number
  /** Requests in the first `sessions` sessions. */
  readonly requests: number
  /** The same for the same seeds, whichever worker asks and in whatever order. */
  session(number: number): Session
}

export interface WorkloadSource {
  readonly profile: Profile
  readonly lexicon: Lexicon
  /** Distinguishes runs and sweep points, so that no prompt meets its own prefix in a cache. */
  readonly salt: string
  readonly requests: number
  readonly dataset?: readonly DatasetRow[]
  readonly trace?: readonly TraceRow[]
}

export function createWorkload(source: WorkloadSource): Workload {
  if (source.profile.workload.conversation) return conversations(source)
  const one = singleRequest(source)
  return {
    sessions: source.requests,
    requests: source.requests,
    session: (number) => ({ turns: [one(number)] }),
  }
}

type OneRequest = (index: number) => Blueprint

function singleRequest(source: WorkloadSource): OneRequest {
  const { dataset, trace } = source
  if (trace) return (index) => traceRequest(source, trace, index)
  if (dataset) return (index) => datasetRequest(source, dataset, index)
  return (index) => syntheticRequest(source, index)
}

function syntheticRequest(source: WorkloadSource, index: number): Blueprint {
  const { inputTokens, outputTokens } = lengthsOf(source, index)
  return {
    index,
    messages: [userMessage(source, index, inputTokens)],
    inputTokens,
    outputTokens,
    thinkTimeNs: 0,
  }
}

/** One stream of random numbers a request and dimension: no order of asking can change what comes out. */
const draw = (seed: number, dimension: string, index: number) => createRandom(seed, `${dimension}:${index}`)

function lengthsOf({ profile, lexicon }: WorkloadSource, index: number) {
  const { workload, seeds } = profile
  const least = Math.max(1, lexicon.baseTokens)
  return {
    inputTokens: integerSampler(workload.inputTokens, draw(seeds.inputLengths, 'input', index), least)(),
    outputTokens: integerSampler(workload.outputTokens, draw(seeds.outputLengths, 'output', index), 1)(),
  }
}

/** Anchor, then the shared prefix if this request has one, then words of its own. */
function userMessage(source: WorkloadSource, index: number, inputTokens: number): Message {
  const { profile, lexicon, salt } = source
  const { prefix } = profile.workload
  const bodyTokens = inputTokens - lexicon.baseTokens
  const random = draw(profile.seeds.prompts, `prompt${salt}`, index)
  if (!prefix || random.uniform() >= prefix.share) {
    return { role: 'user', content: ANCHOR + wordsOf(bodyTokens, lexicon, random) }
  }
  const group = random.integer(0, prefix.groups - 1)
  const shared = draw(profile.seeds.prompts, `prefix${salt}`, group)
  const prefixTokens = Math.min(bodyTokens, integerSampler(prefix.tokens, shared, 0)())
  const sharedText = wordsOf(prefixTokens, lexicon, shared)
  return { role: 'user', content: ANCHOR + sharedText + wordsOf(bodyTokens - prefixTokens, lexicon, random) }
}

function traceRequest(source: WorkloadSource, trace: readonly TraceRow[], index: number): Blueprint {
  const row = trace[index % trace.length]
  if (row === undefined) throw new Error('a trace without rows')
  const inputTokens = Math.max(source.lexicon.baseTokens, row.inputTokens)
  const bodyTokens = inputTokens - source.lexicon.baseTokens
  const content = row.prefixBlocks
    ? ANCHOR + blocksOf(source, row.prefixBlocks, row.blockTokens ?? 512, bodyTokens)
    : userMessage(source, index, inputTokens).content
  return {
    index,
    messages: [{ role: 'user', content }],
    inputTokens,
    outputTokens: row.outputTokens,
    thinkTimeNs: 0,
  }
}

/** A prompt made of numbered blocks: equal numbers, equal text, so that prefixes are shared as in the trace. */
function blocksOf(
  { profile, lexicon, salt }: WorkloadSource,
  blocks: readonly number[],
  blockTokens: number,
  tokens: number,
) {
  let text = ''
  let left = tokens
  for (const block of blocks) {
    const size = Math.min(left, blockTokens)
    text += wordsOf(size, lexicon, draw(profile.seeds.prompts, `block${salt}`, block))
    left -= size
  }
  return text
}

function datasetRequest(source: WorkloadSource, dataset: readonly DatasetRow[], index: number): Blueprint {
  const row = dataset[index % dataset.length]
  if (row === undefined) throw new Error('a dataset without rows')
  const outputTokens = row.outputTokens ?? lengthsOf(source, index).outputTokens
  return { index, messages: row.messages, inputTokens: 0, outputTokens, thinkTimeNs: 0 }
}

/** Most requests that a conversation workload lays out beforehand. */
const MAX_TURNS = 1_000_000

function conversations(source: WorkloadSource): Workload {
  const { conversation } = source.profile.workload
  const { seeds } = source.profile
  const firstIndex: number[] = []
  let requests = 0
  const wanted = Math.min(source.requests, MAX_TURNS)
  for (let c = 0; requests < wanted; c++) {
    firstIndex.push(requests)
    const turns = integerSampler(conversation?.turns ?? 1, draw(seeds.conversations, 'turns', c), 1)()
    requests = Math.min(wanted, requests + turns)
  }
  return {
    sessions: firstIndex.length,
    requests,
    session(number) {
      const from = firstIndex[number] ?? requests
      const to = firstIndex[number + 1] ?? requests
      const think = sampler(conversation?.thinkTimeS ?? 0, draw(seeds.conversations, 'think', number))
      const turns = Array.from({ length: to - from }, (_, turn) => ({
        ...syntheticRequest(source, from + turn),
        conversation: number,
        turn,
        thinkTimeNs: turn === 0 ? 0 : think() * NS_PER_S,
      }))
      return { turns }
    },
  }
}
