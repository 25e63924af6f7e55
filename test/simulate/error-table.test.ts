import { describe, expect, test } from 'vitest'
import { FAILURE_CODES, type FailureCode } from '../../src/base/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import { driveHere } from '../drive/harness.js'
import { startFixed } from './wire.js'

/** Every fault of the simulator through every API that falloff speaks: what a run writes down for it. */

const APIS = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
  'tgi-generate',
  'ollama-chat',
  'ollama-generate',
  'llamacpp-completion',
  'sglang-generate',
] as const
type ApiName = (typeof APIS)[number]

const limits = { requests: 1, ttftMs: 1500, stallMs: 1500, totalMs: 10_000 }
const INPUT_TOKENS = 40
const OUTPUT_TOKENS = 12

type Exceptions = Partial<Record<ApiName, FailureCode | 'completed'>>

interface Row {
  readonly fault?: string
  readonly set?: Record<string, number | string | boolean>
  readonly model?: string
  readonly outputTokens?: number
  readonly limits?: Record<string, number>
  readonly expected: FailureCode | 'completed'
  /** Where an API cannot say so, or says something else. */
  readonly but?: Exceptions
}

const nativeApis = (code: FailureCode | 'completed'): Exceptions => ({
  'tgi-generate': code,
  'llamacpp-completion': code,
  'sglang-generate': code,
})
const ollama = (code: FailureCode | 'completed'): Exceptions => ({
  'ollama-chat': code,
  'ollama-generate': code,
})

const ROWS: Readonly<Record<string, Row>> = {
  'no fault': { expected: 'completed' },
  // In a stream TGI has one word for all that it has no room for.
  'a rate limit': { fault: 'rate-limit=1', expected: 'rate-limited', but: { 'tgi-generate': 'overloaded' } },
  'an account that is used up': {
    fault: 'no-quota=1',
    expected: 'quota',
    but: { 'tgi-generate': 'overloaded', 'sglang-generate': 'rate-limited' },
  },
  'a wrong key': { fault: 'bad-key=1', expected: 'authentication' },
  'no key where one is required': { set: { requireKey: true }, expected: 'authentication' },
  'a server error': { fault: 'server-error=1', expected: 'server-error' },
  'a server that is not there yet': { fault: 'unavailable=1', expected: 'overloaded' },
  'an overloaded server': { fault: 'overloaded=1', expected: 'overloaded' },
  'a gateway without a server': { fault: 'bad-gateway=1', expected: 'gateway' },
  'a gateway that waited too long': { fault: 'gateway-timeout=1', expected: 'gateway' },
  'a reset': { fault: 'reset=1', expected: 'reset' },
  'a connection that is cut': { fault: 'cut=1', expected: 'cut-stream' },
  'a stream without its end': { fault: 'no-end=1', expected: 'cut-stream' },
  'an event that is no JSON': { fault: 'malformed=1', expected: 'protocol-violation' },
  'an error on the way': { fault: 'error-frame=1', expected: 'server-error' },
  'an overload on the way': { fault: 'overloaded-frame=1', expected: 'overloaded' },
  'a stall': { fault: 'stall=1:60s', limits: { stallMs: 200 }, expected: 'deadline-stall' },
  'no first byte': { fault: 'slow-first-byte=1:60s', limits: { ttftMs: 200 }, expected: 'deadline-ttft' },
  'too slow on the whole': { set: { gapMs: 600 }, limits: { totalMs: 900 }, expected: 'deadline-total' },
  'an unknown model': { model: 'other', expected: 'not-found', but: nativeApis('completed') },
  // Ollama cuts the prompt without a word.
  'a prompt that is too long': {
    set: { maxModelLen: 16 },
    expected: 'context-too-long',
    but: ollama('completed'),
  },
  'more output than there can be': {
    set: { maxModelLen: 200 },
    outputTokens: 300,
    expected: 'invalid-request',
  },
  'bytes one by one': { fault: 'split=1', expected: 'completed' },
  'everything in one write': { fault: 'coalesce=1:100', expected: 'completed' },
}

async function outcome(api: ApiName, port: number, row: Row): Promise<string> {
  const profile = profileSchema.parse({
    load: { kind: 'closed', concurrency: 1 },
    workload: { inputTokens: INPUT_TOKENS, outputTokens: row.outputTokens ?? OUTPUT_TOKENS },
    limits: { ...limits, ...row.limits },
  })
  const model = row.model ?? 'fixed'
  const { records } = await driveHere({ profile, transport: 'undici', port, api, model })
  const [record] = records
  return record?.error?.code ?? record?.state ?? 'no record'
}

describe('what is written down for', () => {
  test.each(Object.entries(ROWS))('%s', async (_title, row) => {
    const simulator = await startFixed(row.set, row.fault === undefined ? [] : [row.fault])
    const port = Number(new URL(simulator.url).port)
    const outcomes = await Promise.all(APIS.map(async (api) => [api, await outcome(api, port, row)] as const))
    await simulator.close()
    const expected = APIS.map((api) => [api, row.but?.[api] ?? row.expected])
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(expected))
  })
})

/** What no answer of a server leads to: connections that are not made, and what falloff does of its own accord. */
const NO_ANSWERS: readonly FailureCode[] = [
  ...(['refused', 'dns', 'tls', 'client-limit'] as const),
  ...(['stopped', 'no-slot', 'budget', 'turn-lost'] as const),
]

test('between them the faults reach every entry of the taxonomy that an answer can lead to', () => {
  const reached = Object.values(ROWS).flatMap(({ expected, but = {} }) => [expected, ...Object.values(but)])
  const wanted = FAILURE_CODES.filter((code) => !NO_ANSWERS.includes(code))
  expect(new Set(reached)).toEqual(new Set(['completed', ...wanted]))
})
