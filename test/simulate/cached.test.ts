import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDescription, type Simulator, startSimulator } from '../../src/simulate/index.js'
import { type Json, wholeFrom } from './wire.js'

describe('on an engine with a prefix cache', () => {
  /** 400 tokens of prompt in blocks of 16, of which the last is always computed again. */
  const prompt = 'a '.repeat(400).trim()
  let engine: Simulator
  beforeAll(async () => {
    engine = await startSimulator({
      description: loadDescription('llama-3-8b-h100', { frontEndMs: 0, maxModelLen: 4096 }),
      host: '127.0.0.1',
      port: 0,
      faults: [],
    })
  })
  afterAll(() => engine.close())

  test('what was cached is told by every API that can, and its times add up', async () => {
    const ask = { prompt, n_predict: 4, ignore_eos: true }
    const cold = await wholeFrom(engine.url, '/completion', ask)
    const warm = await wholeFrom(engine.url, '/completion', ask)
    const apart = await wholeFrom(engine.url, '/completion', { ...ask, cache_prompt: false })
    const of = ({ timings }: Json) => [timings.cache_n, timings.prompt_n]
    expect([of(cold), of(warm), of(apart)]).toEqual([
      [0, 400],
      [384, 16],
      [0, 400],
    ])
    expect(cold.timings.predicted_per_second).toBeCloseTo(4000 / cold.timings.predicted_ms, 6)
    const { meta_info } = await wholeFrom(engine.url, '/generate', {
      text: prompt,
      sampling_params: { max_new_tokens: 2 },
    })
    expect(meta_info).toMatchObject({ prompt_tokens: 400, cached_tokens: 384 })
  })

  test.each([
    ['/v1/responses', 'cache_salt', 'input', ({ usage }: Json) => usage.input_tokens_details.cached_tokens],
    ['/generate', 'extra_key', 'text', ({ meta_info }: Json) => meta_info.cached_tokens],
  ])('what %s keeps apart by its %s finds nothing of it', async (path, knob, field, cachedIn) => {
    const short = { max_output_tokens: 2, sampling_params: { max_new_tokens: 2 } }
    const ask = (salt: object) => wholeFrom(engine.url, path, { [field]: `${prompt} c`, ...short, ...salt })
    await ask({})
    expect(cachedIn(await ask({}))).toBeGreaterThan(300)
    expect(cachedIn(await ask({ [knob]: 'one' }))).toBe(0)
    expect(cachedIn(await ask({ [knob]: 'one' }))).toBeGreaterThan(300)
  })

  test('a message tells it only where something was marked for the cache', async () => {
    const text = `${prompt} b`
    const ask = (more: object) => ({
      messages: [{ role: 'user', content: [{ type: 'text', text, ...more }] }],
      max_tokens: 2,
    })
    const plain = await wholeFrom(engine.url, '/v1/messages', ask({}))
    const marked = await wholeFrom(engine.url, '/v1/messages', ask({ cache_control: { type: 'ephemeral' } }))
    expect(plain.usage).toMatchObject({ input_tokens: 408, cache_read_input_tokens: 0 })
    expect(marked.usage).toMatchObject({ input_tokens: 408 - 400, cache_read_input_tokens: 400 })
    const mark = { cache_control: { type: 'ephemeral' } }
    const apart = await wholeFrom(engine.url, '/v1/messages', { ...ask(mark), cache_salt: 'two' })
    expect(apart.usage).toMatchObject({ input_tokens: 408, cache_read_input_tokens: 0 })
  })
})
