import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, eventsOf, recorded, spoiled, sse, withoutText } from './harness.js'

/** Streams of each API to spoil. */
const STREAMS: readonly (readonly [api: string, stream: string])[] = [
  ['openai-chat', 'vllm-0.32.0/chat-continuous-usage.sse'],
  ['openai-completions', 'vllm-0.32.0/completions.sse'],
  ['openai-responses', 'vllm-0.32.0/responses.sse'],
  ['anthropic-messages', 'vllm-0.32.0/messages.sse'],
]

describe('a recorded stream that was spoiled', () => {
  test.each(STREAMS)(
    '%s survives fields of which other things were made, and hears them alike with the text and without',
    (api, path) => {
      const events = eventsOf(recorded(path))
      const event = fc.constantFrom(...events).chain(spoiled)
      fc.assert(
        fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (spoilt) => {
          const pieces = spoilt.map((e) => sse(e))
          expect(decode(api, pieces, false)).toEqual(withoutText(decode(api, pieces)))
        }),
        { numRuns: 2000 },
      )
    },
  )

  test.each(STREAMS)('%s survives changes of its bytes, too', (api, path) => {
    const stream = recorded(path)
    const edit = fc.record({
      at: fc.nat(stream.length),
      cut: fc.nat(20),
      put: fc.uint8Array({ maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const changed = edits.reduce<Buffer>(
          (bytes, { at, cut, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]),
          stream,
        )
        expect(decode(api, [changed], false)).toEqual(withoutText(decode(api, [changed])))
      }),
      { numRuns: 500 },
    )
  })
})
