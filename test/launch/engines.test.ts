import { describe, expect, test } from 'vitest'
import type { EngineKind, Listen } from '../../src/launch/contract.js'
import { engineKind } from '../../src/launch/engines/index.js'
import type { EngineChoice, EngineSettings } from '../../src/launch/index.js'
import { settingProblems } from '../../src/launch/settings.js'

const KINDS = ['sglang', 'tgi', 'llamacpp', 'ollama'].map(engineKind)
const LISTEN: Listen = { host: '127.0.0.1', port: 8123 }

const choice = (more: Partial<EngineChoice> = {}): EngineChoice => ({
  kind: 'any',
  model: '/models/m',
  settings: {},
  args: ['--own', 'x'],
  env: {},
  command: [],
  readyTimeoutS: 1,
  stopTimeoutS: 1,
  place: { kind: 'local' },
  ...more,
})

describe('a command line says the model, where to listen, the settings in their order, and what the user adds', () => {
  test.each<{ kind: string; settings: EngineSettings; line: string }>([
    {
      kind: 'sglang',
      settings: {
        memFractionStatic: 0.85,
        maxRunningRequests: 64,
        disableRadixCache: true,
        disableCudaGraph: false,
      },
      line: 'python3 -m sglang.launch_server --model-path /models/m --host 127.0.0.1 --port 8123 --enable-metrics --max-running-requests 64 --mem-fraction-static 0.85 --disable-radix-cache --own x',
    },
    {
      kind: 'tgi',
      settings: { maxTotalTokens: 4096, maxConcurrentRequests: 512 },
      line: 'text-generation-launcher --model-id /models/m --hostname 127.0.0.1 --port 8123 --max-concurrent-requests 512 --max-total-tokens 4096 --own x',
    },
    {
      kind: 'llamacpp',
      settings: { ctxSize: 8192, parallel: 4, kvUnified: false, flashAttn: 'on' },
      line: 'llama-server --model /models/m --host 127.0.0.1 --port 8123 --metrics --parallel 4 --ctx-size 8192 --no-kv-unified --flash-attn on --own x',
    },
    { kind: 'ollama', settings: { numParallel: 4 }, line: 'ollama serve --own x' },
  ])('of $kind', ({ kind, settings, line }) => {
    const command = engineKind(kind).command(choice(), settings, LISTEN)
    expect(command.words.join(' ')).toBe(line)
    expect(command.port).toBe(8123)
  })
})

test('Ollama is told by its environment, keeps the model in memory, and is asked once to load it', () => {
  const settings = {
    numParallel: 4,
    contextLength: 2048,
    flashAttention: true,
    kvCacheType: 'q8_0',
    maxLoadedModels: 1,
  }
  const command = engineKind('ollama').command(choice({ model: 'gemma' }), settings, LISTEN)
  expect(command.env).toEqual({
    OLLAMA_HOST: '127.0.0.1:8123',
    OLLAMA_KEEP_ALIVE: '-1',
    OLLAMA_NUM_PARALLEL: '4',
    OLLAMA_CONTEXT_LENGTH: '2048',
    OLLAMA_FLASH_ATTENTION: 'true',
    OLLAMA_KV_CACHE_TYPE: 'q8_0',
    OLLAMA_MAX_LOADED_MODELS: '1',
  })
  expect(command.firstRequest).toEqual({ path: '/api/generate', body: { model: 'gemma', stream: false } })
})

test.each(KINDS)('the words of $title begin with the program that the user names', (kind) => {
  const { words, imageBrings } = kind.command(choice({ command: ['/opt/it', 'go'] }), {}, LISTEN)
  expect(words.slice(0, 2)).toEqual(['/opt/it', 'go'])
  expect(imageBrings ?? 0).toBe(0)
})

