import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/record/index.js'
import { OLLAMA_MODEL, OLLAMA_VERSION, startOllama } from './ollama.js'
import { type Prompt, type Run, run, timesOutOfOrder, troubles } from './run.js'
import type { ServerProcess } from './server-process.js'
import { openTap, type TappedAnswer } from './tap.js'

/**
 * A real server with a real model: real text, real ends of sequence, and its own account of its work. What it answered is
 * read off the wire by code that shares nothing with falloff's decoders.
 */
const OWN = ['ollama-chat', 'ollama-generate'] as const
const OTHERS = ['openai-chat', 'openai-completions', 'openai-responses', 'anthropic-messages'] as const
const APIS = [...OWN, ...OTHERS] as const
type ApiName = (typeof APIS)[number]

/**
 * Half of the answers end by themselves, long before they have to; the other half is cut at its length, of which Ollama
 * says nothing in a response of the Responses API: there every answer is `completed`.
 */
const PROMPTS: readonly (Prompt & { readonly ends: boolean })[] = [
  'France',
  'Italy',
  'Japan',
  'Egypt',
].flatMap((country, i) => [
  {
    prompt: `Question: what is the capital of ${country}?\nAnswer: the capital is`,
    outputTokens: 48,
    ends: true,
  },
  {
    prompt: `Once upon a time, on a journey through ${country}, there was`,
    outputTokens: 6 + 2 * i,
    ends: false,
  },
])

/** What the server itself said of one answer. */
interface ServerWord {
  readonly inputTokens: number
  readonly outputTokens: number
  /** ns; its own API only. */
  readonly totalNs?: number
  readonly prefillNs?: number
  readonly decodeNs?: number
}

type Json = Readonly<Record<string, unknown>>

/** Every JSON object of an answer, whether it comes as lines or as events. */
const objectsIn = (body: string): Json[] =>
  body
    .split('\n')
    .map((line) => line.replace(/^data: ?/, '').trim())
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Json)

function wordOf({ body }: TappedAnswer): ServerWord {
  const objects = objectsIn(body)
  const done = objects.find((o) => o.done === true)
  if (done) {
    return {
      inputTokens: Number(done.prompt_eval_count),
      outputTokens: Number(done.eval_count),
      totalNs: Number(done.total_duration),
      prefillNs: Number(done.prompt_eval_duration),
      decodeNs: Number(done.eval_duration),
    }
  }
  const usages = objects.flatMap((o) => {
    const { usage, response, message } = o as Readonly<Record<string, Json | undefined>>
    return [message?.usage, usage, response?.usage].filter(
      (u) => typeof u === 'object' && u !== null,
    ) as Json[]
  })
  const last = Object.assign({}, ...usages) as Json
  return {
    inputTokens: Number(last.prompt_tokens ?? last.input_tokens),
    outputTokens: Number(last.completion_tokens ?? last.output_tokens),
  }
}

const wordIn = ({ inputTokens, outputTokens }: RequestRecord): readonly unknown[] => [
  inputTokens,
  outputTokens,
]

interface Measured extends Run {
  readonly words: readonly ServerWord[]
}

const measured = new Map<ApiName, Measured>()
let server: ServerProcess | undefined

function found(api: ApiName): Measured {
  const result = measured.get(api)
  if (!result) throw new Error(`nothing was measured through ${api}`)
  return result
}

async function measure(upstream: string, api: ApiName): Promise<Measured> {
  const tap = await openTap(upstream)
  try {
    const result = await run({ url: tap.url, api, model: OLLAMA_MODEL, prompts: PROMPTS, concurrency: 4 })
    return { ...result, words: tap.answers.map(wordOf) }
  } finally {
    await tap.close()
  }
}

beforeAll(async () => {
  server = await startOllama()
})
afterAll(() => server?.stop())

describe.each(APIS)('a real Ollama through %s', (api) => {
  beforeAll(async () => {
    if (!server) throw new Error('no server')
    measured.set(api, await measure(server.url, api))
  })

  it('completes every request, with all its times in order', () => {
    expect(troubles(found(api))).toEqual([])
    expect(found(api).records).toHaveLength(PROMPTS.length)
    expect(timesOutOfOrder(found(api))).toEqual([])
  })

  it('counts the tokens that the server says it evaluated, answer by answer', () => {
    const { records, words } = found(api)
    expect(records.every((r) => r.tokenSource === 'usage')).toBe(true)
    expect(records.map(wordIn).sort()).toEqual(words.map((w) => [w.inputTokens, w.outputTokens]).sort())
  })

  it('gives each answer the reason that the server told', () => {
    const { records } = found(api)
    const told = records.map((r) => r.finishReason)
    expect(told).toEqual(PROMPTS.map(({ ends }) => (ends || api === 'openai-responses' ? 'stop' : 'length')))
    const cut = records.filter((r) => r.outputTokens === r.outputTokensAsked)
    expect(cut.map((r) => r.index)).toEqual(PROMPTS.flatMap(({ ends }, i) => (ends ? [] : [i])))
  })

  it('knows the engine behind it', () => {
    expect(found(api).manifest.target).toMatchObject({ api, engine: 'ollama', version: OLLAMA_VERSION })
  })
})

describe.each(OWN)('the server’s own times through %s', (api) => {
  it('are kept to the nanosecond', () => {
    const { records, words } = found(api)
    const told = words.map((w) => [w.totalNs, w.prefillNs, w.decodeNs])
    const kept = records.map(({ serverTimings: t }) => [t?.totalNs, t?.prefillNs, t?.decodeNs])
    expect(told.flat().every((ns) => Number.isFinite(ns))).toBe(true)
    expect(kept.sort()).toEqual(told.sort())
  })

  it('fit into ours: no part is longer than the whole, and its whole ends before ours', () => {
    for (const record of found(api).records) {
      const {
        prefillNs = Number.NaN,
        decodeNs = Number.NaN,
        totalNs = Number.NaN,
      } = record.serverTimings ?? {}
      const e2eNs = record.endNs - (record.sentNs ?? Number.NaN)
      const ttftNs = (record.firstTokenNs ?? Number.NaN) - (record.sentNs ?? Number.NaN)
      expect(decodeNs).toBeLessThanOrEqual(totalNs)
      expect(totalNs).toBeLessThanOrEqual(e2eNs)
      expect(prefillNs).toBeLessThanOrEqual(ttftNs)
    }
  })
})

describe('all six APIs of a real Ollama', () => {
  it('tell the same input tokens for the same prompts', () => {
    const inputs = (api: ApiName) => found(api).records.map((r) => r.inputTokens)
    expect(Object.fromEntries(APIS.map((api) => [api, inputs(api)]))).toEqual(
      Object.fromEntries(APIS.map((api) => [api, inputs('ollama-chat')])),
    )
  })
})
