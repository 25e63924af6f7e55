import type { Random } from '../base/index.js'
import type { Lexicon } from './lexicon.js'

/** Random words that cost `tokens` tokens in all, each preceded by a space. Empty for none. */
export function wordsOf(tokens: number, lexicon: Lexicon, random: Random): string {
  const { words } = lexicon
  const dearest = Math.max(...words.map((w) => w.tokens))
  const small = [...words].sort((a, b) => a.tokens - b.tokens)
  let text = ''
  let left = tokens
  while (left >= dearest) {
    const word = words[random.integer(0, words.length - 1)]
    if (word === undefined) break
    text += ` ${word.text}`
    left -= word.tokens
  }
  // The last few tokens: the cheapest word until nothing fits.
  const cheapest = small[0]
  while (cheapest !== undefined && left >= cheapest.tokens) {
    text += ` ${cheapest.text}`
    left -= cheapest.tokens
  }
  return text
}
