import { type Asker, objectIn } from './asker.js'
import type { Question } from './tries.js'

/** What `/tokenize` said to a few words. */
export type TokenizerFinding =
  /** In the form that `tokenizer: server` reads. */
  | { readonly kind: 'counts'; readonly tokens: number }
  | { readonly kind: 'other form' }
  | { readonly kind: 'none'; readonly why: string }

/** What is sent to be counted. */
export const COUNTED_TEXT = 'How many tokens is this?'

/** Asks as a run would: with messages where the API has them, so that a chat template counts too. */
export async function tryTokenizer(
  asker: Asker,
  api: string,
  { model, headers, deadlineMs }: Pick<Question, 'model' | 'headers' | 'deadlineMs'>,
): Promise<TokenizerFinding> {
  const content =
    api === 'openai-chat' ? { messages: [{ role: 'user', content: COUNTED_TEXT }] } : { prompt: COUNTED_TEXT }
  const answer = await asker.ask({
    path: '/tokenize',
    body: JSON.stringify({ model, ...content }),
    ...{ headers, deadlineMs },
  })
  const { status, text, failure } = answer
  const told = objectIn(answer)
  if (typeof told?.count === 'number') return { kind: 'counts', tokens: told.count }
  // llama.cpp wraps the list of tokens, TGI does not.
  const isList = Array.isArray(told?.tokens) || (status === 200 && /^\s*\[/.test(text))
  if (isList) return { kind: 'other form' }
  return { kind: 'none', why: failure?.message ?? `HTTP ${status}${status === 200 ? ', no count' : ''}` }
}
