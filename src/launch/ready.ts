import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** As often as a start is looked at: what its time is exact to. */
const LOOK_EVERY_MS = 50
const ANSWER_MS = 2_000

/** Resolves once the page answers with 2xx; without an end when it never does, until `signal` is aborted. */
export async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await answersWell(url, signal)) return
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** A connection of its own each time: one that is kept would be closed under the load generator's hands. */
function answersWell(url: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false, timeout: ANSWER_MS, signal }, (answer) => {
      answer.resume()
      const { statusCode = 0 } = answer
      resolve(statusCode >= 200 && statusCode < 300)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
  })
}
