import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outputOf, parseChunk, usageOf } from '../../src/protocol/openai/chunk.js'
import { createScannedChunk, scanChunk } from '../../src/protocol/openai/scan.js'

/** What the scanner makes of an event; undefined where it declines. */
function scan(event: string | Buffer) {
  const bytes = Buffer.concat([Buffer.from('{"'), Buffer.from(event), Buffer.from('"}')])
  const into = createScannedChunk()
  if (!scanChunk(bytes, 2, bytes.length - 2, into)) return undefined
  const { modelFrom, modelTo, ...rest } = into
  return { ...rest, model: bytes.toString('utf8', modelFrom, modelTo) }
}

/** The same by JSON.parse. */
function parsed(text: string) {
  const chunk = parseChunk(text)
  if (chunk === undefined) return undefined
  const { choices } = chunk
  const { bears, visible } = outputOf(choices)
  const texts = choices
    .flatMap(({ delta, text: written }) => {
      const { content, reasoning, reasoning_content: older } = (delta ?? {}) as Record<string, unknown>
      return [content, reasoning, older, written]
    })
    .filter((t) => t)
  const usage = chunk.usage ? usageOf(chunk.usage) : undefined
  return {
    bears,
    visible,
    hasChoices: choices.length > 0,
    finish: choices.reduce<unknown>((finish, c) => c.finish_reason || finish, ''),
    hasUsage: usage !== undefined,
    promptTokens: usage?.inputTokens ?? -1,
    completionTokens: usage?.outputTokens ?? -1,
    model: chunk.model,
    texts: texts.length,
  }
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', 'a"b', '\\', '\n', 'é', '\u2028', '{"x":1}'),
)
const orNull = <T>(a: fc.Arbitrary<T>) => fc.option(a, { nil: null })
const count = fc.nat({ max: 200_000 })
const delta = fc.record(
  {
    role: fc.constant('assistant'),
    content: orNull(text),
    reasoning: orNull(text),
    reasoning_content: orNull(text),
    refusal: fc.constant(null),
    tool_calls: fc.constantFrom(null, []),
  },
  { requiredKeys: [] },
)
const choice = fc.record(
  {
    index: fc.nat(3),
    delta,
    text: orNull(text),
    logprobs: fc.constantFrom(null, { content: [{ token: 'a', logprob: 0.25, bytes: [97], top: [] }] }),
    finish_reason: fc.constantFrom(null, 'stop', 'length'),
    stop_reason: fc.constantFrom(null, 151643, 'x'),
    token_ids: fc.constant(null),
  },
  { requiredKeys: ['index'] },
)
const chunk = fc.record(
  {
    id: text,
    object: fc.constant('chat.completion.chunk'),
    created: count,
    model: fc.constantFrom('m', 'Qwen/Qwen2.5-0.5B'),
    choices: fc.array(choice, { maxLength: 3 }),
    usage: orNull(
      fc.record(
        {
          prompt_tokens: count,
          completion_tokens: count,
          total_tokens: count,
          prompt_tokens_details: fc.constant(null),
        },
        { requiredKeys: [] },
      ),
    ),
    system_fingerprint: orNull(text),
    service: fc.constantFrom(true, false, null, 1.5, [1, [2], {}]),
  },
  { requiredKeys: ['choices'] },
)
/** As `JSON.stringify` writes it, as Python's `json.dumps` does, and with all of it escaped. */
const styles = [
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => JSON.stringify(value, null, 1),
  (value: unknown) =>
    JSON.stringify(value).replace(
      /[^\x20-\x7e]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
]

describe('reading a chunk from its bytes', () => {
  test('tells what JSON.parse tells, for every ordinary chunk, and declines none of them', () => {
    fc.assert(
      fc.property(chunk, fc.constantFrom(...styles), (value, style) => {
        const written = style(value)
        expect(scan(written)).toEqual(parsed(written))
      }),
      { numRuns: 2000 },
    )
  })

  test('never accepts what JSON.parse refuses or reads otherwise, whatever happened to the bytes', () => {
    let accepted = 0
    fc.assert(
      fc.property(
        chunk,
        fc.array(
          fc.record({
            at: fc.nat(400),
            cut: fc.nat(3),
            put: fc.constantFrom(
              '',
              '"',
              '\\',
              '{',
              '}',
              '[',
              ']',
              ',',
              ':',
              '0',
              '-',
              '.',
              'e5',
              'null',
              'tru',
              '\u0001',
              ' ',
              'u12',
              '/',
              '\n',
            ),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (value, edits) => {
          let written = JSON.stringify(value)
          for (const { at, cut, put } of edits) {
            const from = at % (written.length + 1)
            written = written.slice(0, from) + put + written.slice(from + cut)
          }
          const found = scan(written)
          if (found === undefined) return
          accepted++
          expect(found).toEqual(parsed(written))
        },
      ),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  const declined: readonly (readonly [why: string, text: string])[] = [
    ['an error', '{"error":{"message":"boom"},"choices":[]}'],
    ['a tool call', '{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}'],
    ['a refusal', '{"choices":[{"delta":{"refusal":"no"}}]}'],
    ['token ids', '{"choices":[{"delta":{},"token_ids":[1]}]}'],
    ['a finish reason it has no word for', '{"choices":[{"delta":{},"finish_reason":"abort"}]}'],
    [
      'details of usage',
      '{"choices":[],"usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":1}}}',
    ],
    ['a count that is no whole number', '{"choices":[],"usage":{"prompt_tokens":1.5}}'],
    ['a name with an escape', '{"ch\\u006fices":[]}'],
    ['a nesting that would use the stack up', `{"x":${'['.repeat(1e6)}${']'.repeat(1e6)}}`],
    ['a field that comes twice', '{"choices":[{"delta":{"content":"a"},"delta":{}}]}'],
    ['a field of a field that comes twice', '{"choices":[{"delta":{"content":"a","content":""}}]}'],
    ['a list that comes twice', '{"choices":[{"text":"a"}],"choices":[]}'],
    ['a count that comes twice', '{"choices":[],"usage":{"prompt_tokens":1,"prompt_tokens":2}}'],
    ['the terminal marker', '[DONE]'],
    ['nothing', ''],
    ['an end too early', '{"choices":[{"delta":{"content":"a'],
    ['something behind it', '{"choices":[]} x'],
    ['a bare control character', '{"id":"a\u0000b"}'.replace('\\u0000', '\u0000')],
  ]
  test.each(declined)('%s is left to JSON.parse', (_why, written) => {
    expect(scan(written)).toBeUndefined()
  })

  test('a read past the end of the event is none: bytes behind it change nothing', () => {
    const whole = '{"choices":[{"delta":{"content":"abc"}}]}'
    for (let length = 0; length < whole.length; length++) {
      const bytes = Buffer.from(whole)
      expect(scanChunk(bytes, 0, length, createScannedChunk())).toBe(false)
    }
  })
})
