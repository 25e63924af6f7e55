import { randomUUID } from 'node:crypto'
import type { PromptRequest } from '../api.js'
import { bodyText } from '../body.js'

type Message = PromptRequest['messages'][number]

/**
 * Sampling parameters go out only when asked for: newer models refuse any. The API has no seed, and nothing that asks for
 * an exact length. It caches only what is marked, so that `off` is for vLLM, which takes `cache_salt`; Anthropic refuses it.
 */
export function encodeMessages(request: PromptRequest): string {
  const isMarked = request.promptCache === 'mark'
  const system = request.messages.filter(isSystem).map((message) => message.content)
  const turns = request.messages.filter((message) => !isSystem(message))
  return bodyText(
    {
      model: request.model,
      max_tokens: request.outputTokens,
      ...(system.length > 0 && { system: isMarked ? markedText(system.join('\n')) : system.join('\n') }),
      messages: isMarked ? turns.map((turn, i) => (i === turns.length - 1 ? markedTurn(turn) : turn)) : turns,
      ...(request.temperature !== undefined && { temperature: request.temperature }),
      ...(request.tools && { tools: request.tools }),
      ...(request.jsonSchema && {
        output_config: { format: { type: 'json_schema', schema: request.jsonSchema } },
      }),
      ...(request.promptCache === 'off' && { cache_salt: randomUUID() }),
      stream: true,
    },
    request.extraBody,
  )
}

const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer'

/** Everything up to the mark is cached: what requests share, and the conversation so far. */
const markedText = (text: string) => [{ type: 'text', text, cache_control: { type: 'ephemeral' } }]

const markedTurn = ({ role, content }: Message) => ({ role, content: markedText(content) })
