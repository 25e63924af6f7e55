import { createWriteStream, existsSync, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { redact } from '../base/index.js'

const KEPT = 15
/** A line of the quoted end; the file has all of it. */
const QUOTED_LENGTH = 300

export interface EngineLog {
  /** Undefined: it is not kept. */
  readonly path: string | undefined
  /** @param atS since the command was run */
  line(text: string, atS: number): void
  /** Words of ours, which are kept but are none of the engine's. */
  note(text: string, atS: number): void
  /** Without secrets, and not longer than is read. */
  asQuoted(text: string): string
  /** The last lines, as quoted. */
  end(): readonly string[]
  close(): void
}

/** Keeps what an engine writes, without secrets, in the first of `engine.log`, `engine-2.log`, … that is not there yet. */
export function openEngineLog(folder: string | undefined, commandLine: string): EngineLog {
  const path = folder === undefined ? undefined : freshPath(folder)
  const file: WriteStream | undefined =
    path === undefined ? undefined : createWriteStream(path, { flags: 'wx' })
  // A full disk costs the log, not the measurement.
  file?.on('error', () => undefined)
  file?.write(`$ ${commandLine}\n`)
  const last: string[] = []
  const write = (clean: string, atS: number): void =>
    void file?.write(`${atS.toFixed(3).padStart(9)} ${clean}\n`)
  return {
    path,
    note: (text, atS) => write(`falloff: ${redact(text)}`, atS),
    line(text, atS) {
      const clean = redact(text)
      write(clean, atS)
      if (clean.trim() === '') return
      last.push(shortened(clean))
      if (last.length > KEPT) last.shift()
    },
    asQuoted: (text) => shortened(redact(text)),
    end: () => last,
    close: () => void file?.end(),
  }
}

const shortened = (text: string): string =>
  text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text

function freshPath(folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (let start = 1; ; start++) {
    const path = join(folder, start === 1 ? 'engine.log' : `engine-${start}.log`)
    if (!existsSync(path)) return path
  }
}
