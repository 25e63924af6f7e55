import { randomUUID } from 'node:crypto'
import type { PromptRequest } from '../api.js'

/**
 * `max_tokens` is the name every self-hosted server takes and OpenAI's reasoning models refuse; a profile that targets
 * those sets `max_completion_tokens` through `extraBody`, and `max_tokens: null` there leaves the old name out.
 */
export function encodeBody(request: PromptRequest, content: Readonly<Record<string, unknown>>): string {
  const body: Record<string, unknown> = {
    model: request.model,
    ...content,
    max_tokens: request.outputTokens,
    temperature: request.temperature ?? 0,
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(request.tools && { tools: request.tools }),
    ...(request.jsonSchema && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: request.jsonSchema } },
    }),
    ...(request.promptCache === 'off' && { cache_salt: randomUUID() }),
    stream: true,
    stream_options: { include_usage: true, ...(request.chunkUsage && { continuous_usage_stats: true }) },
    ...(request.exactOutput && { ignore_eos: true, min_tokens: request.outputTokens }),
    ...request.extraBody,
  }
  for (const [key, value] of Object.entries(body)) if (value === null) delete body[key]
  return JSON.stringify(body)
}
