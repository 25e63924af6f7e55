import { writeFileSync } from 'node:fs'

interface Entry {
  readonly id: string
  readonly atNs: number
  readonly event: number
  readonly tokens: number
}

/** What the server knows of its own sending, for tests of an instrument that claims to measure it. */
export interface SendLog {
  /**
   * One event handed to the socket. `event` counts from 0 within the request; -1 is the receipt of the request itself.
   * `atNs` is taken right before the write, on the machine's monotonic clock.
   */
  add(id: string, atNs: number, event: number, tokens: number): void
  close(): void
}

/** Keeps the log in memory, so that writing it disturbs nothing, and writes it as NDJSON when closed. */
export function createSendLog(path: string | undefined): SendLog {
  if (path === undefined) return { add: () => {}, close: () => {} }
  const entries: Entry[] = []
  return {
    add: (id, atNs, event, tokens) => void entries.push({ id, atNs: Math.round(atNs), event, tokens }),
    close: () => {
      writeFileSync(path, '')
      for (let from = 0; from < entries.length; from += 10_000) {
        const lines = entries.slice(from, from + 10_000).map((entry) => `${JSON.stringify(entry)}\n`)
        writeFileSync(path, lines.join(''), { flag: 'a' })
      }
    },
  }
}
