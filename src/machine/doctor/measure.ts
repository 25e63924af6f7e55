import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Clock, monotonicNs, NS_PER_MS, NS_PER_S, runClock, sToNs } from '../../base/index.js'
import { createAlarm } from '../../kernel/index.js'

/** How late wake-ups were, in ns. */
export interface Lateness {
  readonly p50Ns: number
  readonly p99Ns: number
}

export interface Timers {
  /** Of `setTimeout`, against the time asked for. */
  readonly timeout: Lateness
  /** Of the wait that falloff starts requests with: `setTimeout`, then an alarm of the kernel's, or turns of the loop without. */
  readonly arrival: Lateness
}

const TIMEOUTS_S = 0.15
const ARRIVALS_S = 0.3
/** Ahead of its arrival a request waits in `setTimeout`, and the last two of these as exactly as the system can. */
const AHEAD_NS = 2.5 * NS_PER_MS

/** Measures for about 0.45 s how late this machine's timers are now, some 130 times each. */
export async function measureTimers(): Promise<Timers> {
  const alarm = createAlarm()
  const clock = runClock(monotonicNs(), alarm)
  const timeout = await repeated(clock, TIMEOUTS_S, async () => {
    const dueNs = clock.nowNs() + NS_PER_MS
    await new Promise((resolve) => setTimeout(resolve, 1))
    return dueNs
  })
  const arrival = await repeated(clock, ARRIVALS_S, async () => {
    const dueNs = clock.nowNs() + AHEAD_NS
    await clock.until(dueNs)
    return dueNs
  }).finally(() => alarm?.close())
  return { timeout, arrival }
}

/** How late each wait was over against the moment that it was meant to end at, which it gives. */
async function repeated(clock: Clock, forS: number, wait: () => Promise<number>): Promise<Lateness> {
  const endNs = clock.nowNs() + sToNs(forS)
  const times: number[] = []
  while (clock.nowNs() < endNs) {
    const dueNs = await wait()
    times.push(clock.nowNs() - dueNs)
  }
  return latenessOf(times)
}

export interface Loopback extends Lateness {
  readonly roundTripsPerS: number
}

const LOOPBACK_S = 0.5
/** More than one, so that the figure is of work and not of waiting. */
const CONNECTIONS = 8
const MESSAGE = Buffer.from('data: {"choices":[{"delta":{"content":" token"}}]}\n\n')

/**
 * Sends messages to and fro on loopback for about 0.5 s, a few connections at a time, both ends in this thread. Null where
 * loopback cannot be used.
 */
export async function measureLoopback(): Promise<Loopback | null> {
  const server = createServer((socket) => {
    socket.setNoDelay(true)
    // The other end leaves without a word.
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => socket.write(bytes))
  })
  const sockets: Socket[] = []
  try {
    const port = await listening(server)
    const times: number[] = []
    const startNs = monotonicNs()
    const endNs = startNs + sToNs(LOOPBACK_S)
    await Promise.all(Array.from({ length: CONNECTIONS }, () => pingPong(port, endNs, times, sockets)))
    const tookS = (monotonicNs() - startNs) / NS_PER_S
    return { roundTripsPerS: times.length / tookS, ...latenessOf(times) }
  } catch {
    return null
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address) resolve(address.port)
    })
  })
}

/** One message in flight on one connection, until `endNs`. A message this short comes back in one piece. */
function pingPong(port: number, endNs: number, times: number[], sockets: Socket[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    socket.setNoDelay(true)
    let sentNs = 0
    const send = (): void => {
      sentNs = monotonicNs()
      socket.write(MESSAGE)
    }
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.on('data', () => {
      const nowNs = monotonicNs()
      times.push(nowNs - sentNs)
      if (nowNs < endNs) send()
      else socket.destroy()
    })
  })
}

function latenessOf(times: readonly number[]): Lateness {
  const sorted = Float64Array.from(times).sort()
  const at = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? 0
  return { p50Ns: at(0.5), p99Ns: at(0.99) }
}
