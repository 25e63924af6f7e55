import { open } from 'node:fs/promises'
import { FalloffError } from '../base/index.js'

const LF = 10
const BLOCK_BYTES = 1 << 20

/** Makes a value of a line, its break left out. */
export type Parse<T> = (bytes: Buffer, from: number, to: number) => T

/** @throws SyntaxError when the line is no JSON */
export const parseJson = <T>(bytes: Buffer, from: number, to: number): T =>
  JSON.parse(bytes.toString('utf8', from, to)) as T

/** Sees the bytes of a file in their order, each once. */
type OnBytes = (bytes: Buffer) => void

/**
 * The values of a file of lines, block by block; those of a block are to be taken before the next is asked for. A last line
 * without its line break is what a SIGKILL leaves of a write: it is dropped when it does not parse. Any other line that does
 * not parse means that the file was damaged later, and is an error.
 *
 * @throws FalloffError with file and line
 */
export async function* readBlocks<T>(
  file: string,
  parse: Parse<T>,
  onBytes?: OnBytes,
): AsyncGenerator<Iterable<T>> {
  const place = { file, line: 0 }
  for await (const block of blocksOf(file, onBytes)) yield valuesOf(block, parse, place)
}

export async function* readLines<T>(file: string): AsyncGenerator<T> {
  for await (const values of readBlocks<T>(file, parseJson)) yield* values
}

function* valuesOf<T>(block: Buffer, parse: Parse<T>, place: { file: string; line: number }): Generator<T> {
  for (let from = 0; from < block.length; ) {
    const end = block.indexOf(LF, from)
    const to = end < 0 ? block.length : end
    place.line++
    const value = to === from ? undefined : parseOrUndefined(parse, block, from, to)
    if (value !== undefined) yield value
    else if (to > from && end >= 0) throw damaged(place)
    from = to + 1
  }
}

function parseOrUndefined<T>(parse: Parse<T>, bytes: Buffer, from: number, to: number): T | undefined {
  try {
    return parse(bytes, from, to)
  } catch {
    return undefined
  }
}

const damaged = ({ file, line }: { file: string; line: number }): FalloffError =>
  new FalloffError('BAD_RECORD', `${file}:${line} is no JSON`, {
    hint: 'The file was changed after the run; restore it, or take the line out to go on without it.',
  })

/**
 * Blocks that end with a line break, but for the last. One buffer serves them all; it grows when a line is longer than it.
 */
async function* blocksOf(path: string, onBytes: OnBytes = () => {}): AsyncGenerator<Buffer> {
  const file = await open(path)
  try {
    let buffer = Buffer.allocUnsafe(BLOCK_BYTES)
    let filled = 0
    for (;;) {
      if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2)
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled)
      if (bytesRead === 0) break
      onBytes(buffer.subarray(filled, filled + bytesRead))
      filled += bytesRead
      const whole = buffer.lastIndexOf(LF, filled - 1) + 1
      if (whole > 0) yield buffer.subarray(0, whole)
      buffer.copyWithin(0, whole, filled)
      filled -= whole
    }
    if (filled > 0) yield buffer.subarray(0, filled)
  } finally {
    await file.close()
  }
}
