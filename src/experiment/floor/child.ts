import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { FalloffError } from '../../base/index.js'
import type { FloorJob, FloorSample } from './job.js'

/** The built entry, also when this file runs from its source. */
const MAIN = fileURLToPath(new URL('../../../dist/experiment/floor/main.js', import.meta.url))
/** Beyond the time asked for: its start, and an answer that is still under way. */
const GRACE_S = 20

/** Runs a job in a process of its own. @throws FalloffError FLOOR_FAILED with its last words */
export function fireFrom(job: FloorJob, signal: AbortSignal, entry: string = MAIN): Promise<FloorSample> {
  const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), (job.seconds + GRACE_S) * 1000)
  const abort = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  let said = ''
  let complained = ''
  child.stdout.on('data', (text) => {
    said += text
  })
  child.stderr.on('data', (text) => {
    complained = `${complained}${text}`.slice(-2000)
  })
  // It may be gone before it has read: its exit says why.
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(job))
  return new Promise<FloorSample>((resolve, reject) => {
    const fail = (why: string): void => {
      const hint = complained.trim() || 'It said nothing.'
      reject(new FalloffError('FLOOR_FAILED', `the process that asks ${why}`, { hint }))
    }
    child.once('error', (error) => fail(`could not be started: ${error.message}`))
    child.once('close', (code, by) => {
      if (code === 0 && said.endsWith('\n')) resolve(JSON.parse(said) as FloorSample)
      else fail(`ended with ${code ?? by}`)
    })
  }).finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  })
}
