import type { CauseRule } from '../../contract.js'

export const LLAMACPP_CAUSES: readonly CauseRule[] = [
  {
    cause: 'out-of-memory',
    pattern:
      /failed to allocate buffer for kv cache|failed to (?:initialize|create) the context|failed to create_context/i,
    says: 'there is too little memory for its KV cache',
    wayOut: 'Lower ctxSize (it is for all slots together), or take a smaller cacheTypeK and cacheTypeV.',
  },
  {
    cause: 'out-of-memory',
    pattern:
      /unable to allocate \w+ buffer|cudaMalloc failed|failed to allocate \w+ buffer|failed to fit .*memory/i,
    says: 'there is too little memory for its weights',
    wayOut: 'Lower gpuLayers, or take a smaller or more strongly quantised model.',
  },
  {
    cause: 'missing-model',
    pattern:
      /failed to open GGUF file|gguf_init_from_file: failed|invalid magic characters|llama_model_load: error loading model|failed to load model(?:, )?'?([^']*)'?/,
    says: 'it cannot load the model $1',
    wayOut: 'Check engine.model: the path of a whole GGUF file, where the engine runs.',
  },
  {
    cause: 'bad-flag',
    pattern: /^error: (?:invalid argument: (.+)|(.+argument.+)|(while handling argument .+))/,
    says: 'it does not take a flag: $1$2$3',
    wayOut: 'Correct engine.settings or engine.args; `llama-server --help` lists what this build takes.',
  },
]
