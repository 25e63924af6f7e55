import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { descendantsOf, readProcessTable } from '../../src/launch/guard/process-table.js'
import { type EngineChoice, EngineStartError, launch } from '../../src/launch/index.js'
import { until } from '../launch/engine.js'
import { freePort } from './server-process.js'
import { modelFolder, offlineEnvironment, vllmBin } from './vllm.js'

/** A start takes 20 to 90 s on two cores, most of it imports; one at a time. */
const LONG = 600_000

const env = Object.fromEntries(
  Object.entries(offlineEnvironment(vllmBin)).filter(([name, value]) => value !== process.env[name]),
) as Record<string, string>

const vllm = (more: Partial<EngineChoice> = {}): EngineChoice => ({
  kind: 'vllm',
  model: modelFolder('light'),
  settings: { loadFormat: 'dummy', dtype: 'float32', enforceEager: true, maxModelLen: 2048 },
  args: [],
  env,
  command: [join(vllmBin, 'vllm')],
  readyTimeoutS: 550,
  stopTimeoutS: 20,
  place: { kind: 'local' },
  ...more,
})

const ours = () => descendantsOf(process.pid, readProcessTable() ?? []).filter(({ zombie }) => !zombie)

test('a real vLLM comes up, tells its facts and phases, and leaves nothing', { timeout: LONG }, async () => {
  const before = ours().length
  const folder = mkdtempSync(join(tmpdir(), 'falloff-launch-'))
  const engine = await launch(vllm(), { maxNumSeqs: 8 }, { folder })
  const models = (await (await fetch(`${engine.url}/v1/models`)).json()) as { data: { id: string }[] }
  expect(ours().length).toBeGreaterThan(before + 2)
  await engine.stop()
  expect(ours()).toHaveLength(before)
  expect(models.data[0]?.id).toBe('light')
  expect(engine.facts).toMatchObject({
    version: '0.32.0',
    dtype: 'float32',
    maxModelLen: 2048,
    maxNumSeqs: 8,
    maxNumBatchedTokens: 2048,
    kvMemoryBytes: 1024 ** 3,
    kvCacheTokens: 524_288,
    maxConcurrency: 256,
  })
  expect(engine.forecast).toEqual({ bytesPerToken: 2048, tokens: 524_288 })
  expect(engine.phases.map(({ name }) => name)).toEqual([
    'process',
    'import',
    'weights',
    'profiling',
    'kv-cache',
    'serving',
  ])
  const sumS = engine.phases.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0)
  expect(sumS).toBeCloseTo(engine.readyS, 6)
  expect(readFileSync(join(folder, 'engine.log'), 'utf8')).not.toContain('HF_HUB_OFFLINE')
})

const settings = (more: EngineChoice['settings']): Partial<EngineChoice> => ({
  settings: { ...vllm().settings, ...more },
})

describe('a real vLLM that does not start is understood', () => {
  test.each<{ title: string; more: Partial<EngineChoice>; reason: string; says: string }>([
    {
      title: 'a flag that it does not know',
      more: { args: ['--no-such-flag', '3'] },
      reason: 'bad-flag',
      says: 'it does not take its flags: unrecognized arguments: --no-such-flag 3',
    },
    {
      title: 'settings that contradict each other',
      more: settings({ maxNumSeqs: 64, maxNumBatchedTokens: 32 }),
      reason: 'bad-flag',
      says: 'maxNumBatchedTokens (32) is smaller than maxNumSeqs (64)',
    },
    {
      title: 'a model that is not there',
      more: { model: '/no/such/model' },
      reason: 'missing-model',
      says: 'there is no such model, or it cannot be fetched',
    },
    {
      title: 'a KV cache that does not hold one request',
      more: settings({ numGpuBlocksOverride: 8 }),
      reason: 'kv-too-small',
      says: 'does not hold one request of 2048 tokens',
    },
    {
      title: 'more memory than there is',
      more: { env: { ...env, VLLM_CPU_KVCACHE_SPACE: '4000' } },
      reason: 'out-of-memory',
      says: 'it is to have 4000.0 GiB of KV cache, and the machine has',
    },
    {
      title: 'more devices than there are',
      more: settings({ tensorParallelSize: 4 }),
      reason: 'no-gpu',
      says: 'it is to use 4 devices, and there are fewer',
    },
    {
      title: 'a program that is not installed',
      more: { command: [join(vllmBin, 'no-such-vllm')] },
      reason: 'not-installed',
      says: 'there is no program',
    },
    {
      title: 'a time that is too short',
      more: { readyTimeoutS: 3 },
      reason: 'timeout',
      says: 'it was not ready within 3 s',
    },
  ])('$title', { timeout: LONG }, async ({ more, reason, says }) => {
    const before = ours().length
    const thrown = await launch(vllm(more)).catch((e: unknown) => e)
    expect(thrown).toBeInstanceOf(EngineStartError)
    expect((thrown as EngineStartError).message).toContain(says)
    expect(thrown).toMatchObject({ reason })
    expect(ours()).toHaveLength(before)
  })

  test('a port that somebody takes while it starts', { timeout: LONG }, async () => {
    const before = ours().length
    const port = await freePort()
    const started = launch(vllm({ port })).catch((e: unknown) => e)
    // Its guard and the engine: the port was looked at before. It listens when it has read its modules, which takes seconds.
    await until('it runs', () => ours().length >= before + 2)
    const other = createServer().listen(port, '127.0.0.1')
    const thrown = await started
    other.close()
    expect(thrown).toMatchObject({ reason: 'port-in-use' })
  })
})
