import type { SettingSpec } from '../../contract.js'

/** Flags of `llama-server` that decide how it behaves under load. */
export const LLAMACPP_SETTINGS: Readonly<Record<string, SettingSpec>> = {
  parallel: { flag: '--parallel', type: 'whole', what: 'slots: requests served at once' },
  ctxSize: {
    flag: '--ctx-size',
    type: 'whole',
    what: 'tokens in the KV cache, all slots together; 0 as the model was trained',
  },
  kvUnified: {
    flag: '--kv-unified',
    offFlag: '--no-kv-unified',
    type: 'boolean',
    what: 'slots share one KV cache instead of having a part each',
  },
  batchSize: { flag: '--batch-size', type: 'whole', what: 'tokens given to the model at once' },
  ubatchSize: { flag: '--ubatch-size', type: 'whole', what: 'tokens worked on at once' },
  contBatching: {
    flag: '--cont-batching',
    offFlag: '--no-cont-batching',
    type: 'boolean',
    what: 'requests join while others are served',
  },
  cacheTypeK: { flag: '--cache-type-k', type: 'text', what: 'number format of the keys: f16, q8_0, …' },
  cacheTypeV: { flag: '--cache-type-v', type: 'text', what: 'number format of the values: f16, q8_0, …' },
  flashAttn: { flag: '--flash-attn', type: 'text', what: 'flash attention: on, off or auto' },
  cachePrompt: {
    flag: '--cache-prompt',
    offFlag: '--no-cache-prompt',
    type: 'boolean',
    what: 'keeps prompts that begin alike',
  },
  cacheReuse: {
    flag: '--cache-reuse',
    type: 'whole',
    what: 'smallest piece of a kept prompt that is used again',
  },
  cacheRam: { flag: '--cache-ram', type: 'whole', what: 'MiB of host memory for kept prompts' },
  gpuLayers: { flag: '--n-gpu-layers', type: 'whole', what: 'layers on the GPU' },
  threads: { flag: '--threads', type: 'whole', what: 'threads that decode' },
  threadsBatch: { flag: '--threads-batch', type: 'whole', what: 'threads that work on prompts' },
  threadsHttp: { flag: '--threads-http', type: 'whole', what: 'threads that talk to clients' },
  mmap: {
    flag: '--mmap',
    offFlag: '--no-mmap',
    type: 'boolean',
    what: 'maps the weights instead of reading them',
  },
  mlock: { flag: '--mlock', type: 'boolean', what: 'keeps the weights in memory' },
}
