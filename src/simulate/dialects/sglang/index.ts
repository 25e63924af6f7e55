import type { Served } from '../dialect.js'

export { generate as sglangGenerate } from './request.js'

/** `/server_info`: what the server was started with, and what came of it. */
export const serverInfo = ({ model, maxModelLen }: Served, slots: number, tokens: number): object => ({
  model_path: model,
  served_model_name: model,
  context_length: maxModelLen,
  max_running_requests: slots,
  max_total_num_tokens: tokens,
  internal_states: [],
  version: 'falloff-simulator',
})

/** `/model_info`. */
export const modelInfo = ({ model }: Served): object => ({
  model_path: model,
  tokenizer_path: model,
  is_generation: true,
  preferred_sampling_params: null,
  weight_version: 'default',
})