describe.each(KINDS)('the settings of $title', (kind) => {
  const settings = kind.settings === 'any' ? {} : kind.settings
  const specs = Object.entries(settings)

  test('are declared, each flag once', () => {
    const flags = specs.flatMap(([, { flag, offFlag }]) => [
      flag,
      ...(offFlag === undefined ? [] : [offFlag]),
    ])
    expect(flags.length).toBeGreaterThan(5)
    expect(new Set(flags).size).toBe(flags.length)
  })

  test('reach the command each by its name, and by nothing else', () => {
    const value = { whole: 3, number: 0.5, boolean: true, text: 'word' }
    for (const [name, { flag, type }] of specs) {
      const one = { [name]: value[type] }
      expect(settingProblems(kind, one)).toEqual([])
      const { words, env } = kind.command(choice(), one, LISTEN)
      const plain = kind.command(choice(), {}, LISTEN)
      const said = [...words, ...Object.entries(env).flat()]
      expect(said).toContain(flag)
      expect(said.length - [...plain.words, ...Object.entries(plain.env).flat()].length).toBeLessThanOrEqual(
        2,
      )
    }
  })
})

describe('a line of the log tells why a start fails', () => {
  test.each<[kind: string, line: string, cause: string]>([
    [
      'sglang',
      'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.',
      'kv-too-small',
    ],
    [
      'sglang',
      'Exception: Capture cuda graph failed: CUDA out of memory. Tried to allocate 2 GiB.',
      'out-of-memory',
    ],
    [
      'sglang',
      '/usr/bin/python3: Error while finding module specification: No module named sglang',
      'not-installed',
    ],
    [
      'sglang',
      "OSError: Can't load the configuration of 'no/such'. If you were trying to load it",
      'missing-model',
    ],
    ['sglang', 'launch_server.py: error: unrecognized arguments: --max-runing-requests 3', 'bad-flag'],
    [
      'tgi',
      'ArgumentValidation("`max_total_tokens` must be <= `max_batch_total_tokens`. Given: 8192 and 4000")',
      'kv-too-small',
    ],
    [
      'tgi',
      'Not enough memory to handle 4096 prefill tokens. You need to decrease `--max-batch-prefill-tokens`',
      'out-of-memory',
    ],
    ['tgi', "error: unexpected argument '--max-bath-size' found", 'bad-flag'],
    ['tgi', 'huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error.', 'missing-model'],
    ['llamacpp', 'llama_kv_cache: failed to allocate buffer for kv cache', 'out-of-memory'],
    ['llamacpp', 'llama_model_load: error loading model: unable to allocate CUDA0 buffer', 'out-of-memory'],
    ['llamacpp', "gguf_init_from_file: failed to open GGUF file 'x.gguf'", 'missing-model'],
    ['llamacpp', 'error: invalid argument: --paralel', 'bad-flag'],
    ['ollama', 'answered its first request with 404: {"error":"model \'nope\' not found"}', 'missing-model'],
    [
      'ollama',
      'answered its first request with 500: {"error":"model requires more system memory (80.1 GiB) than is available (22.0 GiB)"}',
      'out-of-memory',
    ],
    [
      'ollama',
      'level=WARN source=config.go:238 msg="invalid environment variable, using default" key=OLLAMA_NUM_PARALLEL value=x default=1',
      'bad-flag',
    ],
    ['ollama', 'Error: unknown flag: --parallel', 'bad-flag'],
  ])('of %s: %s', (kind, line, cause) => {
    expect(firstCause(engineKind(kind), line)).toBe(cause)
  })

  test('and a line of a start that goes well tells none', () => {
    const lines = [
      'INFO: Started server process [1]',
      'Load weight end. type=LlamaForCausalLM, avail mem=63.60 GB',
      'main: model loaded',
    ]
    for (const kind of KINDS) for (const line of lines) expect(firstCause(kind, line)).toBeUndefined()
  })
})

const firstCause = ({ causes }: EngineKind, line: string): string | undefined =>
  causes.find(({ pattern }) => pattern.test(line))?.cause
