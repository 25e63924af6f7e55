import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { loadDescription } from '../../src/simulate/description.js'
import { createEngine } from '../../src/simulate/engine-backend.js'
import { createLoader } from '../../src/simulate/loader.js'
import { createPeak } from '../../src/simulate/peak.js'
import { requestOf } from './helpers.js'
import { type Json, post, startFixed } from './wire.js'

const S = 1e9

test('the last part of every period is slow, whenever the server started', () => {
  const slowdownAt = createPeak({ everyS: 60, forS: 20, factor: 3 }, 1000 * S)
  const at = [0, 39.9, 40, 59.9, 60, 99, 100.5].map((s) => slowdownAt((1000 + s) * S))
  expect(at).toEqual([1, 1, 3, 3, 1, 1, 3])
  expect(createPeak(undefined, 0)(5)).toBe(1)
})

test('at peak hours the engine’s steps take so many times as long, and no others do', () => {
  const peak = JSON.stringify({ everyS: 10, forS: 4, factor: 2.5 })
  const description = loadDescription('llama-3-8b-h100', { peak, jitter: 0 })
  if (description.kind !== 'vllm') throw new Error('not an engine')
  const stepAt = (s: number): number => {
    const engine = createEngine(description)
    engine.add(requestOf('a', 64, 4), s * S)
    return engine.step(s * S)?.durationNs ?? Number.NaN
  }
  expect(stepAt(6) / stepAt(5.9)).toBeCloseTo(2.5, 9)
  expect(stepAt(10) / stepAt(0)).toBe(1)
})

test('a server without an engine plans its gaps by the hour they begin in', async () => {
  const log = join(mkdtempSync(join(tmpdir(), 'falloff-')), 'sent.ndjson')
  const peak = JSON.stringify({ everyS: 3600, forS: 3600, factor: 4 })
  const simulator = await startFixed({ ttftMs: 10, gapMs: 5, peak }, [], log)
  await post(simulator.url, '/completion', { prompt: 'x', n_predict: 5, ignore_eos: true, stream: true })
  await simulator.close()
  const entries = readFileSync(log, 'utf8').trim().split('\n')
  const times = entries.map((line) => (JSON.parse(line) as { atNs: number }).atNs)
  // Receipt, then token i no earlier than 40 ms + i · 20 ms.
  for (let i = 0; i < 5; i++)
    expect((times[i + 1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual((40 + 20 * i) * 1e6 - 1)
})

test('the model is loaded once, from its first request on, and all who come meanwhile wait for the same end', () => {
  const loader = createLoader(30)
  expect(loader.isLoaded).toBe(false)
  expect([100, 110, 129.5, 130, 500].map((s) => loader.waitNs(s * S))).toEqual([
    30 * S,
    20 * S,
    0.5 * S,
    0,
    0,
  ])
  expect(loader.isLoaded).toBe(true)
  expect(createLoader(0).isLoaded).toBe(true)
})

test('Ollama says how long loading took, to those who waited for it', async () => {
  const simulator = await startFixed({ coldStartS: 0.2 })
  const ask = { model: 'fixed', prompt: 'x', stream: false, options: { num_predict: 2 } }
  const loaded = async () => ((await (await fetch(`${simulator.url}/api/ps`)).json()) as Json).models.length
  expect(await loaded()).toBe(0)
  const first = JSON.parse((await post(simulator.url, '/api/generate', ask)).text) as Json
  const second = JSON.parse((await post(simulator.url, '/api/generate', ask)).text) as Json
  expect(await loaded()).toBe(1)
  await simulator.close()
  expect(first.load_duration).toBe(0.2e9)
  // 5 ms to the first token and one gap of 1 ms, beside the loading.
  expect(first.total_duration).toBe(206e6)
  expect([second.load_duration, second.total_duration]).toEqual([undefined, 6e6])
})

test('only the routes that are named are served', async () => {
  const simulator = await startFixed({ routes: '[/v1/chat/completions, /api/]' })
  const statusOf = async (path: string) => (await fetch(`${simulator.url}${path}`)).status
  expect(await statusOf('/v1/chat/completions')).toBe(405)
  expect(await statusOf('/api/tags')).toBe(200)
  expect([await statusOf('/v1/models'), await statusOf('/health'), await statusOf('/')]).toEqual([
    404, 404, 404,
  ])
  await simulator.close()
})

test('slips in the new settings are told with their place', () => {
  const set = {
    peak: '{everyS: 5, forS: 9, factor: 0.5}',
    rateLimits: '{requestPerMin: 3}',
    reasoningShare: 2,
    routes: '[/v1',
  }
  try {
    loadDescription('fixed', set)
    expect.unreachable()
  } catch (thrown) {
    const text = thrown instanceof UsageError ? thrown.problems.map((p) => `${p.place}: ${p.message}`) : []
    expect(text.join('\n')).toMatch(/simulator\.peak\.factor: .*>=1; got 0\.5/)
    expect(text.join('\n')).toMatch(/simulator\.rateLimits\.requestPerMin: unknown name/)
    expect(text.join('\n')).toMatch(/simulator\.reasoningShare/)
    expect(text.join('\n')).toMatch(/simulator\.routes: .*array.*got "\[\/v1"/)
  }
})
