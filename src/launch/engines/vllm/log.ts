import type { LogReader } from '../../contract.js'
import { createLogReader, type FactRule, GIB, grouped, type PhaseMark } from '../../log-reader.js'

/**
 * Phases as vLLM 0.32 tells them, on GPUs and on CPUs, and the releases before it; of several marks that fit a line the
 * first one counts. What stands in brackets is there only when it compiles or captures graphs.
 *
 *     first line ──import──▶ Starting to load ──weights──▶ Model loading took ──profiling──▶ [──compile──▶ ──profiling──▶]
 *     KV memory known ──kv-cache──▶ [graphs or warm-up ──compile──▶] init engine took ──serving
 */
const MARKS: readonly PhaseMark[] = [
  { pattern: /init engine \(profile|Graph capturing finished|Warming up done/, begins: 'serving' },
  { pattern: /Capturing CUDA graphs|Warming up model for the compilation/, begins: 'compile' },
  {
    pattern:
      /Available KV cache memory|(?:Explicitly|Auto) set \([\d.]+\/[\d.]+\) GiB for KV cache|# \w+ blocks: \d/,
    begins: 'kv-cache',
  },
  { pattern: /torch\.compile (?:takes|took)/, begins: 'profiling' },
  {
    pattern: /Starting torch\.compile|for vLLM's torch\.compile|Dynamo bytecode transform/,
    begins: 'compile',
  },
  { pattern: /Model loading took|Reducing Torch threads|Using \w+ KV cache layout/, begins: 'profiling' },
  { pattern: /Starting to load model/, begins: 'weights' },
]

/** Its first words come when Python has read the modules that everything else rests on. */
const FIRST: PhaseMark = { pattern: /\S/, begins: 'import' }

const RULES: readonly FactRule[] = [
  {
    pattern: /Initializing an? (?:V1 )?LLM engine \(v([^)]+)\)/,
    tells: ([, version = '']) => ({ version }),
  },
  { pattern: /Using max model len (\d+)/, tells: ([, len]) => ({ maxModelLen: Number(len) }) },
  { pattern: /with config: .*\bdtype=torch\.(\w+)/, tells: ([, dtype = '']) => ({ dtype }) },
  // The last bound of what is compiled is the longest step.
  {
    pattern: /'compile_ranges_endpoints': \[(?:\d+, )*(\d+)\]/,
    tells: ([, tokens]) => ({ maxNumBatchedTokens: Number(tokens) }),
  },
  {
    pattern: /max_num_batched_tokens'?[=:] ?(\d+)/,
    tells: ([, tokens]) => ({ maxNumBatchedTokens: Number(tokens) }),
  },
  {
    pattern: /non-default args: .*'max_num_seqs': (\d+)/,
    tells: ([, seqs]) => ({ maxNumSeqs: Number(seqs) }),
  },
  {
    pattern: /Using (?:(\w+) attention backend|(\w+(?: \w+)?) backend (?:out of|on V1))/,
    tells: ([, name, older]) => ({ attentionBackend: name ?? older ?? '' }),
  },
  {
    pattern: /Model loading took ([\d.]+) (?:GiB|GB)/,
    tells: ([, gib]) => ({ weightBytes: Math.round(Number(gib) * GIB) }),
  },
  {
    pattern:
      /Available KV cache memory: ([\d.]+) GiB|(?:Explicitly|Auto) set \(([\d.]+)\/[\d.]+\) GiB for KV cache/,
    tells: ([, gpu, cpu]) => ({ kvMemoryBytes: Math.round(Number(gpu ?? cpu) * GIB) }),
  },
  {
    pattern: /num_gpu_blocks_override=(\d+)|# \w+ blocks: (\d+)/,
    tells: ([, given, counted]) => ({ kvBlocks: Number(given ?? counted) }),
  },
  { pattern: /KV cache size: ([\d,]+) tokens/, tells: ([, tokens]) => ({ kvCacheTokens: grouped(tokens) }) },
  {
    pattern: /Maximum concurrency for [\d,]+ tokens per request: ([\d.]+)x/,
    tells: ([, requests]) => ({ maxConcurrency: Number(requests) }),
  },
]

export const createVllmReader = (): LogReader => createLogReader(MARKS, RULES, FIRST)
