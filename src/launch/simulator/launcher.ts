import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { FalloffError } from '../../base/index.js'
import type { EngineSettings, Launcher, RunningEngine } from '../launcher.js'

/** The command's own entry, beside this room in the built package. */
const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const READY_MS = 20_000
const STOP_MS = 3_000
const LAST_LINES = 15

/** Runs the embedded simulator in a process of its own, on a port the system picks. */
export const simulatorLauncher: Launcher = {
  kind: 'simulator',
  async start(description, settings) {
    const sets = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    // It leaves Ctrl-C to us and watches for our end, so it cannot outlive us. It stays in our session: a kernel that groups
    // processes by session (sched_autogroup) would else give it half the machine and stall our event loop for it.
    const child = spawn(
      process.execPath,
      [MAIN, 'simulate', description, '--port', '0', '--with-parent', ...sets],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const url = await ready(child)
    return running(child, url, settings)
  },
}

function ready(child: ChildProcess): Promise<string> {
  const lastWords: string[] = []
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL')
      const hint = lastWords.length > 0 ? lastWords.join('\n') : 'It said nothing.'
      reject(new FalloffError('ENGINE_START', `the simulator ${why}`, { hint }))
    }
    const timer = setTimeout(() => fail(`was not ready within ${READY_MS / 1000} s`), READY_MS)
    const onLine = (line: string): void => {
      lastWords.push(line)
      if (lastWords.length > LAST_LINES) lastWords.shift()
      const match = /^listening on (http:\S+)/.exec(line)
      if (match?.[1] === undefined) return
      clearTimeout(timer)
      resolve(match[1])
    }
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', onLine)
    }
    child.once('error', (error) => fail(`could not be started: ${error.message}`))
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`ended with code ${code}`)
    })
  })
}

function running(child: ChildProcess, url: string, settings: EngineSettings): RunningEngine {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    url,
    settings,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await gone
      clearTimeout(timer)
    },
  }
}
