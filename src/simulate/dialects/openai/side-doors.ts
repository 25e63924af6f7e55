import { z } from 'zod'
import { tokenize, tokenizeChat } from '../../tokenizer.js'
import { checked, flag, messages, plainMessages } from '../body.js'
import type { Served } from '../dialect.js'

const tokenizeSchema = z.union([
  z.looseObject({ messages, add_generation_prompt: flag }),
  z.looseObject({ prompt: z.string() }),
  z.looseObject({ content: z.string() }),
])

/** `/tokenize`: vLLM takes a prompt as it stands, or messages through the chat template; llama.cpp calls it `content`. */
export function tokenizeAnswer(body: unknown, { maxModelLen }: Served): object {
  const given = checked(tokenizeSchema, body)
  if (isContent(given)) return { tokens: [...tokenize(given.content)] }
  const ids = isMessages(given)
    ? tokenizeChat(plainMessages(given.messages), given.add_generation_prompt ?? true)
    : tokenize(String(given.prompt))
  return { count: ids.length, max_model_len: maxModelLen, tokens: [...ids], token_strs: null }
}

type Given = z.output<typeof tokenizeSchema>
type MessagesGiven = { messages: z.output<typeof messages>; add_generation_prompt?: boolean | null }

const isMessages = (given: Given): given is Given & MessagesGiven => Array.isArray(given.messages)
const isContent = (given: Given): given is Given & { content: string } =>
  !isMessages(given) && typeof given.prompt !== 'string' && typeof given.content === 'string'

/** `owned_by` is how a client tells the simulator from the engine it plays. */
export const modelList = ({ model, maxModelLen }: Served): object => ({
  object: 'list',
  data: [
    {
      id: model,
      object: 'model',
      created: 0,
      owned_by: 'falloff-simulator',
      root: model,
      parent: null,
      max_model_len: maxModelLen,
    },
  ],
})
