import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { descendantsOf, readProcessTable } from '../../src/launch/guard/process-table.js'
import { type EngineChoice, launch } from '../../src/launch/index.js'
import { OLLAMA_MODEL, OLLAMA_VERSION } from './ollama.js'
import { cacheFolder } from './server-process.js'

const home = join(cacheFolder, 'ollama')

const choice = (more: Partial<EngineChoice> = {}): EngineChoice => {
  mkdirSync(join(home, 'home'), { recursive: true })
  return {
    kind: 'ollama',
    model: OLLAMA_MODEL,
    settings: { contextLength: 1024 },
    args: [],
    env: { HOME: join(home, 'home'), OLLAMA_MODELS: join(home, 'models') },
    command: [join(home, 'bin', 'ollama'), 'serve'],
    readyTimeoutS: 120,
    stopTimeoutS: 10,
    place: { kind: 'local' },
    ...more,
  }
}

/** Processes under this one: falloff's guard, Ollama below it, and below that the runner of the model. */
const children = (): number[] =>
  descendantsOf(process.pid, readProcessTable() ?? [])
    .filter(({ zombie }) => !zombie)
    .map(({ pid }) => pid)

/** The guard goes last, a moment after it has told that all are gone. */
const untilGone = (ours: (pid: number) => boolean): Promise<void> =>
  vi.waitFor(() => expect(children().filter(ours)).toEqual([]))

describe.each([1, 4])('Ollama started with %i slots', (numParallel) => {
  test('is ready with its model loaded, tells its facts, answers, and leaves no process behind', async () => {
    const before = children()
    const folder = mkdtempSync(join(tmpdir(), 'falloff-ollama-'))
    const engine = await launch(choice(), { numParallel }, { folder })
    const ours = children().filter((pid) => !before.includes(pid))
    try {
      expect(engine.facts).toMatchObject({
        version: OLLAMA_VERSION,
        maxNumSeqs: numParallel,
        maxConcurrency: numParallel,
        maxModelLen: 1024,
        kvCacheTokens: 1024 * numParallel,
      })
      expect(engine.facts.weightBytes).toBeGreaterThan(100e6)
      // By its log Ollama now and then lays out the cache and reads the weights a second time: a phase may come twice.
      expect([...new Set(engine.phases.map(({ name }) => name))]).toEqual([
        'process',
        'import',
        'profiling',
        'kv-cache',
        'weights',
        'serving',
      ])
      expect(engine.phases.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0)).toBeCloseTo(
        engine.readyS,
        6,
      )
      // The guard, the server and the runner of the model.
      expect(ours.length).toBeGreaterThanOrEqual(3)
      expect(await loadedModels(engine.url)).toEqual([`${OLLAMA_MODEL}:latest`])
      expect(await answerOf(engine.url)).toMatchObject({ done: true, eval_count: 5 })
    } finally {
      await engine.stop()
    }
    await untilGone((pid) => ours.includes(pid))
    expect(readFileSync(join(folder, 'engine.log'), 'utf8')).toContain(`Parallel:${numParallel} `)
  })
})

test('a model that is not there is named as the cause, and no process stays', async () => {
  const before = children()
  await expect(launch(choice({ model: 'no-such-model' }))).rejects.toMatchObject({
    reason: 'missing-model',
    message: 'Ollama did not start: it has no model no-such-model',
  })
  await untilGone((pid) => !before.includes(pid))
})

test('a flag that Ollama does not know is named as the cause', async () => {
  await expect(launch(choice({ args: ['--parallel', '4'] }))).rejects.toMatchObject({
    reason: 'bad-flag',
    message: 'Ollama did not start: it does not know --parallel',
  })
})

async function loadedModels(url: string): Promise<readonly string[]> {
  const { models } = (await (await fetch(`${url}/api/ps`)).json()) as { models: { name: string }[] }
  return models.map(({ name }) => name)
}

async function answerOf(url: string): Promise<unknown> {
  const body = {
    model: OLLAMA_MODEL,
    prompt: 'One, two, three',
    stream: false,
    options: { num_predict: 5, temperature: 0, stop: [] },
  }
  return (await fetch(`${url}/api/generate`, { method: 'POST', body: JSON.stringify(body) })).json()
}
