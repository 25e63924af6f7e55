import {
  ACCEPTED_SOCKET,
  type Libc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  type Receiver,
  STREAM_SOCKET,
} from '../kernel/index.js'
import { listenOnLoopback } from './listen.js'

/** Sends through a way that has not been used for a while take three times as long as the next ones. */
export interface Warmth {
  /** Sends a few bytes to ourselves and takes them in again, so that the next send finds its way warm. */
  renew(): void
}

const BYTES = Buffer.alloc(256, 0x20)

/**
 * A connection with ourselves on loopback. Without it a canary's write, one in some milliseconds, would spend longer between the
 * reading of the clock and the wire than a load's writes do, and we would take that for an error of the stamps.
 */
export function createWarmth(libc: Libc, receiver: Receiver): Warmth {
  const { fd: listener, address } = listenOnLoopback(libc)
  const near = libc.socket(address.family, STREAM_SOCKET, 0)
  libc.connect(near, address.bytes, address.bytes.length)
  const far = libc.accept(listener, ACCEPTED_SOCKET)
  libc.close(listener)
  return {
    renew() {
      libc.send(near, BYTES, BYTES.length, MSG_DONTWAIT | MSG_NOSIGNAL)
      receiver.receive(far)
    },
  }
}
