import { describe, expect, test } from 'vitest'
import { engineKind } from '../../src/launch/engines/index.js'
import type { LaunchFacts, StartPhase } from '../../src/record/index.js'
import { SGLANG_LINES } from './fakes/choice.js'
import { OLLAMA_LINES } from './fakes/ollama-log.js'

const GIB = 1024 ** 3
const MIB = 1024 ** 2

/** The lines, one a second, the first after one. */
function read(kind: string, lines: readonly string[]): { facts: LaunchFacts; phases: readonly StartPhase[] } {
  const reader = engineKind(kind).createReader()
  for (const [i, line] of lines.entries()) reader.line(line, i + 1)
  return { facts: reader.facts(), phases: reader.phases() }
}

const TGI_LINES = [
  '2026-11-21T10:00:00.0Z  INFO text_generation_launcher: Args {',
  '    max_total_tokens: Some(',
  '        4096,',
  '    ),',
  '    max_batch_prefill_tokens: Some(',
  '        2048,',
  '    ),',
  '    max_batch_size: None,',
  '2026-11-21T10:00:01.0Z  INFO text_generation_launcher: Using attention flashinfer - Prefix caching true',
  '2026-11-21T10:00:01.1Z  INFO download: text_generation_launcher: Starting check and download process for m',
  '2026-11-21T10:00:04.0Z  INFO shard-manager: text_generation_launcher: Starting shard rank=0',
  '\u001b[2m2026-11-21T10:00:20.0Z\u001b[0m \u001b[32m INFO\u001b[0m shard-manager: text_generation_launcher: Shard ready in 16.1s \u001b[3mrank\u001b[0m=0',
  '2026-11-21T10:00:21.0Z  INFO text_generation_router_v3: backends/v3/src/lib.rs:125: Warming up model',
  '2026-11-21T10:00:23.0Z  INFO text_generation_launcher: KV-cache blocks: 801568, size: 1',
  '2026-11-21T10:00:23.5Z  INFO text_generation_launcher: Cuda Graphs are enabled for sizes [32, 16, 8, 4, 2, 1]',
  '2026-11-21T10:00:25.0Z  INFO text_generation_router_v3: backends/v3/src/lib.rs:137: Setting max batch total tokens to 801568',
  '2026-11-21T10:00:25.1Z  INFO text_generation_router::server: router/src/server.rs:2310: Connected',
]

const LLAMACPP_LINES = [
  'build: 6765 (5acd45546) with cc (Debian) for x86_64-linux-gnu',
  "srv    load_model: loading model '/models/m.gguf'",
  'print_info: file type   = Q6_K',
  'print_info: file size   = 18.31 GiB (6.67 BPW) ',
  'load_tensors: loading model tensors, this can take a while... (mmap = true)',
  'llama_context: constructing llama_context',
  'llama_context: n_ctx         = 16384',
  'llama_context: n_ctx_seq     = 4096',
  'llama_context: n_batch       = 2048',
  'llama_context: flash_attn    = enabled',
  'llama_kv_cache:      CUDA0 KV buffer size =   512.00 MiB',
  'llama_kv_cache:      CUDA1 KV buffer size =   256.50 MiB',
  'common_init_from_params: warming up the model with an empty run - please wait ... (--no-warmup to disable)',
  "srv          init: initializing, n_slots = 4, n_ctx_slot = 4096, kv_unified = 'false'",
  'main: model loaded',
  'main: server is listening on http://127.0.0.1:8080 - starting the main loop',
]

