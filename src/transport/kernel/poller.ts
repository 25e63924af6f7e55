import { type Clock, NS_PER_MS } from '../../base/index.js'
import { createEpoll, createReceiver, type Libc, type Receiver } from '../../kernel/index.js'
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
}

/** A look goes on while sockets are ready, but not for longer: timers and messages want their turn too. */
const LONGEST_LOOK_NS = 2 * NS_PER_MS

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
  const look = { receiver, atNs: 0, awayNs: 0 }
  let watch: { stop(): void } | undefined
  let count = 0

  const lookOver = (): void => {
    const beganNs = clock.nowNs()
    look.atNs = beganNs
    look.awayNs = absence.sinceNs(beganNs)
    for (;;) {
      const ready = epoll.poll(0)
      if (ready <= 0) break
      for (let i = 0; i < ready; i++) sockets[epoll.token(i)]?.onReady(epoll.readiness(i), look)
      const nowNs = clock.nowNs()
      look.awayNs = nowNs - look.atNs
      look.atNs = nowNs
      if (nowNs - beganNs > LONGEST_LOOK_NS) break
    }
    absence.looked(look.atNs)
    while (freedInLook.length > 0) free.push(freedInLook.pop() ?? 0)
  }

  return {
    receiver,
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
    },
  }
}

export type Poller = ReturnType<typeof createPoller>
