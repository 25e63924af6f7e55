import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type EmitterShape, type RunningEmitter, startEmitter } from '../../src/emitter/index.js'
import { loadLibc } from '../../src/kernel/index.js'
import { eventsOf, textsOf, timesOf } from './bench.js'

interface Answer {
  readonly status: number | undefined
  readonly text: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

function open(url: string, path: string, body?: object, id = 'a'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-request-id': id }
    const outgoing = request(url + path, { agent, method: body ? 'POST' : 'GET', headers }, resolve)
    outgoing.on('error', reject)
    outgoing.end(body && JSON.stringify(body))
  })
}

async function ask(url: string, path: string, body?: object, id?: string): Promise<Answer> {
  const response = await open(url, path, body, id)
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, text }
}

const stream = (url: string, tokens: number, emit: Partial<EmitterShape>, id?: string): Promise<Answer> =>
  ask(url, '/v1/chat/completions', { stream: true, max_tokens: tokens, emit }, id)

const kernel = loadLibc().available

const WIRES: { wire: 'kernel' | 'node'; available: boolean }[] = [
  { wire: 'kernel', available: kernel },
  { wire: 'node', available: true },
]

for (const { wire, available } of WIRES) {
  describe.skipIf(!available)(`the emitter's process over the ${wire} wire`, () => {
    let emitter: RunningEmitter
    beforeAll(async () => {
      emitter = await startEmitter({ wire, shape: { ttftMs: 4, gapMs: 2 } })
    })
    afterAll(() => emitter.stop())

    test.each<[string, Partial<EmitterShape>]>([
      ['as by default', {}],
      ['with jitter and the role alone', { jitter: 'exponential', seed: 5, roleChunk: 'alone' }],
      ['in lock-step', { lockstep: true, roleChunk: 'none' }],
      ['several events to a packet', { eventsPerPacket: 4, tokensPerChunk: 2 }],
      ['events spread over packets', { packetsPerEvent: 3, reasoning: 2 }],
      ['without a gap', { ttftMs: 0, gapMs: 0, usageOnEveryChunk: true }],
    ])('tells and logs the same times: %s', async (id, emit) => {
      const { status, text } = await stream(emitter.url, 21, emit, id)
      expect(status).toBe(200)
      const events = eventsOf(text)
      const { arrivalNs, writesNs } = timesOf(textsOf(events))
      expect(writesNs).toHaveLength(Math.ceil(21 / (emit.tokensPerChunk ?? 1)))
      const order = [arrivalNs, ...writesNs]
      expect(order).toEqual([...order].sort((a, b) => a - b))
      expect(events.at(-1)?.usage?.completion_tokens).toBe(21)
      const { streams, unlogged } = await emitter.log()
      expect(unlogged).toBe(0)
      expect(streams).toMatchObject([{ id, arrivalNs, writesNs, whole: true }])
      expect(streams[0]?.tokens.reduce((a, b) => a + b)).toBe(21)
      expect(streams[0]?.stamped).toBe(wire === 'kernel' ? 'kernel' : 'loop')
    })

    test('writes no event before it is due', async () => {
      const { text } = await stream(emitter.url, 5, { ttftMs: 9, gapMs: 3 })
      const { arrivalNs, writesNs } = timesOf(textsOf(eventsOf(text)))
      for (const [k, ns] of writesNs.entries())
        expect(ns - arrivalNs).toBeGreaterThanOrEqual((9 + 3 * k) * 1e6)
      await emitter.log()
    })

    test('serves many streams at once, each whole and in order', async () => {
      const emit = { roleChunk: 'alone' } as const
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => stream(emitter.url, 10 + i, emit, `s${i}`)),
      )
      const { streams } = await emitter.log()
      const logged = new Map(streams.map((s) => [s.id, s.writesNs]))
      expect(logged.size).toBe(40)
      for (const [i, { text }] of answers.entries()) {
        const { writesNs } = timesOf(textsOf(eventsOf(text)))
        expect(writesNs).toHaveLength(10 + i)
        expect(logged.get(`s${i}`)).toEqual(writesNs)
      }
    })

    test('carries a stream through a client that reads slowly', async () => {
      const response = await open(
        emitter.url,
        '/v1/chat/completions',
        { stream: true, max_tokens: 60_000, emit: { ttftMs: 0, gapMs: 0 } },
        'slow',
      )
      // Nobody reads for the time of another stream, and the buffers of the sockets fill up.
      response.pause()
      expect((await stream(emitter.url, 10, { ttftMs: 300 }, 'quick')).status).toBe(200)
      let text = ''
      for await (const chunk of response) text += String(chunk)
      const said = timesOf(textsOf(eventsOf(text))).writesNs
      const { streams } = await emitter.log()
      expect(streams.map((s) => [s.id, s.whole]).sort()).toEqual([
        ['quick', true],
        ['slow', true],
      ])
      // What was held up was complete later than its text says; no event before it was.
      const written = streams.find((s) => s.id === 'slow')?.writesNs ?? []
      expect(written).toHaveLength(60_000)
      expect(said).toHaveLength(60_000)
      expect(written.filter((ns, k) => ns < (said[k] ?? Number.NaN))).toEqual([])
    })

    test('logs what it wrote to a client that left', async () => {
      const response = await open(emitter.url, '/v1/chat/completions', { stream: true, max_tokens: 100_000 })
      await once(response, 'data')
      response.destroy()
      const left = await vi.waitFor(async () => {
        const { streams } = await emitter.log()
        expect(streams).toHaveLength(1)
        return streams[0]
      })
      expect(left?.whole).toBe(false)
      expect(left?.writesNs.length).toBeGreaterThan(0)
    })

    test('serves the other routes, and nothing else', async () => {
      expect((await ask(emitter.url, '/health')).status).toBe(200)
      const models = JSON.parse((await ask(emitter.url, '/v1/models')).text) as { data: { id: string }[] }
      expect(models.data.map((model) => model.id)).toEqual([emitter.model])
      const unknown = await ask(emitter.url, '/metrics')
      expect(unknown.status).toBe(404)
      expect(JSON.parse(unknown.text)).toMatchObject({ error: { code: 404 } })
    })
  })
}

