import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { httpFailure, streamFailure } from '../../src/protocol/failure.js'
import { recorded } from './harness.js'

/** Errors as servers tell them, one a line, with what each is. */
const lines = <T>(file: string): T[] =>
  recorded(`errors/${file}`)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

const HTTP =
  lines<[who: string, status: number, body: string | object, code: string]>('before-the-stream.jsonl')
const IN_STREAM = lines<[who: string, event: unknown, code: string]>('in-the-stream.jsonl')

const error = (fields: object): object => ({ error: fields })
const page = (title: string): string =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body>…</body></html>`

const told = (body: string | object): string => (typeof body === 'string' ? body : JSON.stringify(body))

describe('a failure before the stream has one name, whoever tells it', () => {
  test.each(HTTP)('%s: %i %j is %s', (_who, status, body, code) => {
    expect(httpFailure(status, told(body), {}).code).toBe(code)
  })
})

describe('a failure within a stream has the same names', () => {
  test.each(IN_STREAM)('%s: %j is %s', (_who, event, code) => {
    expect(streamFailure(event).code).toBe(code)
  })
})

test('every failure that a server can tell is reached', () => {
  const reached = new Set([...HTTP.map(([, , , code]) => code), ...IN_STREAM.map(([, , code]) => code)])
  expect([...reached].sort()).toEqual([
    'authentication',
    'context-too-long',
    'gateway',
    'invalid-request',
    'not-found',
    'overloaded',
    'quota',
    'rate-limited',
    'server-error',
  ])
})

describe('the message of a failure', () => {
  const cases: [what: string, status: number, body: string | object, message: string][] = [
    ['is what the server says', 404, error({ message: 'No\n such  model' }), 'HTTP 404 No such model'],
    ['is the title of a page', 502, page('502 Bad Gateway'), 'HTTP 502 502 Bad Gateway'],
    ['is told of a page without one', 502, '<html><body>…</body></html>', 'HTTP 502 a page without a title'],
    ['is the body where there is no better', 500, '{"ok":false}', 'HTTP 500 {"ok":false}'],
    ['is the first of a list', 422, { detail: [{ msg: 'Field required' }] }, 'HTTP 422 Field required'],
    ['is the status where nothing is told', 503, '', 'HTTP 503'],
    [
      'does not repeat what was sent',
      400,
      error({ message: "1 validation error: {'msg': 'Input should be a valid list', 'input': 'my prompt'}" }),
      "HTTP 400 1 validation error: {'msg': 'Input should be a valid list', 'input': …",
    ],
  ]
  test.each(cases)('%s', (_what, status, body, message) => {
    expect(httpFailure(status, told(body), {}).message).toBe(message)
  })

  const secrets = [
    'sk-proj-Ab3dEfGh1jKlMn0pQrStUv',
    'sk-ant-api03-planted',
    'gsk_9a8b7c6d5e4f3a2b1c',
    'hf_abcdefghijklmnop',
    'AIzaSyA1234567890abcdefghijk',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    '88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b',
  ]
  const sentences: [string, (secret: string) => string][] = [
    ['alone', (s) => s],
    ['as a key', (s) => `Incorrect API key provided: ${s}. You can find your key at https://example.com.`],
    ['as a bearer', (s) => `Malformed header "Authorization: Bearer ${s}"`],
    ['as a field', (s) => `unknown field {"api_key": "${s}"}`],
    ['as an assignment', (s) => `Received API Key = ${s}, Key Hash (Token) = ${s}`],
    ['in a URL', (s) => `cannot reach https://user:${s}@example.com/v1`],
    ['behind much else', (s) => `${'x '.repeat(60)}${s}`],
  ]
  test.each(sentences)('masks what looks like a key: %s', (_where, sentence) => {
    for (const secret of secrets) {
      for (const message of [
        httpFailure(401, told(error({ message: sentence(secret) })), {}).message,
        httpFailure(401, sentence(secret), {}).message,
        streamFailure(error({ message: sentence(secret) })).message,
      ]) {
        expect(message).not.toContain(secret.slice(0, 12))
        expect(message).not.toContain(secret.slice(-12))
        expect(message).toContain('…')
      }
    }
  })

  test('masks the key of a strange form where it is called one', () => {
    for (const key of ['planted-key-123', 'k3y_with_underscores', 'onlyletterswithoutanumber']) {
      for (const text of [`invalid api key: ${key}`, `Authorization: Bearer ${key}`, `access_token=${key}`]) {
        expect(httpFailure(401, text, {}).message).not.toContain(key)
      }
    }
  })

  test('leaves words, names and numbers alone', () => {
    for (const text of [
      'Invalid API key',
      'bearer token missing',
      'The model `Qwen/Qwen2.5-0.5B-Instruct` does not exist',
      'maximum context length is 8192 tokens, request 0f8fad5b-d9cb-469f-a165-70867728950e',
      'risk-adjusted task-based ask-me-anything',
    ]) {
      expect(httpFailure(400, text, {}).message).toBe(`HTTP 400 ${text}`)
    }
  })
})

describe('whatever a server sends', () => {
  const anything = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.json(),
    fc.constantFrom(...HTTP.map(([, , body]) => told(body))),
    fc
      .tuple(fc.constantFrom('error', 'detail', 'errors', 'message', 'code'), fc.jsonValue())
      .map(([k, v]) => JSON.stringify({ [k]: v })),
  )

  test('it is classified, in one line of at most 200 characters', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 999 }), anything, (status, body) => {
        const { code, message } = httpFailure(status, body, {})
        expect(code).toMatch(/^[a-z-]+$/)
        expect(message.length).toBeLessThanOrEqual(200)
        expect(message).not.toMatch(/[\n\r\t]/)
      }),
      { numRuns: 2000 },
    )
  })

  test('errors within errors without end, and texts without end, are no trouble', () => {
    const deep = `${'{"error":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    expect(streamFailure(JSON.parse(deep)).code).toBe('server-error')
    expect(streamFailure(JSON.parse('['.repeat(20_000) + ']'.repeat(20_000))).code).toBe('server-error')
    for (const filler of ['model ', 'a1', 'api key: ', 'bearer ', 'sk-', "'input': "]) {
      const long = error({ message: filler.repeat(500_000) })
      expect(streamFailure(long).message.length).toBeLessThanOrEqual(200)
    }
  })
})

test('how long to wait is what the headers say', () => {
  expect(httpFailure(429, '', { 'retry-after': '3' }).retryAfterMs).toBe(3000)
  expect(httpFailure(429, '', { 'retry-after-ms': '250', 'retry-after': '3' }).retryAfterMs).toBe(250)
  expect(httpFailure(429, '', {})).not.toHaveProperty('retryAfterMs')
})
