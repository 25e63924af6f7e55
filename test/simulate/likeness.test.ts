import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDescription, type Simulator, startSimulator } from '../../src/simulate/index.js'

/** What a real vLLM 0.32.0 sent; the simulator's answers must have the same members in the same order. */
const captured = (file: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'vllm-0.32.0', file), 'utf8')

let simulator: Simulator
beforeAll(async () => {
  const description = loadDescription('llama-3-8b-h100', { frontEndMs: 0, maxModelLen: 2048 })
  simulator = await startSimulator({ description, host: '127.0.0.1', port: 0, faults: [] })
})
afterAll(() => simulator.close())

const ask = async (path: string, body: object): Promise<string> => {
  const response = await fetch(`${simulator.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return response.text()
}

/** The shape of a value: its members by name, in order, down to what kind of value each is. */
const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return Object.entries(value).map(([name, inner]) => [name, shape(inner)])
}

/** Shapes of the first, a middle, the last delta and the usage event: one of each kind. */
const kinds = (sse: string): unknown[] => {
  const events = sse.split('\n\n').filter((event) => event !== '')
  expect(events.at(-1)).toBe('data: [DONE]')
  const chunks = events.slice(0, -1).map((event) => shape(JSON.parse(event.replace(/^data: /, ''))))
  return [chunks[0], chunks[1], chunks.at(-2), chunks.at(-1)]
}

const messages = [{ role: 'user', content: 'a b c d' }]
const exact = { max_tokens: 12, ignore_eos: true, stream: true }
const usage = { stream_options: { include_usage: true } }
const continuous = { stream_options: { include_usage: true, continuous_usage_stats: true } }

describe('events look like the real engine’s', () => {
  test.each([
    ['chat.sse', '/v1/chat/completions', { messages, ...exact, ...usage }],
    ['chat-no-usage.sse', '/v1/chat/completions', { messages, ...exact }],
    ['chat-continuous-usage.sse', '/v1/chat/completions', { messages, ...exact, ...continuous }],
    ['completions.sse', '/v1/completions', { prompt: 'a b c', ...exact, ...usage }],
    ['completions-no-usage.sse', '/v1/completions', { prompt: 'a b c', ...exact }],
    ['completions-continuous-usage.sse', '/v1/completions', { prompt: 'a b c', ...exact, ...continuous }],
  ])('%s', async (file, path, body) => {
    expect(kinds(await ask(path, body))).toEqual(kinds(captured(file)))
  })

  test('an answer in one piece', async () => {
    const body = await ask('/v1/chat/completions', { messages, max_tokens: 6, ignore_eos: true })
    expect(shape(JSON.parse(body))).toEqual(shape(JSON.parse(captured('chat-not-streamed.json'))))
  })

  test.each([
    ['error-prompt-too-long.json', { prompt: 'a '.repeat(2049) }],
    ['error-too-long.json', { prompt: 'a', max_tokens: 5000 }],
    ['error-unknown-model.json', { prompt: 'a', model: 'nope' }],
  ])('%s', async (file, body) => {
    const plain = (text: string) => {
      const { error } = JSON.parse(text) as { error: { type: string; param: string | null; code: number } }
      return [Object.keys(error), error.type, error.param, error.code]
    }
    expect(plain(await ask('/v1/completions', body))).toEqual(plain(captured(file)))
  })

  test.each([
    ['tokenize.json', { prompt: 'x' }],
    ['tokenize-chat.json', { messages }],
  ])('%s', async (file, body) => {
    const members = (text: string) => Object.keys(JSON.parse(text) as object)
    expect(members(await ask('/tokenize', body))).toEqual(members(captured(file)))
  })
})

interface Family {
  readonly type: string
  readonly labels: string
  readonly bounds: string
}

/** Type, label names and bucket bounds of every vLLM metric in an exposition. */
function families(text: string): Map<string, Family> {
  const found = new Map<string, Family>()
  const lines = text.split('\n')
  for (const line of lines) {
    const [, name = '', type = ''] = /^# TYPE (vllm:\S+) (\S+)$/.exec(line) ?? []
    if (name === '' || name.endsWith('_created')) continue
    const own = lines.filter((l) => new RegExp(`^${name}(_bucket)?\\{`).test(l))
    const labels = new Set(own.flatMap((l) => [...l.matchAll(/[{,](\w+)="/g)].map((m) => m[1])))
    const bounds = own.flatMap((l) => /le="([^"]+)"/.exec(l)?.[1] ?? [])
    found.set(name, { type, labels: [...labels].sort().join(), bounds: bounds.join() })
  }
  return found
}

test('every metric has the real engine’s name, type, labels and buckets', async () => {
  const real = families(captured('metrics.txt'))
  const ours = families(await (await fetch(`${simulator.url}/metrics`)).text())
  const info = 'vllm:cache_config_info'
  const realInfo = real.get(info)?.labels.split(',') ?? []
  expect(
    ours
      .get(info)
      ?.labels.split(',')
      .filter((label) => !realInfo.includes(label)),
  ).toEqual([])
  ours.delete(info)
  expect(ours.size).toBeGreaterThan(20)
  for (const [name, family] of ours) expect(family, name).toEqual(real.get(name))
})
