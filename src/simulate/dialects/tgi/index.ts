import type { Served } from '../dialect.js'

export { generateEither, generateStream, generateWhole } from './request.js'

/** `/info`: what the router tells of itself. */
export const info = ({ model, maxModelLen }: Served, slots: number): object => ({
  model_id: model,
  model_sha: null,
  model_pipeline_tag: 'text-generation',
  max_concurrent_requests: slots,
  max_best_of: 1,
  max_stop_sequences: 4,
  max_input_tokens: maxModelLen - 1,
  max_total_tokens: maxModelLen,
  validation_workers: 1,
  max_client_batch_size: 1,
  router: 'text-generation-router',
  version: '3.3.7',
  sha: null,
  docker_label: 'falloff-simulator',
})
