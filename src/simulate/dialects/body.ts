import { z } from 'zod'
import { hash32 } from '../../base/index.js'
import { invalid } from '../request-error.js'
import type { ChatMessage } from '../tokenizer.js'

/** A number of tokens; null is as good as nothing. */
export const tokenCount = z.int().min(0).nullish()
export const flag = z.boolean().nullish()
export const tokenIds = z.array(z.int().min(0)).min(1)

/** Text as it stands, or in parts of which those without text count nothing. */
export const content = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))])
export const messages = z.array(z.looseObject({ role: z.string(), content: content.nullish() })).min(1)

type Content = z.output<typeof content>

export const textOf = (given: Content | null | undefined): string =>
  typeof given === 'string' ? given : (given ?? []).map((part) => part.text ?? '').join('')

export const plainMessages = (given: z.output<typeof messages>): ChatMessage[] =>
  given.map((message) => ({ role: message.role, content: textOf(message.content) }))

/** A system prompt before the rest, where there is one. */
export const withSystem = (system: string, rest: readonly ChatMessage[]): readonly ChatMessage[] =>
  system === '' ? rest : [{ role: 'system', content: system }, ...rest]

/** @throws RequestError that names the first member at fault */
export function checked<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue?.path.join('.') || 'body'
  throw invalid(`${place}: ${issue?.message ?? 'cannot be used'}`, place)
}

/** Same prompt and seed, same output: what a request for greedy or seeded sampling is owed. */
export function outputSeed(
  prompt: Int32Array,
  { seed, greedy }: { readonly seed: number | null | undefined; readonly greedy: boolean },
): number | undefined {
  return typeof seed === 'number' || greedy ? hash32(`${seed ?? ''} ${prompt.join()}`) : undefined
}

/** What keeps a prompt apart from others with the same text; 0 for nothing. */
export const saltOf = (text: string | null | undefined): number => (text ? hash32(text) : 0)

/** Whether a body asks for a stream, as far as it can be read. */
export const asksForStream = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'stream' in body && body.stream === true
