import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Passes on every line of stdout and stderr. Resolves when both have ended. */
export function passLines(child: ChildProcess, onLine: (text: string) => void): Promise<unknown> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  return Promise.all(
    streams.map((input) => {
      const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine)
      return once(lines, 'close')
    }),
  )
}
