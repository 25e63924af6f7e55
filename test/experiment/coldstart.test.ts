import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { monotonicNs } from '../../src/base/index.js'
import { firstToken } from '../../src/experiment/coldstart/first-token.js'
import { type Front, startFront } from '../../src/experiment/coldstart/front.js'
import { modelFiles, pageCache } from '../../src/experiment/coldstart/page-cache.js'
import { untilOpen } from '../../src/experiment/coldstart/port.js'
import { isOpenLoad, targetAt, ttftObjective } from '../../src/experiment/coldstart/setup.js'
import { freePort } from '../../src/launch/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import { loadDescription } from '../../src/simulate/description.js'
import { startSimulator } from '../../src/simulate/index.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

type Answer = Parameters<typeof createServer>[1]

async function serve(answer: Answer, port = 0): Promise<{ url: string; server: Server }> {
  const server = createServer(answer as never)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

async function frontOf(...urls: string[]): Promise<Front> {
  const front = await startFront(urls)
  closing.push(front.close)
  return front
}

interface Got {
  readonly status: number
  readonly text: string
  readonly header: string | undefined
}

const post = (url: string, body = '{}', onChunk: (text: string) => void = () => {}): Promise<Got> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', headers: { authorization: 'Bearer k' } }, (answer) => {
      answer.on('data', (chunk: Buffer) => onChunk(chunk.toString()))
      const header = answer.headers['x-who']
      buffer(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 0, text: text.toString(), header: String(header) }),
        reject,
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })

describe('the front', () => {
  const echo =
    (name: string): Answer =>
    async (from, to) => {
      const body = (await buffer(from)).toString()
      to.writeHead(200, { 'x-who': name }).end(
        `${name} ${from.method} ${from.url} ${from.headers.authorization} ${body}`,
      )
    }

  test('passes requests on in turns, whole, with their headers', async () => {
    const [a, b] = [await serve(echo('a')), await serve(echo('b'))]
    const front = await frontOf(a.url, b.url)
    const said: string[] = []
    for (const body of ['1', '2', '3', '4']) said.push((await post(`${front.url}/v1?x=1`, body)).text)
    expect(said).toEqual(['a', 'b', 'a', 'b'].map((who, i) => `${who} POST /v1?x=1 Bearer k ${i + 1}`))
    expect(front.counts()).toEqual({ passed: [2, 2], retried: 0 })
  })

  test('a replica that joins has its share from then on', async () => {
    const [a, b] = [await serve(echo('a')), await serve(echo('b'))]
    const front = await frontOf(a.url)
    await post(front.url)
    front.join(b.url)
    const who = [await post(front.url), await post(front.url), await post(front.url)].map((g) => g.header)
    expect(who.toSorted()).toEqual(who[0] === 'a' ? ['a', 'a', 'b'] : ['a', 'b', 'b'])
    expect(front.counts().passed.reduce((x, y) => x + y, 0)).toBe(4)
  })

  test('takes a request to the next replica where one refuses connections', async () => {
    const b = await serve(echo('b'))
    const front = await frontOf(`http://127.0.0.1:${await freePort(0)}`, b.url)
    for (const body of ['1', '2', '3'])
      expect((await post(front.url, body)).text).toContain(`Bearer k ${body}`)
    expect(front.counts().passed).toEqual([0, 3])
    expect(front.counts().retried).toBeGreaterThan(0)
  })

  test('says so with 502 where no replica can be reached', async () => {
    const front = await frontOf(`http://127.0.0.1:${await freePort(0)}`)
    const { status, text } = await post(front.url)
    expect(status).toBe(502)
    expect(text).toContain('no replica can be reached')
  })

  test('streams: a chunk is passed on before the next one is sent', async () => {
    let release = (): void => {}
    const second = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = await serve(async (_, to) => {
      to.writeHead(200)
      to.write('first')
      await second
      to.end('second')
    })
    const front = await frontOf(slow.url)
    const { text } = await post(front.url, '', (chunk) => chunk === 'first' && release())
    expect(text).toBe('firstsecond')
  })

  test('a stream that breaks off breaks off, and is sent to nobody else', async () => {
    let asked = 0
    const broken: Answer = (_, to) => {
      asked++
      to.writeHead(200)
      to.write('begun', () => to.destroy())
    }
    const [a, b] = [await serve(broken), await serve(broken)]
    const front = await frontOf(a.url, b.url)
    await expect(post(front.url)).rejects.toThrow()
    expect(asked).toBe(1)
  })

  test('a client that leaves ends the work behind', async () => {
    let left = (): void => {}
    const gone = new Promise<void>((resolve) => {
      left = resolve
    })
    const endless = await serve((_, to) => {
      to.writeHead(200)
      to.write('begun')
      to.on('close', left)
    })
    const front = await frontOf(endless.url)
    const asked = request(front.url, (answer) => answer.once('data', () => asked.destroy()))
    asked.on('error', () => undefined)
    asked.end()
    await gone
  })
})

