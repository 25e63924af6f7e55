import { hash32 } from '../base/index.js'

/**
 * A toy tokenizer whose counts are exact and stable: a piece is up to six letters or digits, or one other character,
 * each with the white space before it; white space at the very end is a piece of its own. Joined pieces give the text back.
 * Ids are hashes of the pieces, so equal texts give equal ids and the prefix cache works; ids cannot be turned back.
 */
const PIECE = /\s*(?:[\p{L}\p{N}]{1,6}|[^\s\p{L}\p{N}])|\s+/gu

const VOCABULARY = 128_000
/** Ids below this are the chat template's own. */
const SPECIALS = 256
const START = 1
const HEADER_END = 2
const MESSAGE_END = 3

/** Tokens that the chat template adds to each message, and once for the answer to come. */
export const TEMPLATE_TOKENS = { perMessage: 4, answer: 3 } as const

export interface ChatMessage {
  readonly role: string
  readonly content: string
}

const pieces = (text: string): readonly string[] => text.match(PIECE) ?? []

export const tokenIdOf = (piece: string): number => SPECIALS + (hash32(piece) % (VOCABULARY - SPECIALS))

export const tokenize = (text: string): Int32Array => Int32Array.from(pieces(text), tokenIdOf)

/** `start role header-end content message-end` per message, then `start assistant header-end` for the answer. */
export function tokenizeChat(messages: readonly ChatMessage[], withAnswer = true): Int32Array {
  const ids: number[] = []
  for (const { role, content } of messages) {
    ids.push(START, tokenIdOf(role), HEADER_END, ...pieces(content).map(tokenIdOf), MESSAGE_END)
  }
  if (withAnswer) ids.push(START, tokenIdOf('assistant'), HEADER_END)
  return Int32Array.from(ids)
}
