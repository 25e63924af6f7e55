import type { SettingSpec } from '../../contract.js'

/** Flags of `sglang.launch_server` that decide how it behaves under load. */
export const SGLANG_SETTINGS: Readonly<Record<string, SettingSpec>> = {
  maxRunningRequests: { flag: '--max-running-requests', type: 'whole', what: 'requests in a batch at most' },
  maxQueuedRequests: {
    flag: '--max-queued-requests',
    type: 'whole',
    what: 'requests that may wait; more are refused',
  },
  maxTotalTokens: { flag: '--max-total-tokens', type: 'whole', what: 'tokens in the KV cache' },
  memFractionStatic: {
    flag: '--mem-fraction-static',
    type: 'number',
    what: 'share of the GPU memory for weights and KV cache',
  },
  chunkedPrefillSize: {
    flag: '--chunked-prefill-size',
    type: 'whole',
    what: 'tokens of a prompt in one step; -1 does not chunk',
  },
  maxPrefillTokens: {
    flag: '--max-prefill-tokens',
    type: 'whole',
    what: 'tokens of all prompts in one step',
  },
  schedulePolicy: {
    flag: '--schedule-policy',
    type: 'text',
    what: 'order of waiting requests: fcfs, lpm, …',
  },
  scheduleConservativeness: {
    flag: '--schedule-conservativeness',
    type: 'number',
    what: 'how carefully requests are let in; higher retracts fewer',
  },
  contextLength: { flag: '--context-length', type: 'whole', what: 'tokens of prompt and answer at most' },
  pageSize: { flag: '--page-size', type: 'whole', what: 'tokens in a page of the KV cache' },
  kvCacheDtype: { flag: '--kv-cache-dtype', type: 'text', what: 'number format of the KV cache' },
  dtype: { flag: '--dtype', type: 'text', what: 'number format of the weights' },
  quantization: { flag: '--quantization', type: 'text', what: 'how the weights are quantised' },
  attentionBackend: { flag: '--attention-backend', type: 'text', what: 'kernels of attention' },
  disableRadixCache: {
    flag: '--disable-radix-cache',
    type: 'boolean',
    what: 'shares no prefixes between requests',
  },
  disableCudaGraph: { flag: '--disable-cuda-graph', type: 'boolean', what: 'captures no CUDA graphs' },
  cudaGraphMaxBs: {
    flag: '--cuda-graph-max-bs',
    type: 'whole',
    what: 'largest batch with a CUDA graph of its own',
  },
  enableTorchCompile: { flag: '--enable-torch-compile', type: 'boolean', what: 'compiles the model' },
  streamInterval: {
    flag: '--stream-interval',
    type: 'whole',
    what: 'decode steps between two events of a stream',
  },
  tensorParallelSize: { flag: '--tp-size', type: 'whole', what: 'GPUs that share every layer' },
  dataParallelSize: { flag: '--dp-size', type: 'whole', what: 'copies of the model' },
}
