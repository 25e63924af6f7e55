import { afterEach, describe, expect, test } from 'vitest'
import type { Simulator } from '../../src/simulate/index.js'
import { post, startFixed } from './wire.js'

let simulator: Simulator
afterEach(() => simulator.close())

const messages = [{ role: 'user', content: 'hello' }]

/** The same request through every API; `tokens` is the most it may generate. */
const ASKS = {
  chat: ['/v1/chat/completions', { messages, max_tokens: 20, ignore_eos: true }],
  responses: ['/v1/responses', { input: 'hello', max_output_tokens: 20, ignore_eos: true }],
  anthropic: ['/v1/messages', { messages, max_tokens: 20 }],
  tgi: ['/generate_stream', { inputs: 'hello', parameters: { max_new_tokens: 20 } }],
  ollama: ['/api/chat', { model: 'fixed', messages, options: { num_predict: 20 } }],
  llamacpp: ['/completion', { prompt: 'hello', n_predict: 20, ignore_eos: true }],
  sglang: ['/generate', { text: 'hello', sampling_params: { max_new_tokens: 20, ignore_eos: true } }],
} as const
type Api = keyof typeof ASKS

const askWith = async (fault: string, api: Api, more: object = { stream: true }) => {
  simulator = await startFixed({}, [fault])
  const [path, body] = ASKS[api]
  return post(simulator.url, path, { ...body, ...more })
}

describe('refused before the stream', () => {
  test.each<[string, Api, number, string]>([
    ['overloaded=1', 'chat', 503, '"code":"server_is_overloaded"'],
    ['overloaded=1', 'responses', 503, '"code":"server_is_overloaded"'],
    ['overloaded=1', 'anthropic', 529, '"type":"overloaded_error"'],
    ['overloaded=1', 'tgi', 200, '{"error":"Model is overloaded","error_type":"overloaded"}'],
    ['overloaded=1', 'ollama', 503, 'server busy, please try again.  maximum pending requests exceeded'],
    ['overloaded=1', 'llamacpp', 503, '"type":"unavailable_error"'],
    ['overloaded=1', 'sglang', 200, '"finish_reason":{"type":"abort"'],
    ['no-quota=1', 'chat', 429, '"code":"insufficient_quota"'],
    ['no-quota=1', 'anthropic', 402, '"type":"billing_error"'],
    ['bad-key=1', 'chat', 401, '"code":"invalid_api_key"'],
    ['bad-key=1', 'anthropic', 401, '"type":"authentication_error"'],
    ['bad-key=1', 'tgi', 401, '"error_type":"unauthorized"'],
    ['rate-limit=1:2s', 'anthropic', 429, '"type":"rate_limit_error"'],
    ['server-error=1', 'anthropic', 500, '"type":"api_error"'],
    ['server-error=1', 'llamacpp', 500, '"code":500'],
    ['unavailable=1', 'tgi', 503, '"error_type":"healthcheck"'],
    ['bad-gateway=1', 'chat', 502, '<html>'],
    ['gateway-timeout=1', 'anthropic', 504, '<html>'],
  ])('%s through %s is %i', async (fault, api, status, part) => {
    const answer = await askWith(fault, api)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(part)
  })

  test('what TGI and SGLang refuse at status 200 in a stream has its own in one piece', async () => {
    expect((await askWith('overloaded=1', 'sglang', { stream: false })).text).toBe(
      '{"detail":"The request queue is full."}',
    )
    await simulator.close()
    simulator = await startFixed({}, ['overloaded=1'])
    expect((await post(simulator.url, '/generate', { inputs: 'hello' })).status).toBe(429)
  })
})

/** How a stream ends that failed on its way: its last frame or two. */
describe('failed on the way', () => {
  test.each<[string, Api, RegExp]>([
    ['error-frame=1', 'chat', /data: \{"error":\{.*"code":500\}\}\n\ndata: \[DONE\]\n\n$/],
    ['overloaded-frame=1', 'chat', /"code":"server_is_overloaded"\}\}\n\ndata: \[DONE\]\n\n$/],
    ['error-frame=1', 'responses', /event: response\.failed\ndata: .*"code":"server_error".*\n\n$/],
    [
      'overloaded-frame=1',
      'responses',
      /event: error\ndata: \{"type":"error".*"server_is_overloaded".*\n\n$/,
    ],
    ['error-frame=1', 'anthropic', /event: error\ndata: .*"type":"api_error".*\n\n$/],
    [
      'overloaded-frame=1',
      'anthropic',
      /event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error","message":"Overloaded"\}\}\n\n$/,
    ],
    ['error-frame=1', 'tgi', /data:\{"error":"Request failed during generation: .*"generation"\}\n\n$/],
    ['overloaded-frame=1', 'tgi', /data:\{"error":"Model is overloaded","error_type":"overloaded"\}\n\n$/],
    ['error-frame=1', 'ollama', /\n\{"error":"Internal server error"\}\n$/],
    ['error-frame=1', 'llamacpp', /data: \{"error":\{"code":500,.*"type":"server_error"\}\}\n\n$/],
    ['error-frame=1', 'sglang', /data: \{"error":\{"message":.*\}\}\n\ndata: \[DONE\]\n\n$/],
    ['overloaded-frame=1', 'sglang', /"type":"abort".*"status_code":503.*\n\ndata: \[DONE\]\n\n$/],
  ])('%s through %s, at status 200 and in an orderly body', async (fault, api, end) => {
    const { status, text, broken } = await askWith(fault, api)
    expect([status, broken]).toEqual([200, false])
    expect(text).toMatch(end)
    expect(simulator.active()).toBe(0)
  })
})

describe('an end that is missing', () => {
  /** What only the end of a whole answer has. */
  const ENDS: Readonly<Record<Api, RegExp>> = {
    chat: /\[DONE\]|"finish_reason":"/,
    responses: /response\.(completed|incomplete)/,
    anthropic: /message_stop|message_delta/,
    tgi: /"generated_text":"/,
    ollama: /"done":true/,
    llamacpp: /"stop":true/,
    sglang: /\[DONE\]|"finish_reason":\{/,
  }
  const apis = Object.keys(ASKS) as Api[]

  test.each(apis)(
    'no-end=1 through %s: an orderly body without it, and without the fault it is there',
    async (api) => {
      const { status, text, broken } = await askWith('no-end=1', api)
      expect([status, broken]).toEqual([200, false])
      expect(text.length).toBeGreaterThan(100)
      expect(text).not.toMatch(ENDS[api])
      await simulator.close()
      expect((await askWith('split=0', api)).text).toMatch(ENDS[api])
    },
  )

  test.each(apis)('cut=1 through %s breaks the body off', async (api) => {
    const { text, broken } = await askWith('cut=1', api)
    expect(broken).toBe(true)
    expect(text).not.toMatch(ENDS[api])
  })

  test.each(apis)('malformed=1 through %s is one frame more that is no JSON', async (api) => {
    const { text } = await askWith('malformed=1', api)
    const data = text.split('\n').flatMap((line) => /^(?:data: ?)?(\{.*)$/.exec(line)?.[1] ?? [])
    const bad = data.filter((line) => {
      try {
        JSON.parse(line)
        return false
      } catch {
        return true
      }
    })
    expect(bad).toHaveLength(1)
    expect(text).toMatch(ENDS[api])
  })
})
