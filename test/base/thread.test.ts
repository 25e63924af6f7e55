import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { threadSchedule } from '../../src/base/index.js'

/** Keeps the core busy until the thread's CPU time, as the process counts it, has grown by so much. */
function workFor(ms: number): void {
  const usedUs = (): number => process.cpuUsage().user + process.cpuUsage().system
  const fromUs = usedUs()
  while (usedUs() - fromUs < ms * 1000);
}

test.runIf(threadSchedule() !== null)('work raises the time on a core, and waiting does not', async () => {
  const before = threadSchedule()?.ranNs ?? 0
  workFor(30)
  const worked = threadSchedule()?.ranNs ?? 0
  // The process counts in ticks, and other threads of it count too.
  expect(worked - before).toBeGreaterThan(5e6)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  const rested = threadSchedule()?.ranNs ?? 0
  expect(rested - worked).toBeLessThan(100e6)
})

test.runIf(threadSchedule() !== null)('a thread is told of its own time, not of another’s', async () => {
  const path = new URL('../../dist/base/thread.js', import.meta.url).pathname
  const source = `
    const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(path)}).then(({ threadSchedule }) => parentPort.postMessage(threadSchedule()))`
  workFor(300)
  const worker = new Worker(source, { eval: true })
  const told = await new Promise<unknown>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  const { ranNs } = told as { ranNs: number }
  expect(ranNs).toBeGreaterThan(0)
  expect(ranNs).toBeLessThan(threadSchedule()?.ranNs ?? 0)
})
