import { describe, expect, test } from 'vitest'
import { encoderOf } from './harness.js'

const API = 'openai-responses'

describe('the body of a Responses request', () => {
  const encode = encoderOf(API)

  test('holds what every server takes, and no more', () => {
    expect(encode({})).toEqual({
      model: 'm',
      input: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
      max_output_tokens: 9,
      temperature: 0,
      store: false,
      stream: true,
    })
  })

  const tool = { type: 'function', name: 'f', parameters: { type: 'object' } }
  const schema = { type: 'object', properties: { a: { type: 'integer' } } }
  const knobs: [knob: object, field: object][] = [
    [{ temperature: 0.7 }, { temperature: 0.7 }],
    [{ seed: 5 }, { seed: 5 }],
    [{ tools: [tool] }, { tools: [tool] }],
    [{ jsonSchema: schema }, { text: { format: { type: 'json_schema', name: 'answer', schema } } }],
    [{ exactOutput: true }, { ignore_eos: true }],
    [{ promptCache: 'off' }, { cache_salt: expect.stringMatching(/.{20}/) }],
    [{ extraBody: { reasoning: { effort: 'low' } } }, { reasoning: { effort: 'low' } }],
  ]
  test.each(knobs)('%j is written', (knob, field) => {
    expect(encode(knob)).toEqual({ ...encode({}), ...field })
  })

  test('what extraBody adds to an object is put beside what is in it', () => {
    const body = encode({ jsonSchema: schema, extraBody: { text: { verbosity: 'low' } } })
    expect(body.text).toMatchObject({ verbosity: 'low', format: { schema } })
  })

  test('a null in extraBody leaves a field out', () => {
    expect(encode({ extraBody: { temperature: null } })).not.toHaveProperty('temperature')
  })

  test('no two requests that are to miss the cache share a salt', () => {
    expect(encode({ promptCache: 'off' }).cache_salt).not.toBe(encode({ promptCache: 'off' }).cache_salt)
  })
})
