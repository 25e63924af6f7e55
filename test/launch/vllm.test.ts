import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { forecastCapacity, kvBytesPerToken, readModelShape } from '../../src/launch/engines/vllm/capacity.js'
import { vllmKind } from '../../src/launch/engines/vllm/index.js'
import { createVllmReader } from '../../src/launch/engines/vllm/log.js'
import { fakeVllm } from './engine.js'

/** On a GPU, with compilation and graphs, each line a second after the one before. */
const GPU_LINES = [
  'INFO 11-21 10:00:00 [__init__.py:244] Automatically detected platform cuda.',
  "INFO 11-21 10:00:01 [api_utils.py:286] non-default args: {'model': 'meta-llama/Llama-3.1-8B', 'max_num_seqs': 64}",
  'INFO 11-21 10:00:02 [scheduler.py:307] Chunked prefill is enabled with max_num_batched_tokens=8192.',
  'INFO 11-21 10:00:03 [cuda.py:506] Using FLASH_ATTN attention backend out of potential backends: [FLASH_ATTN, FLASHINFER].',
  'INFO 11-21 10:00:04 [gpu_model_runner.py:5040] Starting to load model meta-llama/Llama-3.1-8B...',
  'INFO 11-21 10:00:05 [default_loader.py:502] Loading weights took 3.21 seconds',
  'INFO 11-21 10:00:06 [gpu_model_runner.py:5150] Model loading took 14.99 GiB memory and 4.012345 seconds',
  "INFO 11-21 10:00:07 [backends.py:1105] Using cache directory: /models/cache/vllm/x for vLLM's torch.compile",
  'INFO 11-21 10:00:08 [backends.py:1167] Dynamo bytecode transform time: 5.12 s',
  'INFO 11-21 10:00:09 [monitor.py:20] torch.compile took 22.10 s in total',
  'INFO 11-21 10:00:10 [gpu_worker.py:760] Available KV cache memory: 54.21 GiB',
  'INFO 11-21 10:00:11 [kv_cache_utils.py:1087] GPU KV cache size: 444,080 tokens',
  'INFO 11-21 10:00:12 [kv_cache_utils.py:1091] Maximum concurrency for 8,192 tokens per request: 54.21x',
  'Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  50%|█████     | 5/10',
  'INFO 11-21 10:00:14 [gpu_model_runner.py:6582] Graph capturing finished in 12 secs, took 0.62 GiB',
  'INFO 11-21 10:00:15 [core.py:386] init engine (profile, create kv cache, warmup model) took 60.00 s',
]

function read(lines: readonly string[]) {
  const reader = createVllmReader()
  for (const [atS, line] of lines.entries()) reader.line(line, atS)
  return reader
}

describe('the log of vLLM', () => {
  test('on a GPU tells its phases, with compilation and graphs where they happen', () => {
    expect(read(GPU_LINES).phases()).toEqual([
      { name: 'import', fromS: 0, toS: 4 },
      { name: 'weights', fromS: 4, toS: 6, bytes: Math.round(14.99 * 1024 ** 3) },
      { name: 'profiling', fromS: 6, toS: 7 },
      { name: 'compile', fromS: 7, toS: 9 },
      { name: 'profiling', fromS: 9, toS: 10 },
      { name: 'kv-cache', fromS: 10, toS: 13 },
      { name: 'compile', fromS: 13, toS: 14 },
    ])
  })

  test('tells the same facts in one line as in the two of older releases', () => {
    const facts = {
      maxNumSeqs: 64,
      maxNumBatchedTokens: 8192,
      attentionBackend: 'FLASH_ATTN',
      weightBytes: Math.round(14.99 * 1024 ** 3),
      kvMemoryBytes: Math.round(54.21 * 1024 ** 3),
      kvCacheTokens: 444_080,
      maxConcurrency: 54.21,
    }
    expect(read(GPU_LINES).facts()).toEqual(facts)
    const one = 'GPU KV cache size: 444,080 tokens, Maximum concurrency for 8,192 tokens per request: 54.21x'
    const shorter = [...GPU_LINES.filter((line) => !/KV cache size|Maximum/.test(line)), one]
    expect(read(shorter).facts()).toEqual(facts)
  })

  test.each([
    {
      line: 'Overriding num_gpu_blocks=4096 with num_gpu_blocks_override=24',
      facts: { kvBlocks: 24 },
    },
    { line: '# cuda blocks: 2123, # CPU blocks: 2730', facts: { kvBlocks: 2123 } },
    {
      line: 'Auto set (2.5/12.09) GiB for KV cache on node 0, with 4 GiB',
      facts: { kvMemoryBytes: 2.5 * 1024 ** 3 },
    },
    { line: 'Using max model len 2048', facts: { maxModelLen: 2048 } },
    // The last of the bounds is the longest step.
    { line: "x={'compile_ranges_endpoints': [512, 4096], 'y': 1}", facts: { maxNumBatchedTokens: 4096 } },
    { line: 'nothing of interest', facts: {} },
  ])('$line', ({ line, facts }) => {
    expect(read([line]).facts()).toEqual(facts)
  })
})

