import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TransportComparison } from '../../src/experiment/index.js'
import type { RunManifest } from '../../src/record/index.js'
import { falloff, filesUnder, freshFolder, onlyRun, readRecords, startSimulator } from './command.js'

/** The built command, reaching one simulator in every way that there is. */

const fixture = (name: string): string => new URL(`../fixtures/tls/${name}`, import.meta.url).pathname
const LOAD = ['--concurrency', '2', '--requests', '6', '--output-tokens', '5', '--input-tokens', '20']

let engine: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  engine = await startSimulator('fixed')
})
afterAll(() => void engine.child.kill())

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** What HTTP/2 forbids. */
const OF_ONE_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** Passes a request on to the simulator. */
function passOn(heard: IncomingMessage, answer: ServerResponse, path = heard.url): void {
  const { hostname, port } = new URL(engine.url)
  const headers = Object.fromEntries(Object.entries(heard.headers).filter(([name]) => !name.startsWith(':')))
  const onward = request({ hostname, port, path, method: heard.method, headers }, (from) => {
    const kept = Object.fromEntries(Object.entries(from.headers).filter(([name]) => !OF_ONE_HOP.has(name)))
    answer.writeHead(from.statusCode ?? 502, kept)
    from.pipe(answer)
  })
  heard.pipe(onward)
}

