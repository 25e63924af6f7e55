import { monotonicNs, NS_PER_S } from '../../base/index.js'
import {
  ACCEPTED_SOCKET,
  createEpoll,
  createReceiver,
  EPOLLIN,
  type Epoll,
  type Libc,
  MSG_NOSIGNAL,
  type Receiver,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
  STREAM_SOCKET,
  socketAddress,
} from '../../kernel/index.js'

const ON = Buffer.from([1, 0, 0, 0])
const BYTES = Buffer.from('stamp?')
/** Loopback needs microseconds; a filter that drops its packets must not keep us. */
const PATIENCE_MS = 50
/** The first socket of a machine that asks for stamps gets them only once the kernel has found the time to turn them on. */
const TRIES = 20

/** Whether the kernel stamps what arrives: sends a few bytes over loopback and looks. Takes a millisecond or so. */
export function kernelStampsArrive(libc: Libc): boolean {
  const epoll = createEpoll(libc)
  const receiver = createReceiver(libc, monotonicNs)
  const fds: number[] = []
  try {
    const pair = connectPair(libc, epoll, fds)
    if (pair === undefined) return false
    for (let i = 0; i < TRIES; i++) {
      if (libc.send(pair.near, BYTES, BYTES.length, MSG_NOSIGNAL) !== BYTES.length) return false
      if (stampArrives(epoll, receiver, pair.far)) return true
      // Nothing is there to wake it: this waits a millisecond.
      epoll.poll(1)
    }
    return false
  } finally {
    for (const fd of fds) libc.close(fd)
    epoll.close()
    receiver.close()
  }
}

/**
 * Two ends of a connection over loopback, of which `far` asks for stamps and is watched.
 * @param fds takes every descriptor made, also when something fails
 */
function connectPair(libc: Libc, epoll: Epoll, fds: number[]): { near: number; far: number } | undefined {
  const kept = (fd: number): number => {
    if (fd >= 0) fds.push(fd)
    return fd
  }
  const { family, bytes } = socketAddress('127.0.0.1', 0)
  const listener = kept(libc.socket(family, STREAM_SOCKET, 0))
  // The accepted socket inherits it.
  libc.setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPNS, ON, ON.length)
  if (libc.bind(listener, bytes, bytes.length) !== 0 || libc.listen(listener, 1) !== 0) return undefined
  libc.getsockname(listener, bytes, Buffer.from([bytes.length, 0, 0, 0]))
  const near = kept(libc.socket(family, STREAM_SOCKET, 0))
  // Its outcome shows at the listener.
  libc.connect(near, bytes, bytes.length)
  if (!epoll.add(listener, EPOLLIN, 0) || epoll.poll(PATIENCE_MS) !== 1) return undefined
  const far = kept(libc.accept(listener, ACCEPTED_SOCKET))
  return far >= 0 && epoll.add(far, EPOLLIN, 0) ? { near, far } : undefined
}

function stampArrives(epoll: Epoll, receiver: Receiver, fd: number): boolean {
  if (epoll.poll(PATIENCE_MS) !== 1 || receiver.receive(fd) <= 0) return false
  // Never true of NaN.
  return Math.abs(receiver.stampNs() - monotonicNs()) < NS_PER_S
}
