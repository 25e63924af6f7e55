import type { SettingSpec } from '../../contract.js'

/** What `ollama serve` takes; all of it comes from its environment. */
export const OLLAMA_SETTINGS: Readonly<Record<string, SettingSpec>> = {
  numParallel: { flag: 'OLLAMA_NUM_PARALLEL', type: 'whole', what: 'requests served at once by one model' },
  maxQueue: { flag: 'OLLAMA_MAX_QUEUE', type: 'whole', what: 'requests that may wait; more are refused' },
  maxLoadedModels: { flag: 'OLLAMA_MAX_LOADED_MODELS', type: 'whole', what: 'models in memory at once' },
  contextLength: {
    flag: 'OLLAMA_CONTEXT_LENGTH',
    type: 'whole',
    what: 'tokens of prompt and answer of one request',
  },
  flashAttention: { flag: 'OLLAMA_FLASH_ATTENTION', type: 'boolean', what: 'flash attention' },
  kvCacheType: {
    flag: 'OLLAMA_KV_CACHE_TYPE',
    type: 'text',
    what: 'number format of the KV cache: f16, q8_0, q4_0',
  },
  multiuserCache: { flag: 'OLLAMA_MULTIUSER_CACHE', type: 'boolean', what: 'keeps prompts for many users' },
  newEngine: { flag: 'OLLAMA_NEW_ENGINE', type: 'boolean', what: 'runs models on its own engine' },
  schedSpread: { flag: 'OLLAMA_SCHED_SPREAD', type: 'boolean', what: 'spreads a model over all GPUs' },
  gpuOverhead: { flag: 'OLLAMA_GPU_OVERHEAD', type: 'whole', what: 'bytes of GPU memory to leave free' },
  keepAlive: {
    flag: 'OLLAMA_KEEP_ALIVE',
    type: 'text',
    what: 'how long an idle model stays in memory: 5m, -1 for ever',
  },
  loadTimeout: {
    flag: 'OLLAMA_LOAD_TIMEOUT',
    type: 'text',
    what: 'how long loading a model may stand still: 5m',
  },
  llmLibrary: {
    flag: 'OLLAMA_LLM_LIBRARY',
    type: 'text',
    what: 'library that computes, instead of the one it picks',
  },
}
