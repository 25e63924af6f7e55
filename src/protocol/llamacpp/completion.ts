import type { Api, PromptRequest } from '../api.js'
import { bearer } from '../bearer.js'
import { bodyText, promptOf } from '../body.js'
import { httpFailure } from '../failure.js'
import { createLlamaCppDecoder } from './stream.js'

/** The own API of llama.cpp's server. */
export const llamaCppCompletion: Api = {
  name: 'llamacpp-completion',
  path: '/completion',
  headers: {},
  authorize: bearer,
  encode,
  createDecoder: createLlamaCppDecoder,
  failureOf: httpFailure,
}

/** It uses its cache unless told otherwise. Tools are for its chat only. The model's name chooses one where it has several. */
function encode(request: PromptRequest): string {
  return bodyText(
    {
      model: request.model,
      prompt: promptOf(request),
      n_predict: request.outputTokens,
      temperature: request.temperature ?? 0,
      ...(request.seed !== undefined && { seed: request.seed }),
      ...(request.jsonSchema && { json_schema: request.jsonSchema }),
      ...(request.promptCache === 'off' && { cache_prompt: false }),
      ...(request.exactOutput && { ignore_eos: true }),
      stream: true,
    },
    request.extraBody,
  )
}
