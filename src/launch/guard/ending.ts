import { setTimeout as sleep } from 'node:timers/promises'
import type { Family } from './family.js'

const LOOK_EVERY_MS = 50
/** A killed process that waits for a device goes when the device answers; longer than this it is not waited for. */
const AFTER_KILL_MS = 30_000

/**
 * Ends the engine and everything that it started. It is asked first, alone, so that it can take its children down in order;
 * what is left when it is gone is asked too, and what is left after the time allowed is killed.
 *
 * @returns those that did not end
 */
export async function endFamily(
  family: Family,
  engine: number,
  timeoutMs: number,
): Promise<readonly number[]> {
  const asked = new Set<number>()
  const begunMs = performance.now()
  for (;;) {
    const left = (family.living(engine) ?? listedByGroup(engine)).map(({ pid }) => pid)
    const waitedMs = performance.now() - begunMs
    if (left.length === 0 || waitedMs > timeoutMs + AFTER_KILL_MS) return left
    if (waitedMs > timeoutMs) for (const pid of left) signal(pid, 'SIGKILL')
    else for (const pid of left.includes(engine) ? [engine] : left) ask(pid, asked)
    await sleep(LOOK_EVERY_MS)
  }
}

function ask(pid: number, asked: Set<number>): void {
  if (asked.has(pid)) return
  asked.add(pid)
  signal(pid, 'SIGTERM')
}

/** Without a list of processes the engine's group stands for all of them. */
const listedByGroup = (engine: number): readonly { readonly pid: number }[] =>
  signal(-engine, 0) ? [{ pid: -engine }] : []

/** False when there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
