import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineTotals, engineTotals, increase } from './exposition.js'
import { type Prompt, type Run, run, timesOutOfOrder, troubles } from './run.js'
import { startVllm, type VllmServer } from './vllm.js'

/**
 * The same prompts through every API that vLLM serves. Its chat-templated APIs put the same tokens before the model and
 * the model's weights are the same, so whatever the API, the counts have to be equal.
 */
const APIS = ['openai-chat', 'openai-completions', 'openai-responses', 'anthropic-messages'] as const
type ApiName = (typeof APIS)[number]

const SUBJECTS = ['the tide', 'a lighthouse', 'old maps', 'bridges', 'rain', 'clocks', 'salt', 'paper']

const PROMPTS: readonly Prompt[] = Array.from({ length: 16 }, (_, i) => ({
  prompt: `Number ${i}: tell me about ${SUBJECTS[i % SUBJECTS.length]}${' in more detail'.repeat(i)}.`,
  outputTokens: 24 + 3 * i,
}))

interface Measured extends Run {
  /** What the engine's own counters rose by. */
  readonly engine: EngineTotals
}

const measured = new Map<ApiName, Measured>()
let server: VllmServer | undefined

function found(api: ApiName): Measured {
  const result = measured.get(api)
  if (!result) throw new Error(`nothing was measured through ${api}`)
  return result
}

async function measure({ url, model }: VllmServer, api: ApiName): Promise<Measured> {
  const before = await engineTotals(url)
  const result = await run({ url, api, model, prompts: PROMPTS, concurrency: 4 })
  return { ...result, engine: increase(before, await engineTotals(url)) }
}

/** The engine's own tokenizer: the prompt alone, or inside the chat template. */
async function countedByEngine({ url, model }: VllmServer, asChat: boolean): Promise<number[]> {
  return Promise.all(
    PROMPTS.map(async ({ prompt }) => {
      const content = asChat ? { messages: [{ role: 'user', content: prompt }] } : { prompt }
      const answer = await fetch(`${url}/tokenize`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, ...content }),
      })
      return ((await answer.json()) as { count: number }).count
    }),
  )
}

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? Number.NaN), 0)

beforeAll(async () => {
  server = await startVllm({ model: 'light', args: ['--max-num-seqs', '8'] })
})
afterAll(() => server?.stop())

describe.each(APIS)('a real vLLM through %s', (api) => {
  beforeAll(async () => {
    if (!server) throw new Error('no server')
    measured.set(api, await measure(server, api))
  })

  it('completes every request, with all its times in order', () => {
    expect(troubles(found(api))).toEqual([])
    expect(found(api).records).toHaveLength(PROMPTS.length)
    expect(timesOutOfOrder(found(api))).toEqual([])
  })

  it('is told for every output that it ended at its length, with usage from the server', () => {
    const { records } = found(api)
    expect(new Set(records.map((r) => r.finishReason))).toEqual(new Set(['length']))
    expect(records.filter((r) => r.tokenSource !== 'usage' && r.tokenSource !== 'chunk-usage')).toEqual([])
  })

  it('gets as many tokens as it asked for, and counts what the engine counts', () => {
    const { records, engine } = found(api)
    expect(records.map((r) => r.outputTokens)).toEqual(PROMPTS.map((p) => p.outputTokens))
    expect(engine.generationTokens).toBe(sum(records.map((r) => r.outputTokens)))
    expect(engine.promptTokens).toBe(sum(records.map((r) => r.inputTokens)))
  })

  it('knows the engine behind it', () => {
    expect(found(api).manifest.target).toMatchObject({ api, engine: 'vllm', maxModelLen: 2048 })
    expect(found(api).manifest.target.version).toMatch(/^0\.32\.0/)
  })
})

describe('all four APIs of a real vLLM', () => {
  const outputs = (api: ApiName) => found(api).records.map((r) => r.outputTokens)
  const inputs = (api: ApiName) => found(api).records.map((r) => r.inputTokens)

  it('tell the same output tokens for the same prompts', () => {
    expect(Object.fromEntries(APIS.map((api) => [api, outputs(api)]))).toEqual(
      Object.fromEntries(APIS.map((api) => [api, outputs('openai-chat')])),
    )
  })

  it('tell the input tokens that the engine’s tokenizer counts, with the chat template where there is one', async () => {
    if (!server) throw new Error('no server')
    const [chat, plain] = await Promise.all([countedByEngine(server, true), countedByEngine(server, false)])
    expect(Object.fromEntries(APIS.map((api) => [api, inputs(api)]))).toEqual({
      'openai-chat': chat,
      'openai-completions': plain,
      'openai-responses': chat,
      'anthropic-messages': chat,
    })
  })
})
