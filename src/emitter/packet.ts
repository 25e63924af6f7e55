/**
 * Bytes that are complete but for their own time: it is put in right before they are sent.
 *
 *     14a␍␊data: {… "content":" ▒▒▒▒▒▒▒▒▒▒▒▒▒▒"},"finish_reason":null}]}␊␊␍␊
 *                               └ hole
 */
export interface Packet {
  readonly bytes: Buffer
  /** Where the digits of the time go, once for each event. */
  readonly holes: readonly number[]
  /** Digits of a time. */
  readonly width: number
  /** Events with output. */
  readonly events: number
}

const ZERO = 0x30
/** The last digits fit a small integer, with which the engine divides quickest. */
const LOW_DIGITS = 8
const LOW_RANGE = 1e8

/** Writes `timeNs` into every hole. A time of fewer digits gets zeros in front. */
export function fillTime({ bytes, holes, width }: Packet, timeNs: number): void {
  const high = Math.floor(timeNs / LOW_RANGE)
  const low = timeNs - high * LOW_RANGE
  for (let i = 0; i < holes.length; i++) {
    const from = holes[i] as number
    const middle = Math.max(from, from + width - LOW_DIGITS)
    writeDigits(bytes, middle, from + width, low)
    writeDigits(bytes, from, middle, high)
  }
}

const SPACE = 0x20
const EXCLAMATION = 0x21

/** What stands before the first time of a packet: `!` where the stream's send before was slow, else a space. */
export function markSlow({ bytes, holes: [first] }: Packet, slow: boolean): void {
  if (first !== undefined) bytes[first - 1] = slow ? EXCLAMATION : SPACE
}

function writeDigits(bytes: Buffer, from: number, to: number, value: number): void {
  let rest = value | 0
  for (let at = to - 1; at >= from; at--) {
    const quotient = (rest / 10) | 0
    bytes[at] = ZERO + rest - quotient * 10
    rest = quotient
  }
}

/**
 * Digits for the times of the near future: the length of a packet must be known before its time is, so a power of ten that
 * is reached within a second counts already.
 */
export const widthOf = (nowNs: number): number => String(Math.floor(nowNs) + 1e9).length

/** A place for the time in the text of a packet under construction. */
export const HOLE = '\0'

/** @param payload with `HOLE` wherever the time goes @param tail what follows the HTTP chunk */
export function packetOf(payload: string, width: number, events: number, tail = ''): Packet {
  const digits = '0'.repeat(width)
  const parts = payload.split(HOLE)
  const size = payload.length + (parts.length - 1) * (width - HOLE.length)
  const start = `${size.toString(16)}\r\n`
  const holes: number[] = []
  let at = start.length
  for (const part of parts.slice(0, -1)) {
    at += part.length
    holes.push(at)
    at += width
  }
  const bytes = Buffer.from(`${start}${parts.join(digits)}\r\n${tail}`, 'latin1')
  return { bytes, holes, width, events }
}
