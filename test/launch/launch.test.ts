import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EngineStartError, launch } from '../../src/launch/index.js'
import { fakeVllm, freshFolder, lives, processesIn, until } from './engine.js'

/** As vLLM 0.32 writes them on a CPU, shortened. */
const LINES = [
  "Triton is installed, but doesn't include CPU backend. Disabling Triton.",
  "(APIServer pid=1) INFO 11-21 14:33:37 [api_utils.py:286] non-default args: {'model': 'a-model', 'max_num_seqs': 8}",
  '(APIServer pid=1) INFO 11-21 14:33:37 [model.py:2152] Using max model len 2048',
  "(EngineCore pid=2) INFO 11-21 14:33:50 [core.py:133] Initializing a V1 LLM engine (v0.32.0) with config: model='a-model', dtype=torch.float32, max_seq_len=2048, compilation_config={'compile_ranges_endpoints': [2048], 'x': 1}",
  '(Worker pid=3) INFO 11-21 14:34:06 [cpu_model_runner.py:68] Starting to load model a-model...',
  '(EngineCore pid=2) INFO 11-21 14:34:07 [utils.py:347] Using LBHNC KV cache layout.',
  '(Worker pid=3) INFO 11-21 14:34:07 [cpu_worker.py:260] Explicitly set (1.0/12.09) GiB for KV cache on node 0.',
  '(EngineCore pid=2) INFO 11-21 14:34:07 [kv_cache_utils.py:2327] CPU KV cache size: 524,288 tokens, Maximum concurrency for 2,048 tokens per request: 256.00x',
  '(EngineCore pid=2) INFO 11-21 14:34:08 [core.py:402] init engine (profile, create kv cache, warmup model) took 1.25 s',
]

describe('an engine that comes up', () => {
  test('is ready with the facts of its log, and its phases add up to the whole start', async () => {
    const folder = freshFolder()
    const engine = await launch(fakeVllm({ log: LINES }), { maxNumSeqs: 8 }, { folder })
    await engine.stop()
    expect(engine.facts).toEqual({
      version: '0.32.0',
      maxModelLen: 2048,
      maxNumSeqs: 8,
      maxNumBatchedTokens: 2048,
      dtype: 'float32',
      kvMemoryBytes: 1024 ** 3,
      kvCacheTokens: 524_288,
      maxConcurrency: 256,
    })
    expect(engine.phases.map(({ name }) => name)).toEqual([
      'process',
      'import',
      'weights',
      'profiling',
      'kv-cache',
      'serving',
    ])
    expect(engine.phases[0]?.fromS).toBe(0)
    expect(engine.phases.at(-1)?.toS).toBe(engine.readyS)
    for (const [i, phase] of engine.phases.slice(1).entries()) {
      expect(phase.fromS, phase.name).toBe(engine.phases[i]?.toS)
    }
    expect(engine.settings).toEqual({ maxNumSeqs: 8 })
    expect(engine.commandLine).toContain('serve a-model --host 127.0.0.1 --port ')
    expect(engine.commandLine).toMatch(/--max-num-seqs 8$/)
  })

  test('leaves its words, stamped, in the folder, and the next start does not overwrite them', async () => {
    const folder = freshFolder()
    const first = await launch(fakeVllm({ log: ['hello'] }), {}, { folder })
    await first.stop()
    const second = await launch(fakeVllm({ log: ['again'] }), {}, { folder })
    await second.stop()
    expect([first.log, second.log]).toEqual([join(folder, 'engine.log'), join(folder, 'engine-2.log')])
    await until('the log is written', () =>
      readFileSync(join(folder, 'engine.log'), 'utf8').includes('hello'),
    )
    expect(readFileSync(join(folder, 'engine.log'), 'utf8')).toMatch(
      /^\$ .* serve a-model .*\n +\d+\.\d{3} hello\n/,
    )
  })

  test('gets its variables, and none of their values is written anywhere', async () => {
    const folder = freshFolder()
    process.env.LAUNCH_TEST_TOKEN = 'hf_abcdefgh'
    const choice = fakeVllm({ log: ['I was given hf_abcdefgh'] })
    const engine = await launch(
      { ...choice, env: { ...choice.env, HF_TOKEN: '${LAUNCH_TEST_TOKEN}' } },
      {},
      { folder },
    )
    const env = (await (await fetch(`${engine.url}/env`)).json()) as Record<string, string>
    await engine.stop()
    expect(env.HF_TOKEN).toBe('hf_abcdefgh')
    expect(env.NODE_CHANNEL_FD).toBeUndefined()
    await until('the log is written', () =>
      readFileSync(join(folder, 'engine.log'), 'utf8').includes('I was given'),
    )
    expect(readFileSync(join(folder, 'engine.log'), 'utf8')).not.toContain('hf_abcdefgh')
  })

  test('tells of its end when it ends by itself', async () => {
    const folder = freshFolder()
    const file = join(folder, 'pids')
    const engine = await launch(fakeVllm({ children: file }))
    process.kill(processesIn(file)[0] ?? 0, 'SIGKILL')
    expect(await engine.ended).toBe('was ended by SIGKILL')
    await engine.stop()
    expect(processesIn(file).filter(lives)).toEqual([])
  })
})

