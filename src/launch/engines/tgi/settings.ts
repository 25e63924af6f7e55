import type { SettingSpec } from '../../contract.js'

/** Flags of `text-generation-launcher` that decide how it behaves under load. */
export const TGI_SETTINGS: Readonly<Record<string, SettingSpec>> = {
  maxConcurrentRequests: {
    flag: '--max-concurrent-requests',
    type: 'whole',
    what: 'requests that wait or run; more are refused',
  },
  maxInputTokens: { flag: '--max-input-tokens', type: 'whole', what: 'tokens of a prompt at most' },
  maxTotalTokens: { flag: '--max-total-tokens', type: 'whole', what: 'tokens of prompt and answer at most' },
  maxBatchPrefillTokens: {
    flag: '--max-batch-prefill-tokens',
    type: 'whole',
    what: 'tokens of all prompts in one step',
  },
  maxBatchTotalTokens: {
    flag: '--max-batch-total-tokens',
    type: 'whole',
    what: 'tokens in the KV cache; models with flash attention work it out themselves',
  },
  maxBatchSize: { flag: '--max-batch-size', type: 'whole', what: 'requests in a batch at most' },
  waitingServedRatio: {
    flag: '--waiting-served-ratio',
    type: 'number',
    what: 'waiting to running requests at which decoding is interrupted',
  },
  maxWaitingTokens: {
    flag: '--max-waiting-tokens',
    type: 'whole',
    what: 'decode steps after which waiting requests may join',
  },
  cudaMemoryFraction: {
    flag: '--cuda-memory-fraction',
    type: 'number',
    what: 'share of the GPU memory it may take',
  },
  cudaGraphs: {
    flag: '--cuda-graphs',
    type: 'text',
    what: 'batch sizes with a CUDA graph: 1,2,4; 0 for none',
  },
  numShard: { flag: '--num-shard', type: 'whole', what: 'GPUs that share every layer' },
  quantize: { flag: '--quantize', type: 'text', what: 'how the weights are quantised' },
  dtype: { flag: '--dtype', type: 'text', what: 'number format of the weights' },
  kvCacheDtype: { flag: '--kv-cache-dtype', type: 'text', what: 'number format of the KV cache' },
  speculate: { flag: '--speculate', type: 'whole', what: 'tokens guessed ahead' },
  validationWorkers: { flag: '--validation-workers', type: 'whole', what: 'threads that tokenize prompts' },
  prefillChunking: { flag: '--prefill-chunking', type: 'boolean', what: 'splits prompts over steps' },
}
