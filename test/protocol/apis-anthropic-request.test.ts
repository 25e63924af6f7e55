import { describe, expect, test } from 'vitest'
import { apiOf } from '../../src/protocol/index.js'
import { recorded } from './harness.js'

const API = 'anthropic-messages'

describe('a Messages request', () => {
  const user = { role: 'user', content: 'Hi' }
  const request = {
    model: 'm',
    messages: [{ role: 'system', content: 'Be brief.' }, user],
    ...{ outputTokens: 9, exactOutput: true, chunkUsage: true, extraBody: {} },
  }
  const encode = (more: object) =>
    JSON.parse(apiOf(API).encode({ ...request, ...more })) as Record<string, unknown>

  test('holds its length and the system prompt apart, and neither sampling nor what the API has no word for', () => {
    expect(encode({ seed: 5 })).toEqual({
      model: 'm',
      max_tokens: 9,
      system: 'Be brief.',
      messages: [user],
      stream: true,
    })
  })

  test('has no system prompt where there is none, and one where there are several', () => {
    expect(encode({ messages: [user] })).not.toHaveProperty('system')
    const [a, b] = [
      { role: 'developer', content: 'a' },
      { role: 'system', content: 'b' },
    ]
    expect(encode({ messages: [a, b, user] })).toMatchObject({ system: 'a\nb', messages: [user] })
  })

  const tool = { name: 'f', input_schema: { type: 'object' } }
  const schema = { type: 'object', properties: { a: { type: 'integer' } } }
  const knobs: [knob: object, field: object][] = [
    [{ temperature: 0 }, { temperature: 0 }],
    [{ tools: [tool] }, { tools: [tool] }],
    [{ jsonSchema: schema }, { output_config: { format: { type: 'json_schema', schema } } }],
    [{ promptCache: 'off' }, { cache_salt: expect.stringMatching(/.{20}/) }],
    [{ extraBody: { thinking: { type: 'disabled' } } }, { thinking: { type: 'disabled' } }],
  ]
  test.each(knobs)('%j is written', (knob, field) => {
    expect(encode(knob)).toEqual({ ...encode({}), ...field })
  })

  test('marks for the cache what requests share and the conversation so far, and nothing between', () => {
    const mark = { cache_control: { type: 'ephemeral' } }
    const turns = [user, { role: 'assistant', content: 'Hello' }, { role: 'user', content: 'More' }]
    const body = encode({ promptCache: 'mark', messages: [{ role: 'system', content: 'S' }, ...turns] })
    expect(body.system).toEqual([{ type: 'text', text: 'S', ...mark }])
    expect(body.messages).toEqual([
      ...turns.slice(0, 2),
      { role: 'user', content: [{ type: 'text', text: 'More', ...mark }] },
    ])
    expect(apiOf(API).encode({ ...request })).not.toContain('cache_control')
  })

  test('a null in extraBody leaves a field out', () => {
    expect(encode({ extraBody: { system: null } })).not.toHaveProperty('system')
  })

  test('carries the key and the version in headers of its own', () => {
    expect(apiOf(API).headers).toEqual({ 'anthropic-version': '2023-06-01' })
    expect(apiOf(API).authorize('k')).toEqual({ 'x-api-key': 'k' })
  })
})

describe("Anthropic's errors before the stream", () => {
  const cases: [status: number, type: string, code: string][] = [
    [400, 'invalid_request_error', 'invalid-request'],
    [401, 'authentication_error', 'authentication'],
    [402, 'billing_error', 'quota'],
    [403, 'permission_error', 'authentication'],
    [404, 'not_found_error', 'not-found'],
    [429, 'rate_limit_error', 'rate-limited'],
    [500, 'api_error', 'server-error'],
    [504, 'timeout_error', 'gateway'],
    [413, 'request_too_large', 'context-too-long'],
    [529, 'overloaded_error', 'overloaded'],
  ]
  test.each(cases)('HTTP %i %s is %s', (status, type, code) => {
    const body = JSON.stringify({ type: 'error', error: { type, message: 'As told' }, request_id: 'req_1' })
    expect(apiOf(API).failureOf(status, body, {})).toEqual({ code, message: `HTTP ${status} As told` })
  })

  test("vLLM's, under names of its own", () => {
    for (const [status, file, code] of [
      [400, 'error-messages-prompt-too-long.json', 'context-too-long'],
      [400, 'error-messages-validation.json', 'invalid-request'],
      [404, 'error-messages-unknown-model.json', 'not-found'],
    ] as const) {
      const body = recorded(`vllm-0.32.0/${file}`).toString('utf8')
      expect(apiOf(API).failureOf(status, body, {}).code, file).toBe(code)
    }
  })

  test('a limit on spending is a quota, and no rate', () => {
    for (const code of ['contract_spend_limit_reached', 'enforced_spend_limit_reached']) {
      const error = { type: 'rate_limit_error', message: 'Limit reached', details: { error_code: code } }
      expect(apiOf(API).failureOf(429, JSON.stringify({ type: 'error', error }), {}).code).toBe('quota')
    }
  })

  test('a prompt that is too long is told from other bad requests', () => {
    const message = 'prompt is too long: 209153 tokens > 200000 maximum'
    const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } })
    expect(apiOf(API).failureOf(400, body, {}).code).toBe('context-too-long')
  })
})