async function listening(server: { listen: unknown; address(): unknown; close(): unknown }): Promise<number> {
  const listen = server.listen as (port: number, host: string, done: () => void) => void
  await new Promise<void>((resolve) => listen.call(server, 0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const cwd = freshFolder()
  const { code, stderr } = await falloff(['run', ...args, ...LOAD], cwd, env)
  expect(stderr.includes('Error') ? stderr : '').toBe('')
  const folder = onlyRun(cwd)
  const manifest = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunManifest
  return {
    code,
    stderr,
    cwd,
    manifest,
    records: readRecords(folder).filter(({ phase }) => phase === 'measured'),
  }
}

/** Of every measured request. */
const outcome = (records: ReturnType<typeof readRecords>) =>
  records.map(({ state, outputTokens, chunks }) => ({ state, outputTokens, chunks: chunks.length / 2 }))

const SIX = Array.from({ length: 6 }, () => ({ state: 'completed', outputTokens: 5, chunks: 5 }))

describe('through an official client', () => {
  test.each(['openai-chat', 'openai-completions', 'openai-responses', 'anthropic-messages'])(
    '%s',
    async (api) => {
      const { manifest, records, stderr } = await run([
        '--target',
        engine.url,
        '--transport',
        'sdk',
        '--api',
        api,
      ])
      expect(manifest.transport).toEqual({ name: 'sdk', reason: 'asked for' })
      expect(stderr).toContain('as the official client yields')
      expect(outcome(records)).toEqual(SIX)
      expect(new Set(records.map(({ stamps }) => stamps))).toEqual(new Set(['loop']))
    },
  )

  test('an API that none speaks is refused before anything is asked', async () => {
    const cwd = freshFolder()
    const flags = ['--target', 'http://127.0.0.1:9', '--transport', 'sdk', '--api', 'tgi-generate']
    const { code, stdout, stderr } = await falloff(['run', ...flags, ...LOAD], cwd)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('target.transport: no official client speaks tgi-generate')
    expect(readdirSync(cwd)).toEqual([])
  })
})

test('several base URLs are asked in turn, and every record says which', async () => {
  const asked = [0, 0]
  const urls: string[] = []
  for (const place of [0, 1]) {
    const port = await listening(
      createServer((heard, answer) => {
        if (heard.url === '/v1/chat/completions' && heard.headers['x-request-id'])
          asked[place] = (asked[place] ?? 0) + 1
        passOn(heard, answer)
      }),
    )
    urls.push(`http://127.0.0.1:${port}`)
  }
  const { manifest, records } = await run(['--set', `target.urls=[${urls.join(', ')}]`])
  expect(manifest.transport?.connection).toEqual({ origins: urls })
  expect(outcome(records)).toEqual(SIX)
  expect(records.map(({ index, origin }) => [index, origin])).toEqual(
    records.map(({ index }) => [index, index % 2]),
  )
  expect(asked).toEqual([3, 3])
})

test('a new connection for every request', async () => {
  const { manifest, records } = await run(['--target', engine.url, '--set', 'target.connection=per-request'])
  expect(manifest.transport?.connection).toEqual({ perRequest: true })
  expect(outcome(records)).toEqual(SIX)
  expect(records.some(({ connectionReused }) => connectionReused)).toBe(false)
})

test.each(['undici', 'sdk'])('HTTP/2 with an own CA: %s says what was agreed on', async (transport) => {
  const secure = { cert: readFileSync(fixture('server.pem')), key: readFileSync(fixture('server.key.pem')) }
  const versions = new Set<string>()
  const port = await listening(
    createSecureServer({ ...secure, allowHTTP1: true }, (heard, answer) => {
      if (heard.headers['x-request-id']) versions.add(heard.httpVersion)
      passOn(heard as never, answer as never)
    }),
  )
  const { manifest, records, stderr } = await run([
    ...['--target', `https://127.0.0.1:${port}`, '--transport', transport],
    ...['--set', `target.tls.caFile=${fixture('ca.pem')}`, '--set', 'target.http2=true'],
  ])
  expect(manifest.transport?.connection).toEqual({ http: 'h2', tls: 'TLSv1.3' })
  expect(stderr).toContain('HTTP/2 over TLSv1.3')
  expect(versions).toEqual(new Set(['2.0']))
  expect(outcome(records)).toEqual(SIX)
})

test('a proxy of the environment is followed and told; its password is written nowhere', async () => {
  const paths = new Set<string | undefined>()
  const proxy = createServer((heard, answer) => {
    paths.add(heard.url)
    expect(heard.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:sesame').toString('base64')}`)
    passOn(heard, answer, new URL(heard.url ?? '').pathname)
  })
  const port = await listening(proxy)
  const env = { HTTP_PROXY: `http://me:sesame@127.0.0.1:${port}`, http_proxy: '', NO_PROXY: '', no_proxy: '' }
  const { manifest, records, stderr, cwd } = await run(['--target', 'http://models.test'], env)
  expect(manifest.transport).toMatchObject({
    name: 'undici',
    connection: { proxy: `http://…@127.0.0.1:${port}` },
  })
  expect(stderr).toContain(`through the proxy http://…@127.0.0.1:${port}`)
  expect(paths).toContain('http://models.test/v1/chat/completions')
  expect(outcome(records)).toEqual(SIX)
  const written = filesUnder(cwd).map((file) => readFileSync(file, 'latin1'))
  expect(written.length).toBeGreaterThan(3)
  for (const text of [stderr, ...written]) expect(text).not.toContain('sesame')
})

test('compare-transports sets the official client against the bytes, load by load', async () => {
  const cwd = freshFolder()
  const flags = ['--raw', 'undici', '--streams', '1,4', '--turns', '1', '--seconds', '2', '--pace', '100']
  const { code, stdout } = await falloff(
    ['compare-transports', ...flags, '--format', 'json', '--results', 'results'],
    cwd,
  )
  const comparison = JSON.parse(stdout) as TransportComparison
  expect(comparison.figures.map(({ transport, streams }) => `${transport} ${streams}`)).toEqual([
    ...['undici 1', 'sdk 1', 'undici 4', 'sdk 4'],
  ])
  for (const figures of comparison.figures) {
    expect(figures).toMatchObject({ turns: 1, failed: 0 })
    expect(figures.requests).toBeGreaterThan(0)
    // Joined with what the emitter wrote: nothing is left out, and nothing was seen before it was there.
    expect(figures.latenessNs?.p50).toBeGreaterThan(0)
    expect(figures.cpuPerTokenNs?.median).toBeGreaterThan(0)
  }
  const names = comparison.costs.map(({ of, beyond, streams }) => `${of} ${beyond} ${streams}`)
  expect(names).toEqual(['sdk undici 1', 'sdk undici 4'])
  expect(readdirSync(onlyRun(cwd)).toSorted()).toEqual(['sdk-1-1', 'sdk-4-1', 'undici-1-1', 'undici-4-1'])
  expect(code).toBe(0)
}, 90_000)

test('floor asks a gateway and what stands behind it', async () => {
  const port = await listening(createServer(passOn))
  const places = ['--target', `http://127.0.0.1:${port}`, '--direct', engine.url]
  const flags = ['--path', '/v1/models', '--connections', '2', '--amount', '50', '--turns', '1']
  const { code, stdout } = await falloff(['floor', ...places, ...flags], freshFolder())
  expect(stdout).toContain('GET /v1/models')
  expect(stdout).toMatch(/direct +2 +50 +0 +0 /)
  expect(stdout).toMatch(/target +2 +50 +0 +0 /)
  expect(stdout).toContain('What the gateway adds')
  expect(code).toBe(0)
}, 60_000)

test.each([
  [
    ['floor', '--target', 'a.test', '--seconds', '0', '--path', 'x'],
    ['--target', '--seconds', '--path'],
  ],
  [
    ['compare-transports', '--streams', '1,x', '--turns', '0', '--transport', 'sdk'],
    ['--streams', '--turns', '--transport'],
  ],
])('%j tells everything that is wrong', async (args, places) => {
  const { code, stdout, stderr } = await falloff(args, freshFolder())
  expect(code).toBe(2)
  expect(stdout).toBe('')
  for (const place of places) expect(stderr).toContain(`${place}: `)
})
