const LF = 10
const CR = 13

/** An event longer than this is no event of any API here; holding it would be unbounded memory. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024

/**
 * Splits a `text/event-stream` body into the data of its events, over any split of the bytes.
 *
 * `onData` is called once per event that has data, with its `data:` lines joined by newlines, and the event's name
 * (`message` when it has none). Comments and other fields are skipped. `onOverflow` is called once when an event exceeds
 * 4 MiB; the splitter is then dead.
 */
export function createSseSplitter(onData: (data: string, event: string) => void, onOverflow: () => void) {
  let carry: Buffer | undefined
  let data: string | undefined
  let event = 'message'
  let skipLf = false
  let dead = false

  const onLine = (bytes: Buffer, from: number, to: number): void => {
    // `data:` is nearly every line there is.
    if (to - from >= 5 && bytes[from] === 0x64 && bytes[from + 4] === 0x3a) {
      const start = bytes[from + 5] === 0x20 ? from + 6 : from + 5
      const value = bytes.toString('utf8', Math.min(start, to), to)
      data = data === undefined ? value : `${data}\n${value}`
    } else if (from === to) dispatch()
    else onField(bytes.toString('utf8', from, to))
  }

  const onField = (line: string): void => {
    if (line === 'data') data = data === undefined ? '' : `${data}\n`
    else if (line.startsWith('event:')) event = line.slice(line[6] === ' ' ? 7 : 6)
  }

  const dispatch = (): void => {
    const value = data
    const name = event
    data = undefined
    event = 'message'
    if (value !== undefined) onData(value, name)
  }

  /** Next line end at or after `from`; CR counts only where the chunk holds any. */
  const lineEnd = (bytes: Buffer, from: number, nextCr: number): number => {
    const lf = bytes.indexOf(LF, from)
    return nextCr !== -1 && (lf === -1 || nextCr < lf) ? nextCr : lf
  }

  const feed = (chunk: Uint8Array): void => {
    if (dead) return
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    // A CR ended the previous chunk: an LF that opens this one belongs to it.
    if (skipLf && bytes.length > 0) {
      if (bytes[0] === LF) from = 1
      skipLf = false
    }
    if (carry !== undefined) {
      bytes = Buffer.concat([carry, bytes.subarray(from)])
      from = 0
      carry = undefined
    }
    let nextCr = bytes.indexOf(CR, from)
    for (;;) {
      const end = lineEnd(bytes, from, nextCr)
      if (end === -1) break
      onLine(bytes, from, end)
      from = end + 1
      if (end === nextCr) {
        if (bytes[from] === LF) from++
        else if (from === bytes.length) skipLf = true
        nextCr = bytes.indexOf(CR, from)
      }
    }
    if (from < bytes.length) keep(bytes.subarray(from))
  }

  // Copied: the transport may reuse the memory behind a chunk once `feed` has returned.
  const keep = (rest: Buffer): void => {
    if (rest.length + (data?.length ?? 0) > MAX_EVENT_BYTES) {
      dead = true
      carry = undefined
      onOverflow()
      return
    }
    carry = Buffer.from(rest)
  }

  return { feed }
}
