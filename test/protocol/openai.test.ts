import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiOf } from '../../src/protocol/index.js'
import { Shape } from '../../src/protocol/shape.js'
import { content, decode, namedSse, reads, recorded, splits, sse, text, withoutText } from './harness.js'

const fixture = (name: string): Buffer => recorded(`vllm-0.32.0/${name}`)

/** A slow, obvious reading of a recorded stream, to hold the decoder against. */
function readSlowly(body: Buffer, textOf: (choice: Record<string, never>) => unknown) {
  const chunks = body
    .toString('utf8')
    .split('\n\n')
    .map((e) => e.trim())
    .filter((e) => e.startsWith('data: {'))
  const parsed = chunks.map(
    (e) =>
      JSON.parse(e.slice(6)) as {
        choices: Record<string, never>[]
        usage?: { completion_tokens: number; prompt_tokens: number }
      },
  )
  const last = parsed.findLast((c) => c.usage)
  return {
    text: parsed
      .flatMap((c) => c.choices.map(textOf))
      .filter((t) => typeof t === 'string')
      .join(''),
    outputTokens: last?.usage?.completion_tokens,
    inputTokens: last?.usage?.prompt_tokens,
  }
}

const chatText = (choice: Record<string, { content?: unknown }>): unknown => choice.delta?.content
const completionText = (choice: Record<string, unknown>): unknown => choice.text

describe('streams recorded from vLLM 0.32.0', () => {
  for (const [file, api, textOf] of [
    ['chat.sse', 'openai-chat', chatText],
    ['chat-continuous-usage.sse', 'openai-chat', chatText],
    ['chat-one-token.sse', 'openai-chat', chatText],
    ['completions.sse', 'openai-completions', completionText],
    ['completions-continuous-usage.sse', 'openai-completions', completionText],
    ['completions-long.sse', 'openai-completions', completionText],
  ] as const) {
    test(`${file}: text and counts are those of a slow reading, under any split of the bytes`, () => {
      const body = fixture(file)
      const truth = readSlowly(body, textOf as never)
      expect(truth.outputTokens).toBeGreaterThan(0)
      fc.assert(
        fc.property(splits(body), (pieces) => {
          const heard = decode(api, pieces)
          expect(text(heard)).toBe(truth.text)
          expect(heard.usage?.outputTokens).toBe(truth.outputTokens)
          expect(heard.usage?.inputTokens).toBe(truth.inputTokens)
          expect(heard.terminal).toBe(true)
          expect(heard.finish).toBe('length')
          expect(heard.failure).toBeUndefined()
          expect(decode(api, pieces, false)).toEqual(withoutText(heard))
        }),
        { numRuns: 60 },
      )
    })
  }

  test('with a running usage every token is counted on its chunk, and the role chunk is none', () => {
    const heard = decode('openai-chat', [fixture('chat-continuous-usage.sse')])
    const sum = heard.outputs.reduce((total, o) => total + o.tokens, 0)
    expect(sum).toBe(heard.usage?.outputTokens)
    expect(heard.outputs[0]?.text).not.toBe('')
  })
})

const delta = (d: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: d, finish_reason: finish }],
})

describe('what is a token and what is not', () => {
  const cases: [name: string, body: Buffer, outputs: number, visible: number][] = [
    ['a role alone', sse(delta({ role: 'assistant', content: '' })), 0, 0],
    ['a role with null content', sse(delta({ role: 'assistant', content: null })), 0, 0],
    ['text', sse(delta({ content: 'a' })), 1, 1],
    ['a role that rides on the first text', sse(delta({ role: 'assistant', content: 'a' })), 1, 1],
    ['reasoning', sse(delta({ reasoning: 'hm' })), 1, 0],
    ['reasoning under its older name', sse(delta({ reasoning_content: 'hm' })), 1, 0],
    ['a tool call', sse(delta({ tool_calls: [{ index: 0, function: { name: 'f' } }] })), 1, 1],
    ['a refusal', sse(delta({ refusal: 'no' })), 1, 1],
    ['usage alone', sse({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 5 } }), 0, 0],
    [
      'empty text that usage counts',
      sse({ ...delta({ content: '' }), usage: { completion_tokens: 1 } }),
      1,
      1,
    ],
    [
      'the sum at the end beside an empty choice (LiteLLM)',
      sse(delta({ content: 'a' }), delta({ content: 'b' }), {
        ...delta({}),
        usage: { completion_tokens: 2 },
      }),
      2,
      2,
    ],
    ['a comment', Buffer.from(': ping\n\n'), 0, 0],
  ]
  for (const [name, body, outputs, visible] of cases) {
    test(`${name}: ${outputs} output, ${visible} visible`, () => {
      const heard = decode('openai-chat', [body])
      expect(heard.outputs).toHaveLength(outputs)
      expect(heard.outputs.filter((o) => o.visible)).toHaveLength(visible)
    })
  }
})

