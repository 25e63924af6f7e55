import {
  IPPROTO_TCP,
  type Libc,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
  type SocketAddress,
  STREAM_SOCKET,
  socketAddress,
  TCP_NODELAY,
} from '../kernel/index.js'

const BACKLOG = 4096
const ON = Buffer.from([1, 0, 0, 0])

/** A listening socket on a free port of loopback, and where it is reached. */
export function listenOnLoopback(libc: Libc): { fd: number; port: number; address: SocketAddress } {
  const { family, bytes } = socketAddress('127.0.0.1', 0)
  const fd = libc.socket(family, STREAM_SOCKET, 0)
  // Accepted sockets inherit both, so that even what arrives before its connection is accepted bears a stamp.
  libc.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, ON, ON.length)
  libc.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, ON, ON.length)
  if (libc.bind(fd, bytes, bytes.length) !== 0 || libc.listen(fd, BACKLOG) !== 0) {
    throw new Error(`cannot listen on 127.0.0.1 (errno ${libc.errno()})`)
  }
  const bound = Buffer.alloc(bytes.length)
  libc.getsockname(fd, bound, Buffer.from([bytes.length, 0, 0, 0]))
  return { fd, port: bound.readUInt16BE(2), address: { family, bytes: bound } }
}
