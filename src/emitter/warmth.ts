import {
  ACCEPTED_SOCKET,
  type Libc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  type Receiver,
  STREAM_SOCKET,
} from '../kernel/index.js'
import { listenOnLoopback } from './listen.js'
import { fillTime, HOLE, packetOf } from './packet.js'

/** What has not been used for a while, code and sockets alike, takes several times as long as when it is used again. */
export interface Warmth {
  /** Rehearses a write, clock and all, to ourselves, so that the next one finds its way warm. */
  renew(): void
}

const REHEARSALS = 2
const PACKET = packetOf(`data: {"content":" ${HOLE}"}${' '.repeat(200)}`, 15, 1)

/**
 * A connection with ourselves on loopback. Without it a canary's write, one in some milliseconds, would spend longer between the
 * reading of the clock and the wire than a load's writes do, and we would take that for an error of the stamps.
 */
export function createWarmth(libc: Libc, receiver: Receiver, nowNs: () => number): Warmth {
  const { fd: listener, address } = listenOnLoopback(libc)
  const near = libc.socket(address.family, STREAM_SOCKET, 0)
  libc.connect(near, address.bytes, address.bytes.length)
  const far = libc.accept(listener, ACCEPTED_SOCKET)
  libc.close(listener)
  return {
    renew() {
      for (let i = 0; i < REHEARSALS; i++) {
        fillTime(PACKET, nowNs())
        libc.send(near, PACKET.bytes, PACKET.bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL)
        receiver.receive(far)
      }
    },
  }
}
