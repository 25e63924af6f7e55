import { type ChildProcess, spawn } from 'node:child_process'
import { howItEnded } from '../how-it-ended.js'
import { endFamily } from './ending.js'
import { foundFamily } from './family.js'
import type { Order, Report } from './messages.js'

/**
 * Entry of the guard's process, which stands between falloff and an engine: it starts the engine when it is told to, and when
 * it is told so, or when falloff is gone, however that went, it ends the engine with everything that the engine started.
 */

const family = foundFamily()
let engine: ChildProcess | undefined
let exited: Promise<unknown> = Promise.resolve()
let stopTimeoutS = 0
let ending = false

function run({ words: [program = '', ...args], env, ...order }: Extract<Order, { kind: 'run' }>): void {
  stopTimeoutS = order.stopTimeoutS
  engine = spawn(program, args, {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: !family.groupIsOurs,
  })
  const { pid } = engine
  if (pid !== undefined) report({ kind: 'running', pid, group: family.groupIsOurs ? process.pid : pid })
  engine.once('error', (error) => ended(`could not be run: ${error.message}`))
  exited = new Promise((resolve) => engine?.once('exit', resolve))
  engine.once('exit', (code, signal) => ended(howItEnded(code, signal)))
}

function ended(how: string): void {
  report({ kind: 'ended', how })
  end()
}

function end(): void {
  if (ending) return
  ending = true
  void endAll()
}

async function endAll(): Promise<void> {
  const pid = engine?.pid
  const left = pid === undefined ? [] : await endFamily(family, pid, stopTimeoutS * 1_000)
  // The system knows that it is gone before this process is told how it ended.
  if (pid !== undefined && left.length === 0) await exited
  // A message under way is lost with the process.
  report({ kind: 'gone', left }, () => process.exit())
}

function report(message: Report, then: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, then)
  else then()
}

process.on('message', (order: Order) => (order.kind === 'run' ? run(order) : end()))
process.on('disconnect', end)
// Ctrl-C is falloff's to hear: it lets open requests end first. To be ended is to end the engine.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', end)
process.on('SIGTERM', end)
