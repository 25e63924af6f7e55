import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { ServerTimings } from '../../src/base/index.js'
import { apiOf, type DecodeSink, type Usage } from '../../src/protocol/index.js'

/** All that a decoder told. */
export interface Heard {
  events: number
  outputs: { tokens: number; visible: boolean; text: string }[]
  usage: Usage | undefined
  finish: string | undefined
  terminal: boolean
  models: string[]
  timings: ServerTimings | undefined
  /** The first. */
  failure: string | undefined
}

function hear(): { heard: Heard; sink: DecodeSink } {
  const heard: Heard = {
    ...{ events: 0, outputs: [], models: [], terminal: false },
    ...{ usage: undefined, finish: undefined, timings: undefined, failure: undefined },
  }
  const sink: DecodeSink = {
    onEvent: () => heard.events++,
    onOutput: (tokens, visible, text) => heard.outputs.push({ tokens, visible, text }),
    onModel: (name) => heard.models.push(name),
    onUsage: (usage) => {
      heard.usage = usage
    },
    onFinish: (reason) => {
      heard.finish = reason
    },
    onServerTimings: (timings) => {
      heard.timings = { ...heard.timings, ...timings }
    },
    onTerminal: () => {
      heard.terminal = true
    },
    onFailure: (failure) => {
      heard.failure ??= failure.code
    },
  }
  return { heard, sink }
}

/** Each piece lies in a memory of its own that is used again: nothing may be kept of it. */
export function decode(api: string, pieces: readonly Uint8Array[], wantsText = true): Heard {
  const { heard, sink } = hear()
  const decoder = apiOf(api).createDecoder(sink, wantsText)
  for (const piece of pieces) {
    const memory = Buffer.concat([Buffer.from('##'), piece, Buffer.from('##')])
    decoder.feed(memory, 2, memory.length - 2)
    memory.fill(0x21)
  }
  decoder.end()
  return heard
}

/** Requests as an API writes them: two messages and nine tokens, and what is asked for beside. */
export const encoderOf =
  (api: string, asks: object = {}) =>
  (more: object = {}): Record<string, unknown> => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ] as const
    const knobs = { outputTokens: 9, exactOutput: false, chunkUsage: true, extraBody: {} }
    return JSON.parse(apiOf(api).encode({ model: 'm', messages, ...knobs, ...asks, ...more }))
  }

/** What is left when the text is of no interest. */
export const withoutText = (heard: Heard): Heard => ({
  ...heard,
  outputs: heard.outputs.map((o) => ({ ...o, text: '' })),
})

export const text = (heard: Heard): string => heard.outputs.map((o) => o.text).join('')

/** As the exchange judges it: no failure told, a reason to end, and the marker of the end. */
export const isWhole = (heard: Heard): boolean =>
  heard.failure === undefined && heard.finish !== undefined && heard.terminal

/** A stream, or another answer, as a real server sent it. */
export const recorded = (path: string): Buffer =>
  readFileSync(new URL(`../fixtures/${path}`, import.meta.url))

export type SseEvent = readonly [name: string, data: unknown]

/** Named events, as `event:` and `data:` lines. */
export const namedSse = (events: readonly SseEvent[]): Buffer =>
  Buffer.from(events.map(([name, data]) => `event: ${name}\ndata: ${dataOf(data)}\n\n`).join(''))

/** An event, named by its type; or as the pair it is of. */
export const writeTyped = (event: unknown): Buffer => {
  if (Array.isArray(event) && typeof event[0] === 'string') return namedSse([[event[0], event[1]]])
  const type = (event as { type?: unknown } | null)?.type
  return namedSse([[typeof type === 'string' ? type : 'message', event]])
}

/** Events without a name. */
export const sse = (...events: readonly unknown[]): Buffer =>
  Buffer.from(events.map((data) => `data: ${dataOf(data)}\n\n`).join(''))

const dataOf = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data))

/** `body` in pieces, cut anywhere. */
export const splits = (body: Uint8Array): fc.Arbitrary<Uint8Array[]> =>
  fc.array(fc.integer({ min: 0, max: body.length }), { maxLength: 40 }).map((cuts) => {
    const at = [0, ...cuts.toSorted((a, b) => a - b), body.length]
    return at.slice(1).map((end, i) => body.subarray(at[i], end))
  })

/** Reads of a stream: one event each, several together, or an event in two. */
export const reads = (event: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: fc.array(event, { minLength: 1, maxLength: 8 }) },
        fc.array(event, { minLength: 2, maxLength: 3 }).map((events) => [Buffer.concat(events)]),
        fc.tuple(event, fc.nat(60)).map(([bytes, at]) => [bytes.subarray(0, at), bytes.subarray(at)]),
      ),
      { maxLength: 6 },
    )
    .map((pieces) => pieces.flat())

/** Texts that are hard to read past. */
export const content = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', ' the', 'a"b', 'a\\', '\n', 'é', ','),
)

/** `value` with some of what is in it replaced by what should not be there. */
export const spoiled = (value: unknown): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(fc.nat(30), SENSELESS), { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce<unknown>((spoilt, [index, put]) => {
      let at = 0
      return JSON.parse(
        JSON.stringify(spoilt, (_key, inner: unknown) => (at++ === index ? put : inner)) ?? 'null',
      )
    }, value),
  )

const SENSELESS = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    '',
    'x',
    [],
    [null],
    [[]],
    {},
    { type: {} },
    { error: 1 },
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** The data of a recorded stream's events, by the most obvious reading there is. */
export const eventsOf = (stream: Buffer): Record<string, unknown>[] =>
  stream
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>)