describe('the first request', () => {
  async function simulated(coldStartS: number) {
    const description = loadDescription('fixed', { coldStartS, ttftMs: 30 })
    const options = { description, host: '127.0.0.1', port: 0, faults: [], sendLog: undefined }
    const simulator = await startSimulator(options)
    closing.push(simulator.close)
    return simulator
  }
  const profile = profileSchema.parse({ load: { kind: 'poisson', ratePerS: 1 }, limits: { ttftMs: 2_000 } })
  const targetOf = (url: string) =>
    targetAt(
      {
        profile,
        target: {
          ...{ baseUrl: '', metricsUrl: '', headers: {}, ways: [] },
          facts: { url: '', api: 'openai-chat', model: 'fixed' },
        },
      },
      url,
    )

  test('waits for a model that is loaded only now', async () => {
    const { url } = await simulated(0.5)
    const beganNs = monotonicNs()
    const atNs = await firstToken(profile, targetOf(url))
    // The simulator's own word: half a second of loading, and what every first token takes.
    expect(atNs - beganNs).toBeGreaterThan(0.53e9)
  })

  test.each([
    [
      'refuses it',
      (_: unknown, to: { writeHead(n: number): { end(t: string): void } }) => to.writeHead(500).end('no'),
    ],
    [
      'says nothing',
      (_: unknown, to: { writeHead(n: number): { end(t: string): void } }) => to.writeHead(200).end(''),
    ],
  ])('fails clearly where the engine %s', async (_, answer) => {
    const { url } = await serve(answer as Answer)
    await expect(firstToken(profile, targetOf(url))).rejects.toThrow(/^the first request failed: /)
  })

  test('is given up at the deadline of the profile', async () => {
    const { url } = await simulated(60)
    await expect(firstToken(profile, targetOf(url))).rejects.toThrow('no token within 2000 ms')
  })
})

describe('the port', () => {
  test('is seen to open, not before somebody listens', async () => {
    const port = await freePort(0)
    const opened = untilOpen(port, new AbortController().signal)
    await sleep(100)
    const beforeNs = monotonicNs()
    await serve(() => undefined, port)
    expect(await opened).toBeGreaterThan(beforeNs)
  })

  test('is not waited for any longer once nobody wants to know', async () => {
    const over = new AbortController()
    const opened = untilOpen(await freePort(0), over.signal)
    over.abort()
    expect(await opened).toBeUndefined()
  })
})

describe('the page cache', () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'falloff-cache-'))
    mkdirSync(join(path, 'inner'))
    writeFileSync(join(path, 'a.safetensors'), Buffer.alloc(1 << 20, 1))
    writeFileSync(join(path, 'inner', 'b.json'), '{}')
    return path
  }

  test('a model’s files are those of its folder, itself, or what the Hugging Face cache holds of its name', () => {
    const path = folder()
    const file = join(path, 'a.safetensors')
    expect(modelFiles(path).toSorted()).toEqual([file, join(path, 'inner', 'b.json')])
    expect(modelFiles(file)).toEqual([file])
    const hub = mkdtempSync(join(tmpdir(), 'falloff-hub-'))
    const snapshot = join(hub, 'models--org--name', 'snapshots')
    mkdirSync(snapshot, { recursive: true })
    writeFileSync(join(snapshot, 'w'), 'w')
    expect(modelFiles('org/name', { HF_HUB_CACHE: hub })).toEqual([join(snapshot, 'w')])
    expect(modelFiles('org/other', { HF_HUB_CACHE: hub })).toEqual([])
  })

  test('is told to drop files it holds, which stay as they were', async () => {
    const path = folder()
    const files = modelFiles(path)
    for (const file of files) readFileSync(file)
    execFileSync('sync', ['-d', ...files])
    const { bytes, residentBytes, drop } = await pageCache(files, true)
    expect(bytes).toBe((1 << 20) + 2)
    // Some file systems live in memory, and some machines have nobody who tells: then it says so.
    expect(drop?.done === true ? residentBytes === null || residentBytes < 8192 : drop?.note).toBeTruthy()
    expect(readFileSync(join(path, 'a.safetensors')).equals(Buffer.alloc(1 << 20, 1))).toBe(true)
  })

  test('is left alone unless asked, and seen where it can be', async () => {
    const state = await pageCache(modelFiles(folder()), false)
    expect(state.drop).toBeUndefined()
    expect(state.files).toBe(2)
  })

  test('says so where it is not known what to drop', async () => {
    const { drop } = await pageCache([], true)
    expect(drop).toEqual({ done: false, note: expect.stringContaining('not known where the engine reads') })
  })
})

describe('what the profile says', () => {
  const withLoad = (load: object, objectives: string[] = []) => profileSchema.parse({ load, objectives })

  test.each([
    [{ kind: 'poisson', ratePerS: 2 }, true],
    [{ kind: 'closed', concurrency: 4 }, false],
    [{ kind: 'stages', stages: [{ durationS: 1, concurrency: 2 }] }, false],
    [{ kind: 'stages', stages: [{ durationS: 1, ratePerS: 2 }] }, true],
  ])('%o can arrive while nobody answers: %s', (load, open) => {
    expect(isOpenLoad(withLoad(load))).toBe(open)
  })

  test('a limit on the time to the first token says what a miss is', () => {
    const load = { kind: 'poisson', ratePerS: 2 }
    const objectives = ['errorRate <= 1 %', 'tpot p99 <= 50 ms', 'ttft p95 <= 0.5 s']
    expect(ttftObjective(withLoad(load, objectives))?.limit).toBe(500)
    expect(ttftObjective(withLoad(load, ['tpot p99 <= 50 ms']))).toBeUndefined()
  })
})
