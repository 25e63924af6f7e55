import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { LaunchCommand, PlaceOutput } from '../../contract.js'
import type { Order, Report } from '../../guard/messages.js'
import { passLines } from './child.js'

/** The guard's own entry in the built package. */
const GUARD = fileURLToPath(new URL('../../../../dist/launch/guard/main.js', import.meta.url))

/** What was written last is in the pipes when the guard is gone; one that somebody else holds open is not waited for. */
const PIPES_MS = 1_000

/** A command that runs on this machine. */
export interface LocalProcess {
  readonly ended: Promise<string>
  /** Asks for the end, and waits until all processes are gone and all they wrote was passed on. */
  end(): Promise<void>
}

/**
 * Runs the command behind a guard: a process of its own that ends the command with all its descendants when it is told to,
 * and also when falloff is gone, even by SIGKILL, since the channel between the two closes then.
 */
export function runGuarded(
  { words, env }: LaunchCommand,
  stopTimeoutS: number,
  { onRun, onLine, onNote }: PlaceOutput,
): LocalProcess {
  const guard = fork(GUARD, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] })
  const tell = (order: Order): void => void (guard.connected && guard.send(order, () => undefined))
  const allRead = passLines(guard, onLine)
  const exited = once(guard, 'exit').catch(() => undefined)
  let group: number | undefined
  let allGone = false
  const ended = new Promise<string>((resolve) => {
    guard.on('message', (report: Report) => {
      if (report.kind === 'running') {
        group = report.group
        onRun()
      } else if (report.kind === 'ended') resolve(report.how)
      else {
        allGone = true
        if (report.left.length > 0)
          onNote(`processes ${report.left.join(', ')} did not end, not even when killed`)
      }
    })
    guard.once('error', (error) => resolve(`could not be run: ${error.message}`))
    void exited.then(() => {
      // Somebody ended the guard alone: what it stood for must not outlive it.
      if (!allGone && group !== undefined) killGroup(group)
      resolve('was left by its guard, which somebody ended')
    })
  })
  tell({ kind: 'run', words, env: { ...process.env, ...env }, stopTimeoutS })
  return {
    ended,
    async end() {
      tell({ kind: 'stop' })
      await Promise.race([allRead, exited.then(() => sleep(PIPES_MS, undefined, { ref: false }))])
    },
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}