test('a usage of 0 beside text is no count of it (Ollama)', () => {
  const text = (content: string, completion_tokens: number) => ({
    choices: [{ index: 0, text: content }],
    usage: { completion_tokens },
  })
  const body = sse(text('a', 0), text('b', 0), text('', 2), '[DONE]')
  for (const wantsText of [true, false]) {
    const heard = decode('openai-completions', [body], wantsText)
    expect(heard.outputs.map((o) => o.tokens)).toEqual([-1, -1])
    expect(heard.usage?.outputTokens).toBe(2)
  }
})

test('a sum that comes with the last text (TGI) is not what that text brought', () => {
  const body = sse(delta({ content: 'a' }), { ...delta({ content: 'b' }), usage: { completion_tokens: 2 } })
  for (const wantsText of [true, false]) {
    const heard = decode('openai-chat', [body], wantsText)
    expect(heard.outputs.map((o) => o.tokens)).toEqual([-1, -1])
    expect(heard.usage?.outputTokens).toBe(2)
  }
})

describe('endings', () => {
  test('an error event is a failure even when [DONE] follows', () => {
    const heard = decode('openai-chat', [sse({ error: { message: 'boom', code: 500 } }, '[DONE]')])
    expect(heard.failure).toBe('server-error')
  })
  test('an error that is a plain string (TGI) is understood', () => {
    expect(
      decode('openai-chat', [sse({ error: 'Model is overloaded', error_type: 'overloaded' })]).failure,
    ).toBe('overloaded')
  })
  test('an event that is named an error is one, whatever its data', () => {
    const names: [data: unknown, code: string][] = [
      [{ code: 503, message: 'Loading model', type: 'unavailable_error' }, 'overloaded'],
      [{ choices: [{ delta: { content: 'a' } }] }, 'server-error'],
      ['boom', 'server-error'],
    ]
    for (const [data, code] of names) {
      for (const wantsText of [true, false]) {
        const heard = decode('openai-chat', [namedSse([['error', data]])], wantsText)
        expect(heard).toMatchObject({ failure: code, outputs: [] })
      }
    }
  })
  test('finish_reason abort is a failure', () => {
    expect(decode('openai-chat', [sse(delta({}, 'abort'))]).failure).toBe('server-error')
  })
  test('an empty finish_reason is none (TGI completions)', () => {
    expect(
      decode('openai-completions', [sse({ choices: [{ text: 'a', finish_reason: '' }] })]).finish,
    ).toBeUndefined()
  })
  test('data that is no JSON is a protocol violation', () => {
    expect(decode('openai-chat', [sse('not json')]).failure).toBe('protocol-violation')
  })
  test('an event of more than 4 MiB is refused instead of held', () => {
    const piece = Buffer.alloc(1024 * 1024, 0x61)
    expect(decode('openai-chat', [Buffer.from('data: '), piece, piece, piece, piece, piece]).failure).toBe(
      'protocol-violation',
    )
  })
})

describe('events that are like the one before', () => {
  const event = fc.oneof(
    { weight: 6, arbitrary: content.map((text) => sse(delta({ content: text }))) },
    content.map((text) => sse(delta({ reasoning: text }))),
    fc
      .tuple(content, content, fc.nat())
      .map(([text, id, created]) => sse({ id, created, ...delta({ content: text }) })),
    content.map((text) => sse({ model: 'other', ...delta({ content: text }) })),
    content.map((text) => sse(delta({ content: text }, 'stop'))),
    content.map((text) => sse({ ...delta({ content: text }), usage: { completion_tokens: 3 } })),
    content.map((text) =>
      Buffer.from(
        sse(delta({ content: text }))
          .toString()
          .replaceAll('\n', '\r\n'),
      ),
    ),
    content.map((text) => Buffer.concat([Buffer.from('event: x\n'), sse(delta({ content: text }))])),
    content.map((text) => Buffer.concat([Buffer.from(': hi\n\n'), sse(delta({ content: text }))])),
    content.map((text) =>
      Buffer.from(`data: {"choices":[{"index":0,\ndata: "delta":{"content":${JSON.stringify(text)}}}]}\n\n`),
    ),
    fc.constant(sse({ error: { message: 'boom' } })),
    fc.constant(sse('{"choices":[{"delta":{"content":"a}}]}')),
    fc.constant(sse('[DONE]')),
  )
  test('mean what they mean when each is read as if it were the first', () => {
    fc.assert(
      fc.property(reads(event), (pieces) => {
        expect(decode('openai-chat', pieces, false)).toEqual(withoutText(decode('openai-chat', pieces, true)))
      }),
      { numRuns: 2000 },
    )
  })

  test('are known by their shape: other text, other values that nobody reads, and nothing else', () => {
    const first = Buffer.from('{"id":"x","n":1,"t":"one","b":1}')
    const hole = (from: number, to: number, kind: 0 | 1) => ({ from, to, kind })
    const shape = new Shape(first, 0, first.length, [hole(6, 9, 0), hole(14, 15, 0), hole(20, 25, 1)], true)
    const fits = (text: string): boolean => {
      const bytes = Buffer.from(`#${text}#`)
      return shape.fits(bytes, 1, bytes.length - 1)
    }
    const alike = [
      '{"id":"","n":207,"t":"two","b":1}',
      '{"id":"y","n":0.5,"t":"\\n ✓","b":1}',
      '{"id":3,"n":"z","t":"a","b":1}',
    ]
    for (const text of alike) expect(fits(text), text).toBe(true)
    const others = [
      '',
      '{"id":"x","n":1,"t":"","b":1}',
      '{"id":"x","n":1,"t":"a"b","b":1}',
      '{"id":"x","n":1,"t":"\t","b":1}',
      '{"id":"x","n":01,"t":"a","b":1}',
      '{"id":"x","n":,"t":"a","b":1}',
      '{"id":null,"n":1,"t":"a","b":1}',
      '{"id":"x","n":1,"t":3,"b":1}',
      '{"id":"x","n":1,"t":"a","b":2}',
      '{"id":"x","n":1,"t":"a","c":1}',
      '{"id":"x","n":1,"t":"a","b":1',
      '{"id":"x","n":1,"t":"a","b":1}}',
    ]
    for (const text of others) expect(fits(text), text).toBe(false)
  })
})

