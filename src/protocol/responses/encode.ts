import { randomUUID } from 'node:crypto'
import type { PromptRequest } from '../api.js'
import { bodyText } from '../body.js'

/**
 * An answer that is not asked for again need not be stored. Of the knobs for an exact length vLLM knows `ignore_eos` here,
 * and no `min_tokens`; OpenAI refuses it, as it does `seed` and `cache_salt`, which are sent only when asked for.
 */
export const encodeResponses = (request: PromptRequest): string =>
  bodyText(
    {
      model: request.model,
      input: request.messages,
      max_output_tokens: request.outputTokens,
      temperature: request.temperature ?? 0,
      ...(request.seed !== undefined && { seed: request.seed }),
      ...(request.tools && { tools: request.tools }),
      ...(request.jsonSchema && {
        text: { format: { type: 'json_schema', name: 'answer', schema: request.jsonSchema } },
      }),
      ...(request.promptCache === 'off' && { cache_salt: randomUUID() }),
      store: false,
      stream: true,
      ...(request.exactOutput && { ignore_eos: true }),
    },
    request.extraBody,
  )
