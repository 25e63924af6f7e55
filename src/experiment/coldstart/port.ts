import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicNs } from '../../base/index.js'

/** As often as the port is tried: what its moment is exact to. */
const LOOK_EVERY_MS = 10

/** Resolves with the moment, in ns on the machine's monotonic clock, at which a first connection was accepted; undefined when aborted. */
export async function untilOpen(port: number, signal: AbortSignal): Promise<number | undefined> {
  while (!signal.aborted) {
    if (await accepts(port)) return monotonicNs()
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
  return undefined
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (open: boolean) => () => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', end(true))
    socket.once('error', end(false))
  })
}
