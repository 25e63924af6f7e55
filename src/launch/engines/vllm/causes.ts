import type { CauseRule } from '../../contract.js'

/** As vLLM 0.32 says it; the older wordings beside it. */
export const VLLM_CAUSES: readonly CauseRule[] = [
  {
    cause: 'kv-too-small',
    pattern: /max seq len \((\d+)\).*KV cache is needed.*available KV cache memory \(([\d.]+) GiB\)/,
    says: 'its KV cache of $2 GiB does not hold one request of $1 tokens',
    wayOut:
      'Lower maxModelLen, or give the cache more: gpuMemoryUtilization, kvCacheMemoryBytes or numGpuBlocksOverride.',
  },
  {
    cause: 'kv-too-small',
    pattern:
      /max seq len \((\d+)\) is larger than the maximum number of tokens that can be stored in KV cache \((\d+)\)/,
    says: 'its KV cache of $2 tokens does not hold one request of $1 tokens',
    wayOut: 'Lower maxModelLen, or give the cache more: gpuMemoryUtilization or numGpuBlocksOverride.',
  },
  {
    cause: 'kv-too-small',
    pattern: /No available memory for the cache blocks/,
    says: 'no memory is left for a KV cache',
    wayOut:
      'Raise gpuMemoryUtilization (or numGpuBlocksOverride, where it is set), lower maxNumBatchedTokens, or take a smaller or quantised model.',
  },
  {
    cause: 'out-of-memory',
    pattern:
      /Available memory on node \d+ \(([\d.]+)\/[\d.]+ GiB\).*less than requested memory for kv \(([\d.]+)(?:\/[\d.]+)? GiB\)/,
    says: 'it is to have $2 GiB of KV cache, and the machine has $1 GiB left',
    wayOut: 'Lower kvCacheMemoryBytes, VLLM_CPU_KVCACHE_SPACE (GiB) or gpuMemoryUtilization, or free memory.',
  },
  {
    cause: 'out-of-memory',
    pattern: /Free memory on device.*\(([\d.]+)\/([\d.]+) GiB\).*is less than desired GPU memory utilization/,
    says: 'only $1 of the GPU’s $2 GiB are free, less than it is to take',
    wayOut: 'Lower gpuMemoryUtilization, or end what else uses the GPU.',
  },
  {
    cause: 'bad-flag',
    pattern:
      /max_num_batched_tokens \((\d+)\) (?:is smaller than|must be greater than or equal to) max_num_seqs \((\d+)\)/,
    says: 'maxNumBatchedTokens ($1) is smaller than maxNumSeqs ($2)',
    wayOut: 'Every running request takes a token of a step: raise the one or lower the other.',
  },
  {
    cause: 'bad-flag',
    pattern: /max_model_len \((\d+)\) is greater than the derived max_model_len \(\w+=(\d+)/,
    says: 'maxModelLen ($1) is beyond the $2 tokens that the model was made for',
    wayOut: 'Lower maxModelLen.',
  },
  {
    cause: 'no-gpu',
    pattern:
      /Not enough allowed NUMA nodes to bind threads of (\d+) local|World size \((\d+)\) is larger than the number of available GPUs/,
    says: 'it is to use $1$2 devices, and there are fewer',
    wayOut: 'Lower tensorParallelSize, pipelineParallelSize or dataParallelSize, or give it more devices.',
  },
  {
    cause: 'bad-flag',
    pattern: /vllm: error: (.+)/,
    says: 'it does not take its flags: $1',
    wayOut: 'Correct engine.settings or engine.args; `vllm serve --help=all` lists what this version takes.',
  },
]
