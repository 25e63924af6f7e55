import type { CauseRule } from '../../contract.js'

export const TGI_CAUSES: readonly CauseRule[] = [
  {
    cause: 'kv-too-small',
    pattern: /`max_total_tokens` must be <= `max_batch_total_tokens`\. Given: (\d+) and (\d+)/,
    says: 'the KV cache holds $2 tokens, and one request may need $1',
    wayOut:
      'Lower maxTotalTokens, or give it more memory: more shards, a quantised model, a higher cudaMemoryFraction.',
  },
  {
    cause: 'out-of-memory',
    pattern: /Not enough memory to handle (?:(\d+) (?:prefill|total) tokens)?/i,
    says: 'the GPU has too little memory for the warm-up with the longest prompts',
    wayOut: 'Lower maxBatchPrefillTokens or maxInputTokens, or use more shards.',
  },
  {
    cause: 'bad-flag',
    pattern:
      /ArgumentValidation\("?(.+?)"?\)?$|error: (?:unexpected argument|invalid value|a value is required for) (.+)/,
    says: 'it does not take its arguments: $1$2',
    wayOut:
      'Correct engine.settings or engine.args; `text-generation-launcher --help` lists what this version takes.',
  },
  {
    cause: 'missing-model',
    pattern: /(?:LocalEntryNotFoundError|RepositoryNotFoundError|EntryNotFoundError|Repository Not Found)/,
    says: 'it cannot find the model',
    wayOut: 'Check engine.model; a gated model needs HF_TOKEN in engine.env.',
  },
  {
    cause: 'no-gpu',
    pattern: /(?:Unable to use Device|CUDA is not available|no GPUs? (?:were|was) found)/i,
    says: 'it finds no GPU that it can use',
    wayOut: 'Look at `nvidia-smi`; in a container, at the NVIDIA container toolkit.',
  },
]