describe('line endings', () => {
  for (const [name, eol] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    test(`${name}, under any split`, () => {
      const body = Buffer.from(
        [delta({ content: 'Grüße' }), delta({ content: '✓' }, 'stop')]
          .map((e) => `data: ${JSON.stringify(e)}${eol}${eol}`)
          .join('') + `data: [DONE]${eol}${eol}`,
      )
      fc.assert(
        fc.property(splits(body), (pieces) => {
          const heard = decode('openai-chat', pieces)
          expect(text(heard)).toBe('Grüße✓')
          expect(heard.terminal).toBe(true)
        }),
      )
    })
  }
})

describe('failures before the stream', () => {
  const cases: [status: number, body: string, code: string][] = [
    [401, '{"error":{"message":"bad key"}}', 'authentication'],
    [404, '{"error":{"message":"no such model","code":404}}', 'not-found'],
    [400, fixture('error-prompt-too-long.json').toString(), 'context-too-long'],
    [400, fixture('error-validation.json').toString(), 'invalid-request'],
    [429, '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}', 'rate-limited'],
    [429, '{"error":{"message":"pay","code":"insufficient_quota"}}', 'quota'],
    [429, '{"error":"Model is overloaded","error_type":"overloaded"}', 'overloaded'],
    [503, 'Service Unavailable', 'overloaded'],
    [502, '<html>Bad Gateway</html>', 'gateway'],
    [500, '{"object":"error","message":"flat","code":500}', 'server-error'],
  ]
  for (const [status, body, code] of cases) {
    test(`HTTP ${status} ${body.slice(0, 40)} is ${code}`, () => {
      const failure = apiOf('openai-chat').failureOf(status, body, {})
      expect(failure.code).toBe(code)
      expect(failure.message.length).toBeLessThanOrEqual(200)
    })
  }
  test('Retry-After in seconds and as a date', () => {
    expect(apiOf('openai-chat').failureOf(429, '', { 'retry-after': '3' }).retryAfterMs).toBe(3000)
    const inAMinute = new Date(Date.now() + 60_000).toUTCString()
    expect(
      apiOf('openai-chat').failureOf(429, '', { 'retry-after': inAMinute }).retryAfterMs,
    ).toBeGreaterThan(50_000)
  })
})

test('the body asks for usage, and for an exact length only when told to', () => {
  const request = {
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    outputTokens: 9,
    exactOutput: true,
    chunkUsage: true,
    extraBody: { max_tokens: null, top_k: 3 },
  }
  const body = JSON.parse(apiOf('openai-chat').encode(request)) as Record<string, unknown>
  expect(body).toMatchObject({
    stream: true,
    ignore_eos: true,
    min_tokens: 9,
    top_k: 3,
    stream_options: { include_usage: true, continuous_usage_stats: true },
  })
  expect(body).not.toHaveProperty('max_tokens')
  const plain = JSON.parse(
    apiOf('openai-completions').encode({ ...request, exactOutput: false, chunkUsage: false, tools: [{}] }),
  ) as Record<string, unknown>
  expect(plain).not.toHaveProperty('tools')
  expect(plain).not.toHaveProperty('ignore_eos')
  expect(plain).toMatchObject({ prompt: 'hi', stream_options: { include_usage: true } })
})
