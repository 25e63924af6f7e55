import { randomUUID } from 'node:crypto'
import type { Api, PromptRequest } from '../api.js'
import { bearer } from '../bearer.js'
import { bodyText, promptOf } from '../body.js'
import { httpFailure } from '../failure.js'
import { createSglangDecoder } from './stream.js'

/** SGLang's own API. */
export const sglangGenerate: Api = {
  name: 'sglang-generate',
  path: '/generate',
  headers: {},
  authorize: bearer,
  encode,
  createDecoder: createSglangDecoder,
  failureOf: httpFailure,
}

/** It serves one model, and takes no tools here. The key of its cache can be salted. */
function encode(request: PromptRequest): string {
  const { outputTokens, seed, jsonSchema } = request
  const sampling = {
    max_new_tokens: outputTokens,
    temperature: request.temperature ?? 0,
    ...(seed !== undefined && { sampling_seed: seed }),
    ...(jsonSchema && { json_schema: JSON.stringify(jsonSchema) }),
    ...(request.exactOutput && { ignore_eos: true, min_new_tokens: outputTokens }),
  }
  const body = {
    text: promptOf(request),
    sampling_params: sampling,
    ...(request.promptCache === 'off' && { extra_key: randomUUID() }),
    stream: true,
  }
  return bodyText(body, request.extraBody)
}
