import type { EventFeed } from './event-feed.js'
import {
  holes,
  is,
  isObject,
  isString,
  type OnField,
  object,
  skip,
  string,
  textHole,
  walkObject,
} from './json-bytes.js'

/**
 * Fields of an event by their path (`delta.text`). What is not named here must be, byte for byte, as it was in the event
 * that was called plain.
 */
export interface PlainFields {
  /** Where the text of an output stands: any other text that is not empty would be an output as well. */
  readonly texts: readonly string[]
  /** Fields that the decoder never reads, whatever is in them: their strings and numbers may differ. */
  readonly ignored: readonly string[]
}

/**
 * To be called while the decoder hears `bytes[from, to)`, one JSON object, that it took for one output without a count of
 * tokens, and for nothing else.
 */
export type TellPlain = (feed: EventFeed, bytes: Buffer, from: number, to: number, visible: boolean) => void

/**
 * For a decoder that reads its events with JSON.parse: `const tellPlain = plainTeller({ texts, ignored })`, then
 * `tellPlain(feed, bytes, from, to, visible)` for each event that is an output and nothing else. Events of the same kind
 * that follow are then known by their shape and not parsed.
 *
 * Sound only if what an event means depends neither on an ignored field, nor on what the text is as long as there is some,
 * nor on events before it; and not while the text itself is wanted.
 */
export function plainTeller(fields: PlainFields): TellPlain {
  const onField = fieldReader(fields)
  return (feed, bytes, from, to, visible) => {
    if (feed.learns && walkObject(bytes, from, to, onField)) feed.plain(bytes, visible)
  }
}

/** Reads the fields of one object, and those of the objects in it that a path leads through. */
function fieldReader({ texts, ignored }: PlainFields): OnField {
  const named = [
    ...texts.map((path) => ({ path, read: text })),
    ...ignored.map((path) => ({ path, read: skip })),
  ]
  const here = named.filter(({ path }) => !path.includes('.'))
  const inner = new Set(
    named
      .map(({ path }) => path)
      .filter((path) => path.includes('.'))
      .map(headOf),
  )
  const readers = [
    ...here.map(({ path, read }) => ({ name: Buffer.from(path), read })),
    ...[...inner].map((head) => {
      const onField = fieldReader({ texts: below(head, texts), ignored: below(head, ignored) })
      const read = (at: number): number => (isObject(at) ? object(at, onField) : fixed(at))
      return { name: Buffer.from(head), read }
    }),
  ]
  return (from, to, at) => (readers.find(({ name }) => is(from, to, name))?.read ?? fixed)(at)
}

const headOf = (path: string): string => path.slice(0, path.indexOf('.'))

const below = (head: string, paths: readonly string[]): string[] =>
  paths.filter((path) => path.startsWith(`${head}.`)).map((path) => path.slice(head.length + 1))

/** An empty text is no output, and what is no string is none. */
function text(at: number): number {
  if (!isString(at)) return fixed(at)
  const after = string(at)
  if (after > at + 2) textHole(at, after)
  return after
}

/** Read like any other value, but nothing else may stand in its place. */
function fixed(at: number): number {
  const before = holes.length
  const after = skip(at)
  holes.length = before
  return after
}
