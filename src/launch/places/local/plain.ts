import { spawn } from 'node:child_process'
import type { LaunchCommand, PlaceOutput } from '../../contract.js'
import { howItEnded } from '../../how-it-ended.js'
import { passLines } from './child.js'
import type { LocalProcess } from './guarded.js'

/** Runs a command that ends itself with its parent and has no children, as falloff's own child. */
export function runPlain(
  { words: [program = '', ...args], env }: LaunchCommand,
  stopTimeoutS: number,
  { onLine }: PlaceOutput,
): LocalProcess {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const allRead = passLines(child, onLine)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be run: ${error.message}`))
    child.once('exit', (code, signal) => resolve(howItEnded(code, signal)))
  })
  return {
    ended,
    async end() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutS * 1_000)
      await Promise.all([ended, allRead])
      clearTimeout(timer)
    },
  }
}
