import { NS_PER_MS, NS_PER_S } from '../base/index.js'
import {
  ACCEPTED_SOCKET,
  createEpoll,
  createReceiver,
  createSleeper,
  EAGAIN,
  EPOLLIN,
  EPOLLOUT,
  type Epoll,
  type Libc,
  PR_SET_TIMERSLACK,
} from '../kernel/index.js'
import type { Arrival, Connection } from './connection.js'
import type { Emitter } from './emitter.js'
import { KernelOutlet, READING } from './kernel-outlet.js'
import { listenOnLoopback } from './listen.js'
import { createWarmth } from './warmth.js'

/** While streams run, Node's own loop gets a turn this often: the end of the parent and signals wait no longer. */
const SLICE_NS = 50 * NS_PER_MS
/** Writes in a row before arrivals are looked for again. */
const WRITES_IN_A_ROW = 64
/** After so long without a write the way out has gone cold; it is warmed so long before the next. */
const COLD_NS = 0.5 * NS_PER_MS
const LEAD_NS = 0.06 * NS_PER_MS

interface Client {
  readonly outlet: KernelOutlet
  readonly connection: Connection
}

/**
 * Serves on loopback over the kernel's sockets. While a stream runs, the thread sleeps in the kernel until its next write is
 * due, to the nanosecond; without one, Node's loop sleeps and watches the sockets.
 * @returns the port
 */
export function serveOnKernel(libc: Libc, emitter: Emitter): number {
  // The kernel may round a thread's waits up by 50 µs otherwise.
  libc.prctl(PR_SET_TIMERSLACK, 1)
  const { fd: listener, port } = listenOnLoopback(libc)
  const epoll = createEpoll(libc)
  epoll.add(listener, EPOLLIN, listener)
  const look = createLook(libc, epoll, listener, emitter)
  const sleeper = createSleeper(libc, epoll.fd)
  const warmth = createWarmth(libc, createReceiver(libc, emitter.nowNs), emitter.nowNs)

  let running = false
  const runSlice = (): void => {
    const endNs = emitter.nowNs() + SLICE_NS
    for (;;) {
      emitter.writeDue(WRITES_IN_A_ROW)
      const nextNs = emitter.nextNs()
      const nowNs = emitter.nowNs()
      running = nextNs !== Number.POSITIVE_INFINITY
      if (!running || nowNs >= endNs) break
      const leftNs = Math.min(nextNs, endNs) - nowNs
      if (leftNs > COLD_NS) {
        if (sleeper.sleep(leftNs - LEAD_NS)) look()
        else {
          warmth.renew()
          // Another sleep, however short, would let it all go cold again.
          while (emitter.nowNs() < Math.min(nextNs, endNs));
        }
      } else if (leftNs <= 0 || sleeper.sleep(leftNs)) look()
    }
    if (running) setImmediate(runSlice)
  }
  libc.whenReadable(epoll.fd, () => {
    look()
    if (!running) runSlice()
  })
  return port
}

/** Attends to every socket that is ready: new clients, requests, clients that made room or left. */
function createLook(libc: Libc, epoll: Epoll, listener: number, emitter: Emitter): () => void {
  const read = createReading(libc, emitter)
  // By descriptor, which is also the token.
  const clients: (Client | undefined)[] = []

  const accept = (): void => {
    for (;;) {
      const fd = libc.accept(listener, ACCEPTED_SOCKET)
      if (fd < 0) return
      const outlet = new KernelOutlet(libc, epoll, fd, () => {
        clients[fd] = undefined
        connection.onClosed()
      })
      const connection = emitter.connect(outlet)
      clients[fd] = { outlet, connection }
      epoll.add(fd, READING, fd)
    }
  }

  const attend = (fd: number, readiness: number): void => {
    const client = clients[fd]
    if (!client) return
    if ((readiness & EPOLLOUT) !== 0) {
      const atNs = emitter.nowNs()
      if (client.outlet.drain()) client.connection.onDrained(atNs)
    }
    if ((readiness & ~EPOLLOUT) !== 0 && clients[fd] === client) read(fd, client)
  }

  return () => {
    const ready = epoll.poll(0)
    for (let i = 0; i < ready; i++) {
      const fd = epoll.token(i)
      if (fd === listener) accept()
      else attend(fd, epoll.readiness(i))
    }
  }
}

/** Reads of all clients: one buffer, one pair of clocks. */
function createReading(libc: Libc, emitter: Emitter): (fd: number, client: Client) => void {
  const receiver = createReceiver(libc, emitter.nowNs)
  let alignedNs = emitter.nowNs()
  return (fd, { outlet, connection }) => {
    const beganNs = emitter.nowNs()
    if (beganNs - alignedNs > NS_PER_S) {
      receiver.align()
      alignedNs = beganNs
    }
    const size = receiver.receive(fd)
    if (size > 0) {
      const nowNs = emitter.nowNs()
      const stampNs = Math.round(receiver.stampNs())
      // A stamp of the future tells of a wall clock that was set.
      const arrival: Arrival =
        stampNs <= nowNs ? { atNs: stampNs, stamped: 'kernel' } : { atNs: nowNs, stamped: 'loop' }
      connection.onBytes(receiver.bytes, 0, size, arrival)
    } else if (size === 0 || libc.errno() !== EAGAIN) outlet.closeNow()
  }
}
