import { createInterface } from 'node:readline/promises'
import type { Consent } from '../experiment/index.js'

/**
 * Consent to spend money: by the flag, or by a question where somebody sits at a terminal.
 * @param clear called before a question: what is drawn over and over must not be in its way
 */
export function consentFrom({ yes }: { readonly yes: boolean }, clear: () => void): Consent {
  const seated = process.stdin.isTTY && process.stderr.isTTY
  if (!seated) return { yes }
  return {
    yes,
    ask(question) {
      clear()
      return ask(question)
    },
  }
}

/** On stderr: stdout holds the result alone. Anything but a yes is a no, Ctrl-C too. */
async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const interrupted = new AbortController()
  terminal.on('SIGINT', () => interrupted.abort())
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: interrupted.signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false
  } finally {
    terminal.close()
  }
}