const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

describe("the emitter's life", () => {
  test('ends when it is told to', async () => {
    const emitter = await startEmitter()
    expect(gone(emitter.pid)).toBe(false)
    await emitter.stop()
    expect(gone(emitter.pid)).toBe(true)
    await expect(emitter.log()).rejects.toMatchObject({ code: 'EMITTER_LOG' })
    await emitter.stop()
  })

  test('ends with its parent, also in the middle of a stream', async () => {
    const room = new URL('../../dist/emitter/index.js', import.meta.url).href
    const script = `import { startEmitter } from '${room}'
      const { pid, url } = await startEmitter()
      console.log(JSON.stringify({ pid, url }))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
    const { pid, url } = JSON.parse(line) as { pid: number; url: string }
    const response = await open(url, '/v1/chat/completions', { stream: true, max_tokens: 100_000 })
    response.on('error', () => {})
    await once(response, 'data')
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(gone(pid)).toBe(true), 5000)
  })

  test('does not keep its parent alive', async () => {
    const room = new URL('../../dist/emitter/index.js', import.meta.url).href
    const script = `import { startEmitter } from '${room}'
      console.log((await startEmitter()).pid)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
    if (parent.exitCode === null) await once(parent, 'exit')
    await vi.waitFor(() => expect(gone(Number(line))).toBe(true), 5000)
  })

  test('refuses options that cannot be, in its own words', async () => {
    const started = startEmitter({ shape: { gapMs: -1 } })
    await expect(started).rejects.toMatchObject({
      code: 'EMITTER_START',
      hint: expect.stringContaining('shape.gapMs: expected a number') as string,
    })
  })
})
