import { createRandom } from '../base/index.js'
import type { SimulatorSettings } from './description-schema.js'
import type { FinishReason } from './sequence.js'
import { tokenIdOf } from './tokenizer.js'

/** Every word is one piece of the tokenizer: at most six letters, with its space. */
const WORDS = (
  'amber basin cedar delta ember fjord glade haven inlet jetty kelp ledge maple north ochre pine quartz river slate tide ' +
  'upland vale willow yarrow zephyr arch bloom crest drift echo flint grove harbor isle jasper knoll lagoon meadow nectar ' +
  'orbit petal quill reef spruce thorn umber vista wharf azure birch canyon dune eddy fern garnet hollow ivory juno'
)
  .split(' ')
  .map((word) => ` ${word}`)
const IDS = WORDS.map(tokenIdOf)
const END_OF_SEQUENCE = 4

/** What a request asks of its output. */
export interface OutputWish {
  /** Most tokens, after every limit. */
  readonly maxTokens: number
  readonly minTokens: number
  readonly ignoreEos: boolean
  /** Same seed, same words and same length. */
  readonly seed: number
}

/** The whole output of a request, decided before it starts. */
export interface OutputPlan {
  readonly tokens: number
  readonly finish: FinishReason
  /** Text of the `index`-th token; empty for the end-of-sequence token. */
  textAt(index: number): string
  idAt(index: number): number
}

/** Cheap integer mix: a different word for every position, the same for the same seed. */
const wordIndex = (seed: number, index: number): number => {
  let h = Math.imul(seed ^ (index + 0x9e3779b9), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) % WORDS.length
}

/**
 * Decides text, length and finish reason. Unless `ignoreEos` is set, the output ends by itself after a lognormal number
 * of tokens (`naturalMedianTokens`, `naturalSigma`, drawn from the request's seed, at least `minTokens`). The last of them is
 * the end-of-sequence token, which counts in `usage` but has no text, as with a real model.
 */
export function planOutput(wish: OutputWish, settings: SimulatorSettings): OutputPlan {
  const natural =
    settings.naturalMedianTokens *
    Math.exp(settings.naturalSigma * createRandom(wish.seed, 'length').normal())
  const untilEos = wish.ignoreEos
    ? Number.POSITIVE_INFINITY
    : Math.max(1, wish.minTokens + 1, Math.round(natural))
  const stops = untilEos <= wish.maxTokens
  const tokens = stops ? untilEos : wish.maxTokens
  const isEnd = (index: number) => stops && index === tokens - 1
  return {
    tokens,
    finish: stops ? 'stop' : 'length',
    textAt: (index) => (isEnd(index) ? '' : (WORDS[wordIndex(wish.seed, index)] ?? '')),
    idAt: (index) => (isEnd(index) ? END_OF_SEQUENCE : (IDS[wordIndex(wish.seed, index)] ?? 0)),
  }
}
