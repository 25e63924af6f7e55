import { performance } from 'node:perf_hooks'
import { type Clock, NS_PER_MS } from '../../base/index.js'
import { createEpoll, createPause, createReceiver, type Libc, type Receiver } from '../../kernel/index.js'
import { createAbsence } from '../absence.js'

/** A socket that wants to hear of its readiness. */
export interface Pollable {
  /** @param readiness EPOLL bits */
  onReady(readiness: number, look: Look): void
}

/** One look over all sockets: what a read needs to know of it. */
export interface Look {
  readonly receiver: Receiver
  /** When it began, in ns since the run's zero. */
  readonly atNs: number
  /** How long before that the first bytes may have lain there unread. */
  readonly awayNs: number
  /** Reads whose stamp was missing or could not be true, over all looks. */
  readonly tally: { unstamped: number }
}

/** A look goes on while sockets are ready, but not for longer: timers and messages want their turn too. */
const LONGEST_LOOK_NS = 2 * NS_PER_MS

/**
 * Woken again so soon after the last look, with nothing else to do in between, the loop has many streams to read: it lets their
 * bytes gather for as long, and reads them in one go. Every look costs several times what a read does. The stamps are the
 * kernel's and do not suffer.
 */
const GATHER_NS = 0.3 * NS_PER_MS

/**
 * All sockets of a thread in one epoll set, which Node's own loop watches as a single descriptor: it sleeps as ever, and
 * when any socket is ready one callback reads them all.
 *
 *     libuv's epoll ──readable──▶ our epoll ──▶ every ready socket, in turn
 */
export function createPoller(libc: Libc, clock: Clock) {
  const epoll = createEpoll(libc)
  const receiver = createReceiver(libc, clock.nowNs)
  const absence = createAbsence()
  const sockets: (Pollable | undefined)[] = []
  const free: number[] = []
  // A place is given again only after the look: its readiness may still be in the list that is being worked through.
  const freedInLook: number[] = []
  const tally = { unstamped: 0 }
  const look = { receiver, atNs: 0, awayNs: 0, tally }
  const pause = createPause(libc)
  let lookedNs = Number.NEGATIVE_INFINITY
  let idleMs = 0
  let watch: { stop(): void } | undefined
  let count = 0

  /** Asked at every look of a busy time, and at no other. */
  const waitedSinceLook = (): boolean => {
    const { idle } = performance.eventLoopUtilization()
    const waited = idle > idleMs
    idleMs = idle
    return waited
  }

  const lookOver = (): void => {
    const wokenNs = clock.nowNs()
    const awayNs = absence.sinceNs(wokenNs)
    if (wokenNs - lookedNs < GATHER_NS && waitedSinceLook()) pause.block(GATHER_NS)
    const beganNs = clock.nowNs()
    look.atNs = beganNs
    look.awayNs = awayNs + beganNs - wokenNs
    for (;;) {
      const ready = epoll.poll(0)
      if (ready <= 0) break
      for (let i = 0; i < ready; i++) sockets[epoll.token(i)]?.onReady(epoll.readiness(i), look)
      const nowNs = clock.nowNs()
      look.awayNs = nowNs - look.atNs
      look.atNs = nowNs
      if (nowNs - beganNs > LONGEST_LOOK_NS) break
    }
    lookedNs = look.atNs
    absence.looked(lookedNs)
    while (freedInLook.length > 0) free.push(freedInLook.pop() ?? 0)
  }

  return {
    receiver,
    tally,
    /** @returns the socket's place, for `change` and `remove`; undefined when the kernel refuses it */
    add(fd: number, interest: number, socket: Pollable): number | undefined {
      const place = free.pop() ?? sockets.length
      sockets[place] = socket
      if (!epoll.add(fd, interest, place)) {
        sockets[place] = undefined
        free.push(place)
        return undefined
      }
      count++
      watch ??= libc.whenReadable(epoll.fd, lookOver)
      return place
    },
    change: (fd: number, interest: number, place: number): void => epoll.modify(fd, interest, place),
    /** The descriptor is closed by its owner, which takes it out of the set. */
    remove(place: number): void {
      sockets[place] = undefined
      freedInLook.push(place)
      // Without sockets there is nothing to keep the process alive for.
      if (--count === 0) {
        watch?.stop()
        watch = undefined
      }
    },
    close(): void {
      watch?.stop()
      watch = undefined
      epoll.close()
      receiver.close()
      pause.close()
    },
  }
}

export type Poller = ReturnType<typeof createPoller>