describe('the log of a start tells the facts', () => {
  test.each<{ kind: string; lines: readonly string[]; facts: LaunchFacts }>([
    {
      kind: 'sglang',
      lines: SGLANG_LINES,
      facts: {
        attentionBackend: 'flashinfer',
        dtype: 'bfloat16',
        weightBytes: Math.round(15.06 * GIB),
        kvCacheTokens: 431_234,
        kvMemoryBytes: Math.round(26.32 * GIB) * 2,
        maxNumSeqs: 4096,
        maxModelLen: 131_072,
        maxNumBatchedTokens: 8192,
        maxConcurrency: 431_234 / 131_072,
      },
    },
    {
      kind: 'tgi',
      lines: TGI_LINES,
      facts: {
        attentionBackend: 'flashinfer',
        kvBlocks: 801_568,
        kvCacheTokens: 801_568,
        maxModelLen: 4096,
        maxNumBatchedTokens: 2048,
        maxConcurrency: 801_568 / 4096,
      },
    },
    {
      kind: 'llamacpp',
      lines: LLAMACPP_LINES,
      facts: {
        version: 'b6765',
        dtype: 'Q6_K',
        weightBytes: Math.round(18.31 * GIB),
        kvCacheTokens: 16_384,
        kvMemoryBytes: 768.5 * MIB,
        maxNumBatchedTokens: 2048,
        attentionBackend: 'flash',
        maxNumSeqs: 4,
        maxModelLen: 4096,
        maxConcurrency: 4,
      },
    },
    {
      kind: 'ollama',
      lines: OLLAMA_LINES,
      facts: {
        version: '0.17.4',
        dtype: 'Q4_K_M',
        weightBytes: Math.round(405.2 * MIB),
        kvMemoryBytes: Math.round(34.7 * MIB),
        kvCacheTokens: 8192,
        maxModelLen: 2048,
        maxNumSeqs: 4,
        maxConcurrency: 4,
        maxNumBatchedTokens: 512,
        attentionBackend: 'flash',
      },
    },
  ])('of $kind', ({ kind, lines, facts }) => {
    expect(read(kind, lines).facts).toEqual(facts)
  })
})

describe('the log of a start tells the phases, without gaps, each from the line that begins it', () => {
  test.each<{ kind: string; lines: readonly string[]; begin: readonly [name: string, line: RegExp][] }>([
    {
      kind: 'sglang',
      lines: SGLANG_LINES,
      begin: [
        ['import', /server_args/],
        ['weights', /weight begin/],
        ['profiling', /weight end/],
        ['kv-cache', /KV Cache/],
        ['compile', /graph begin/],
        ['end', /max_total_num_tokens/],
      ],
    },
    {
      kind: 'tgi',
      lines: TGI_LINES,
      begin: [
        ['import', /download process/],
        ['weights', /Starting shard/],
        ['profiling', /Shard ready/],
        ['compile', /Cuda Graphs/],
        ['end', /Setting max/],
      ],
    },
    {
      kind: 'llamacpp',
      lines: LLAMACPP_LINES,
      begin: [
        ['import', /load_model: loading/],
        ['weights', /loading model tensors/],
        ['kv-cache', /constructing/],
        ['profiling', /warming up/],
        ['end', /n_slots/],
      ],
    },
    {
      kind: 'ollama',
      lines: OLLAMA_LINES,
      begin: [
        ['import', /Listening on 127/],
        ['profiling', /msg="loading model"/],
        ['kv-cache', /Operation:alloc/],
        ['weights', /waiting for llama runner/],
        ['end', /runner started/],
      ],
    },
  ])('of $kind', ({ kind, lines, begin }) => {
    const at = begin.map(([, pattern]) => lines.findIndex((line) => pattern.test(line)) + 1)
    const expected = begin.slice(0, -1).map(([name], i) => ({ name, fromS: at[i], toS: at[i + 1] }))
    const { phases, facts } = read(kind, lines)
    const bytes = { ...(facts.weightBytes !== undefined && { bytes: facts.weightBytes }) }
    expect(phases).toEqual(
      expected.map((phase) => (phase.name === 'weights' ? { ...phase, ...bytes } : phase)),
    )
  })
})

test('SGLang that does not chunk prompts may work on all of them in one step', () => {
  const line =
    'max_total_num_tokens=1000, chunked_prefill_size=-1, max_prefill_tokens=16384, max_running_requests=8'
  expect(read('sglang', [line]).facts.maxNumBatchedTokens).toBe(16_384)
})

test('what a log does not tell is absent', () => {
  for (const kind of ['sglang', 'tgi', 'llamacpp', 'ollama']) {
    expect(read(kind, ['hello', '']), kind).toEqual({ facts: {}, phases: [] })
  }
})