describe('the command line of vLLM', () => {
  const listen = { host: '127.0.0.1', port: 8123 }
  const words = (settings: Parameters<typeof vllmKind.command>[1], more = {}) =>
    vllmKind.command(fakeVllm({}, { command: [], ...more }), settings, listen).words.slice(1)

  test('its container image brings the program and the word `serve`', () => {
    const { words, imageBrings } = vllmKind.command(fakeVllm({}, { command: [] }), {}, listen)
    expect(words.slice(0, imageBrings)).toEqual(['vllm', 'serve'])
  })

  test.each([
    { settings: {}, flags: '' },
    {
      settings: { maxNumSeqs: 32, gpuMemoryUtilization: 0.85 },
      flags: '--max-num-seqs 32 --gpu-memory-utilization 0.85',
    },
    {
      settings: { enablePrefixCaching: false, asyncScheduling: true },
      flags: '--no-enable-prefix-caching --async-scheduling',
    },
    { settings: { kvCacheDtype: 'fp8' }, flags: '--kv-cache-dtype fp8' },
  ])('says $settings', ({ settings, flags }) => {
    expect(words(settings).join(' ')).toBe(`serve a-model --host 127.0.0.1 --port 8123 ${flags}`.trim())
  })

  test('has the arguments of the profile last, so that they win', () => {
    expect(words({ maxNumSeqs: 8 }, { args: ['--max-num-seqs', '9'] }).slice(-4)).toEqual([
      '--max-num-seqs',
      '8',
      '--max-num-seqs',
      '9',
    ])
  })

  test('names a model that is a folder by its last part', () => {
    const folder = mkdtempSync(join(tmpdir(), 'falloff-model-'))
    expect(words({}, { model: folder }).join(' ')).toContain(
      `--served-model-name ${folder.split('/').at(-1)}`,
    )
  })
})

/** Published sizes: bytes of KV cache of one token. */
const LLAMA_3_8B = {
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  hidden_size: 4096,
  torch_dtype: 'bfloat16',
}
const LLAMA_2_7B = {
  num_hidden_layers: 32,
  num_attention_heads: 32,
  hidden_size: 4096,
  torch_dtype: 'float16',
}

describe('the capacity that is forecast', () => {
  test.each([
    { title: 'Llama 3 8B: 128 KiB', shape: LLAMA_3_8B, settings: {}, bytes: 131_072 },
    { title: 'Llama 2 7B, without shared heads: 512 KiB', shape: LLAMA_2_7B, settings: {}, bytes: 524_288 },
    { title: 'fp8: half of it', shape: LLAMA_3_8B, settings: { kvCacheDtype: 'fp8_e5m2' }, bytes: 65_536 },
    { title: 'asked for in float32', shape: LLAMA_3_8B, settings: { dtype: 'float32' }, bytes: 262_144 },
    { title: 'two GPUs', shape: LLAMA_3_8B, settings: { tensorParallelSize: 2 }, bytes: 65_536 },
    // A head is never split.
    { title: 'sixteen GPUs', shape: LLAMA_3_8B, settings: { tensorParallelSize: 16 }, bytes: 16_384 },
    {
      title: 'a head dimension of its own',
      shape: { ...LLAMA_3_8B, head_dim: 256 },
      settings: {},
      bytes: 262_144,
    },
    {
      title: 'latent attention',
      shape: { ...LLAMA_3_8B, kv_lora_rank: 512 },
      settings: {},
      bytes: undefined,
    },
    {
      title: 'no number format',
      shape: { ...LLAMA_3_8B, torch_dtype: undefined },
      settings: {},
      bytes: undefined,
    },
  ])('$title', ({ shape, settings, bytes }) => {
    expect(kvBytesPerToken(shape, settings)).toBe(bytes)
  })

  test('is whole blocks of what fits into the memory', () => {
    const memory = 54.21 * 1024 ** 3
    const forecast = forecastCapacity(LLAMA_3_8B, {}, { kvMemoryBytes: memory })
    expect(forecast?.bytesPerToken).toBe(131_072)
    expect(forecast?.tokens).toBe(Math.floor(memory / 131_072 / 16) * 16)
    // What vLLM itself said of this model and this memory, in the lines above: within the rounding of its GiB.
    expect(Math.abs((forecast?.tokens ?? 0) - 444_080)).toBeLessThan(100)
  })

  test.each([
    { title: 'the blocks were given', settings: { numGpuBlocksOverride: 24 }, facts: { kvMemoryBytes: 1e9 } },
    { title: 'the memory is not known', settings: {}, facts: {} },
  ])('there is none where $title', ({ settings, facts }) => {
    expect(forecastCapacity(LLAMA_3_8B, settings, facts)).toBeUndefined()
  })

  test('reads the language part of a model that sees', () => {
    const folder = mkdtempSync(join(tmpdir(), 'falloff-model-'))
    const { torch_dtype, ...text_config } = LLAMA_3_8B
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ torch_dtype, text_config, vision_config: {} }),
    )
    const shape = readModelShape(folder)
    expect(shape && kvBytesPerToken(shape, {})).toBe(131_072)
    expect(readModelShape(join(folder, 'nothing'))).toBeUndefined()
  })
})
