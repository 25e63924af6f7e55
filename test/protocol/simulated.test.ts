import { afterEach, describe, expect, test } from 'vitest'
import { APIS, apiOf } from '../../src/protocol/index.js'
import type { Simulator } from '../../src/simulate/index.js'
import { post, startFixed } from '../simulate/wire.js'
import { decode, type Heard, isWhole, text } from './harness.js'

const NAMES = APIS.map(({ name }) => name)
const OUTPUT_TOKENS = 12

let simulator: Simulator | undefined
afterEach(() => simulator?.close())

const start = async (fault?: string, set: Record<string, number> = {}): Promise<void> => {
  simulator = await startFixed(set, fault === undefined ? [] : [fault])
}

interface Told {
  readonly heard: Heard | undefined
  readonly failure: string | undefined
}

/** What comes of one request in an API's own words, as the sender would take it. */
async function ask(name: string, more: object = {}): Promise<Told> {
  const api = apiOf(name)
  const request = {
    ...{ model: 'fixed', messages: [{ role: 'user', content: 'one two three' }] },
    ...{ outputTokens: OUTPUT_TOKENS, exactOutput: true, chunkUsage: true, extraBody: {} },
  }
  const body = api.encode({ ...request, ...more })
  const answer = await post(simulator?.url ?? '', api.path, body, { ...api.headers })
  if (answer.status >= 300) {
    const headers = Object.fromEntries(answer.headers)
    return { heard: undefined, failure: api.failureOf(answer.status, answer.text, headers).code }
  }
  const heard = decode(name, [Buffer.from(answer.text)])
  return { heard, failure: heard.failure ?? (isWhole(heard) ? undefined : 'cut-stream') }
}

describe('an answer of the simulator, which shares no code with the decoders', () => {
  test.each(NAMES)('through %s is whole, with its tokens counted', async (name) => {
    await start()
    const { heard, failure } = await ask(name)
    expect(failure).toBeUndefined()
    expect(heard?.usage?.outputTokens).toBe(OUTPUT_TOKENS)
    expect(heard?.usage?.inputTokens).toBeGreaterThan(2)
    expect(heard && text(heard).trim().split(' ')).toHaveLength(OUTPUT_TOKENS)
    const counts = heard?.outputs.map((o) => o.tokens) ?? []
    if (!counts.includes(-1)) expect(counts.reduce((sum, n) => sum + n, 0)).toBe(OUTPUT_TOKENS)
    expect(heard?.finish).toBe('length')
  })

  test.each(NAMES)('through %s is the same byte by byte and many events at once', async (name) => {
    await start('split=1')
    const apart = await ask(name)
    await simulator?.close()
    await start('coalesce=1:8')
    const together = await ask(name)
    expect(apart.failure).toBeUndefined()
    expect(together.heard?.outputs.length).toBe(apart.heard?.outputs.length)
    expect(together.heard?.usage).toEqual(apart.heard?.usage)
  })
})

describe('every fault of the simulator has the same name in every API', () => {
  // TGI refuses for one reason only, and SGLang knows of no account.
  const otherwise: Record<string, string> = {
    'rate-limit=1 tgi-generate': 'overloaded',
    'no-quota=1 tgi-generate': 'overloaded',
    'no-quota=1 sglang-generate': 'rate-limited',
  }
  const faults: [fault: string, failure: string][] = [
    ['rate-limit=1', 'rate-limited'],
    ['server-error=1', 'server-error'],
    ['unavailable=1', 'overloaded'],
    ['overloaded=1', 'overloaded'],
    ['no-quota=1', 'quota'],
    ['bad-key=1', 'authentication'],
    ['bad-gateway=1', 'gateway'],
    ['gateway-timeout=1', 'gateway'],
    ['cut=1', 'cut-stream'],
    ['no-end=1', 'cut-stream'],
    ['malformed=1', 'protocol-violation'],
    ['error-frame=1', 'server-error'],
    ['overloaded-frame=1', 'overloaded'],
  ]
  for (const [fault, failure] of faults) {
    test(`${fault} is ${failure}`, async () => {
      await start(fault)
      const told = await Promise.all(NAMES.map(async (name) => [name, (await ask(name)).failure]))
      expect(told).toEqual(NAMES.map((name) => [name, otherwise[`${fault} ${name}`] ?? failure]))
    })
  }

  test('a prompt that is too long, which Ollama cuts without a word', async () => {
    await start(undefined, { maxModelLen: 64 })
    const messages = [{ role: 'user', content: 'word '.repeat(200) }]
    const told = await Promise.all(NAMES.map(async (name) => [name, (await ask(name, { messages })).failure]))
    expect(told).toEqual(
      NAMES.map((name) => [name, name.startsWith('ollama') ? undefined : 'context-too-long']),
    )
  })

  test('a model that is not there, where the API names one', async () => {
    await start()
    const naming = NAMES.filter((name) => !/^(tgi|sglang|llamacpp)/.test(name))
    const told = await Promise.all(
      naming.map(async (name) => [name, (await ask(name, { model: 'nope' })).failure]),
    )
    expect(told).toEqual(naming.map((name) => [name, 'not-found']))
  })
})
