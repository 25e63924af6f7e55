import type { SettingSpec } from '../../contract.js'

const whole = (flag: string, what: string): SettingSpec => ({ flag, type: 'whole', what })
const number = (flag: string, what: string): SettingSpec => ({ flag, type: 'number', what })
const text = (flag: string, what: string): SettingSpec => ({ flag, type: 'text', what })
/** A flag that vLLM knows in two forms: `--enable-prefix-caching` and `--no-enable-prefix-caching`. */
const toggle = (name: string, what: string): SettingSpec => ({
  flag: `--${name}`,
  offFlag: `--no-${name}`,
  type: 'boolean',
  what,
})

/** Those that change how it serves. Any other flag can be given as an argument. */
export const VLLM_SETTINGS = {
  servedModelName: text('--served-model-name', 'what clients call the model'),
  maxNumSeqs: whole('--max-num-seqs', 'most requests in a batch'),
  maxNumBatchedTokens: whole('--max-num-batched-tokens', 'most tokens of a step'),
  gpuMemoryUtilization: number('--gpu-memory-utilization', 'share of the memory that it may take'),
  kvCacheMemoryBytes: whole('--kv-cache-memory-bytes', 'size of the KV cache of each GPU'),
  numGpuBlocksOverride: whole('--num-gpu-blocks-override', 'blocks of KV cache'),
  maxModelLen: whole('--max-model-len', 'tokens of the longest request'),
  blockSize: whole('--block-size', 'tokens of a block of KV cache'),
  kvCacheDtype: text('--kv-cache-dtype', 'number format of the KV cache'),
  dtype: text('--dtype', 'number format of weights and activations'),
  quantization: text('--quantization', 'how the weights are quantised'),
  enablePrefixCaching: toggle('enable-prefix-caching', 'keep the KV cache of prompts for later ones'),
  enableChunkedPrefill: toggle('enable-chunked-prefill', 'split long prompts over several steps'),
  longPrefillTokenThreshold: whole('--long-prefill-token-threshold', 'most tokens of one prompt in a step'),
  schedulingPolicy: text('--scheduling-policy', 'fcfs or priority'),
  asyncScheduling: toggle('async-scheduling', 'schedule a step while the one before runs'),
  streamInterval: whole('--stream-interval', 'tokens between two chunks of an answer'),
  enforceEager: toggle('enforce-eager', 'neither compile nor capture graphs'),
  performanceMode: text('--performance-mode', 'balanced, interactivity or throughput'),
  tensorParallelSize: whole('--tensor-parallel-size', 'GPUs that share each layer'),
  pipelineParallelSize: whole('--pipeline-parallel-size', 'GPUs that hold one part of the layers each'),
  dataParallelSize: whole('--data-parallel-size', 'replicas of the model'),
  cpuOffloadGb: number('--cpu-offload-gb', 'GiB of weights kept in the machine’s memory'),
  loadFormat: text('--load-format', 'how weights are read; dummy: they are not'),
  seed: whole('--seed', 'seed of its random numbers'),
} satisfies Readonly<Record<string, SettingSpec>>
