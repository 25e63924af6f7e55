import { ANCHOR, WORDS } from './words.js'

/** Words with their cost in tokens, as the target counts them, and the cost of an otherwise empty prompt. */
export interface Lexicon {
  readonly source: 'server' | 'tokenizer-file' | 'calibrated' | 'dataset'
  /** Tokens of a prompt that holds the anchor alone: chat template, special tokens and anchor. */
  readonly baseTokens: number
  readonly words: readonly { readonly text: string; readonly tokens: number }[]
}

/** Counts the prompt tokens that a whole request with this prompt text would have. */
export type CountTokens = (text: string) => Promise<number>

const REPEATS = 16

/**
 * Finds what each word costs by counting it sixteen times over: words follow a space, so a tokenizer that splits at
 * spaces prices each by itself. Words whose sixteen-fold price is no multiple of sixteen are left out.
 */
export async function learnLexicon(source: Lexicon['source'], count: CountTokens): Promise<Lexicon> {
  const baseTokens = await count(ANCHOR)
  const priced = await Promise.all(
    WORDS.map(async (text) => ({
      text,
      tokens: ((await count(ANCHOR + ` ${text}`.repeat(REPEATS))) - baseTokens) / REPEATS,
    })),
  )
  const words = priced.filter((w) => Number.isInteger(w.tokens) && w.tokens > 0)
  if (words.length >= 4) return { source, baseTokens, words }
  // No additive words: take the mean price and let the measured error tell how far off that is.
  const mean = priced.reduce((sum, w) => sum + w.tokens, 0) / priced.length
  const tokens = Number.isFinite(mean) && mean > 0 ? mean : 1
  return { source, baseTokens, words: WORDS.map((text) => ({ text, tokens })) }
}
