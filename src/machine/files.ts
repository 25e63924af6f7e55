import { openSync, readdirSync, readFileSync, readSync } from 'node:fs'

/** The system's text files. Each function gives undefined where there is none: other systems have none of them. */

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** What is wanted of any file stands at its beginning. */
const MOST_BYTES = 4096

/**
 * A file of `/proc` or `/sys` that is read again and again: it stays open, for its life, and each call reads it anew from the
 * beginning. Gives the first 4 KiB.
 */
export function openText(path: string): () => string | undefined {
  const bytes = Buffer.allocUnsafe(MOST_BYTES)
  try {
    const file = openSync(path, 'r')
    return () => {
      try {
        return bytes.toString('latin1', 0, readSync(file, bytes, 0, MOST_BYTES, 0))
      } catch {
        return undefined
      }
    }
  } catch {
    return () => undefined
  }
}
