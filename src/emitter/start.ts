import { type ChildProcess, spawn } from 'node:child_process'
import { get } from 'node:http'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { FalloffError } from '../base/index.js'
import type { LoggedStream } from './log.js'
import type { EmitterOptions } from './options.js'
import { MODEL } from './script.js'

export interface EmitterLog {
  /** Streams that have ended since the last call, in order of their end. */
  readonly streams: readonly LoggedStream[]
  /** How many more there were for which the log had no room. */
  readonly unlogged: number
}

export interface RunningEmitter {
  /** Base URL, without /v1. */
  readonly url: string
  /** Name of its model. */
  readonly model: string
  readonly pid: number
  /** What it wrote since the last call. @throws FalloffError EMITTER_LOG */
  log(): Promise<EmitterLog>
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>
}

/** The built entry, also when this file runs from its source. */
const MAIN = fileURLToPath(new URL('../../dist/emitter/main.js', import.meta.url))
const READY_MS = 10_000
const STOP_MS = 3_000

/**
 * Starts the emitter in a process of its own. It ends with this one at the latest, and does not keep it alive. It stays in
 * our session: a kernel that groups processes by session would else give it half the machine.
 * @throws FalloffError EMITTER_START with its last words
 */
export async function startEmitter(options: EmitterOptions = {}): Promise<RunningEmitter> {
  const child = spawn(process.execPath, [MAIN, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] })
  const url = await ready(child)
  letGo(child)
  return {
    url,
    model: MODEL,
    pid: child.pid ?? 0,
    log: () => fetchLog(`${url}/log`),
    stop: () => stop(child),
  }
}

function ready(child: ChildProcess): Promise<string> {
  let said = ''
  let complained = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      const hint = complained.trim() || said.trim() || 'It said nothing.'
      reject(new FalloffError('EMITTER_START', `the emitter ${why}`, { hint, cause }))
    }
    const timer = setTimeout(() => fail(`was not ready within ${READY_MS / 1000} s`), READY_MS)
    child.stderr?.on('data', (text) => {
      complained += text
    })
    child.stdout?.on('data', (text) => {
      said += text
      const [, url] = /^\{"url":"([^"]+)"\}\n/.exec(said) ?? []
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    })
    child.once('error', (error) => fail(`could not be started: ${error.message}`, error))
    // Once it is ready this changes nothing any more.
    child.once('close', (code) => fail(`ended with code ${code}`))
  })
}

/** Its pipes stay open, but none of it keeps our event loop alive. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    const pipe = stream as unknown as { unref?: () => void } | null
    pipe?.unref?.()
  }
  // It may end before we do, and what we would write it then is nothing.
  child.stdin?.on('error', () => {})
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(timer)
}

async function fetchLog(url: string): Promise<EmitterLog> {
  const lines = (await fetchText(url)).split('\n').filter((line) => line !== '')
  const last = lines.pop()
  const { unlogged } = JSON.parse(last ?? '{}') as { unlogged?: number }
  if (unlogged === undefined) throw new FalloffError('EMITTER_LOG', "the emitter's log has no end")
  return { streams: lines.map((line) => JSON.parse(line) as LoggedStream), unlogged }
}

/** In a connection of its own: one that is kept would have to be given up at some time. */
function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new FalloffError('EMITTER_LOG', "the emitter's log could not be read", { cause }))
    get(url, { agent: false, headers: { connection: 'close' } }, (response: Readable) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
      response.on('error', fail)
    }).on('error', fail)
  })
}