describe('nothing of an engine is left', () => {
  test.each([
    { title: 'after a stop', wish: {} },
    { title: 'after a stop, when nobody listens to SIGTERM', wish: { deaf: true } },
  ])('$title', async ({ wish }) => {
    const file = join(freshFolder(), 'pids')
    const engine = await launch(fakeVllm({ ...wish, children: file }))
    await Promise.all([engine.stop(), engine.stop()])
    expect(processesIn(file)).toHaveLength(3)
    expect(processesIn(file).filter(lives)).toEqual([])
  })

  test('after a start that fails', async () => {
    const file = join(freshFolder(), 'pids')
    await expect(launch(fakeVllm({ children: file, exitCode: 3 }))).rejects.toThrow(
      'vLLM did not start: it ended with code 3',
    )
    expect(processesIn(file)).toHaveLength(3)
    expect(processesIn(file).filter(lives)).toEqual([])
  })

  test('after a start that takes too long', async () => {
    const file = join(freshFolder(), 'pids')
    const thrown = await launch(fakeVllm({ silent: true, children: file }, { readyTimeoutS: 2 })).catch(
      (e: unknown) => e,
    )
    expect(thrown).toBeInstanceOf(EngineStartError)
    expect(thrown).toMatchObject({
      reason: 'timeout',
      message: 'vLLM did not start: it was not ready within 2 s',
    })
    expect(processesIn(file).filter(lives)).toEqual([])
  })

  test('after a start that is given up', async () => {
    const file = join(freshFolder(), 'pids')
    const given = new AbortController()
    const started = launch(fakeVllm({ silent: true, children: file }), {}, { signal: given.signal })
    void until('three processes', () => processesIn(file).length === 3).then(() => given.abort())
    await expect(started).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(processesIn(file)).toHaveLength(3)
    expect(processesIn(file).filter(lives)).toEqual([])
  })
})

describe('a start that fails says why', () => {
  test.each([
    {
      reason: 'kv-too-small',
      line: "ValueError: To serve at least one request with the model's max seq len (8192), (1.0 GiB KV cache is needed, which is larger than the available KV cache memory (0.5 GiB). Based on",
      says: 'vLLM did not start: its KV cache of 0.5 GiB does not hold one request of 8192 tokens',
    },
    {
      reason: 'out-of-memory',
      line: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB.',
      says: 'vLLM did not start: the GPU has too little memory for it',
    },
    {
      reason: 'bad-flag',
      line: 'vllm: error: unrecognized arguments: --max-num-seq 3',
      says: 'vLLM did not start: it does not take its flags: unrecognized arguments: --max-num-seq 3',
    },
    {
      reason: 'port-in-use',
      line: 'OSError: [Errno 98] Address already in use',
      says: 'vLLM did not start: another process listens on its port',
    },
    {
      reason: 'no-gpu',
      line: 'RuntimeError: Found no NVIDIA driver on your system.',
      says: 'vLLM did not start: it finds no GPU that it can use',
    },
  ])('$reason', async ({ reason, line, says }) => {
    const thrown = await launch(
      fakeVllm({ log: ['starting', line, 'RuntimeError: see above'], exitCode: 1 }),
    ).catch((e: unknown) => e)
    expect(thrown).toBeInstanceOf(EngineStartError)
    const error = thrown as EngineStartError
    expect(error.message).toBe(says)
    expect(error.reason).toBe(reason)
    expect(error.hint?.split('\n').slice(1)).toEqual([
      'Its last lines:',
      '  starting',
      `  ${line}`,
      '  RuntimeError: see above',
    ])
  })

  test('not installed', async () => {
    const thrown = await launch(fakeVllm({}, { command: ['/no/such/vllm'] })).catch((e: unknown) => e)
    expect(thrown).toMatchObject({
      reason: 'not-installed',
      message: 'vLLM did not start: there is no program /no/such/vllm that can be run',
    })
  })

  test('the port that was asked for is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const thrown = await launch(fakeVllm({}, { port })).catch((e: unknown) => e)
    other.close()
    expect(thrown).toMatchObject({
      reason: 'port-in-use',
      message: `port ${port} cannot be had: another process listens on it`,
    })
  })
})

test('every setting that does not fit is named at once, before anything is started', async () => {
  const settings = {
    maxNumSeq: 3,
    maxNumBatchedTokens: 1.5,
    enablePrefixCaching: 'yes',
    gpuMemoryUtilization: 0.9,
  }
  await expect(launch(fakeVllm({}), settings)).rejects.toMatchObject({
    problems: [
      {
        place: 'engine.settings.maxNumSeq',
        message:
          'unknown setting "maxNumSeq" of vLLM; did you mean "maxNumSeqs"? (any other flag goes into engine.args)',
      },
      {
        place: 'engine.settings.maxNumBatchedTokens',
        message: 'expected a whole number (most tokens of a step); got 1.5',
      },
      {
        place: 'engine.settings.enablePrefixCaching',
        message: 'expected true or false (keep the KV cache of prompts for later ones); got "yes"',
      },
    ],
  })
})

test('a variable that is not set is named, before anything is started', async () => {
  await expect(launch(fakeVllm({}, { env: { HF_TOKEN: '${NO_SUCH_TOKEN}' } }))).rejects.toMatchObject({
    problems: [
      { place: 'engine.env.HF_TOKEN', message: 'NO_SUCH_TOKEN is not set in the environment; export it' },
    ],
  })
})
