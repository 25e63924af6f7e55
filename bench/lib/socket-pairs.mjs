import {
  ACCEPTED_SOCKET,
  createReceiver,
  loadLibc,
  MSG_NOSIGNAL,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
  STREAM_SOCKET,
  socketAddress,
} from '../../dist/kernel/index.js'

const ON = Buffer.from([1, 0, 0, 0])

/**
 * Connected pairs of sockets on loopback, to send a packet on each and then time nothing but the reads.
 * @param {number} count @param {() => number} nowNs
 */
export function socketPairs(count, nowNs) {
  const loaded = loadLibc()
  if (!loaded.available) throw new Error(loaded.reason)
  const { libc } = loaded
  const { family, bytes } = socketAddress('127.0.0.1', 0)
  const listener = libc.socket(family, STREAM_SOCKET, 0)
  libc.setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPNS, ON, ON.length)
  libc.bind(listener, bytes, bytes.length)
  libc.listen(listener, count)
  libc.getsockname(listener, bytes, Buffer.from([bytes.length, 0, 0, 0]))
  const pairs = Array.from({ length: count }, () => {
    const near = libc.socket(family, STREAM_SOCKET, 0)
    libc.connect(near, bytes, bytes.length)
    return { near, far: -1 }
  })
  for (const pair of pairs) pair.far = libc.accept(listener, ACCEPTED_SOCKET)
  const receiver = createReceiver(libc, nowNs)
  return {
    libc,
    /** @param {Buffer} packet */
    sendAll(packet) {
      for (const { near } of pairs) libc.send(near, packet, packet.length, MSG_NOSIGNAL)
    },
    /** Reads all, with stamps. @returns how many bytes came */
    receiveAll() {
      let size = 0
      for (const { far } of pairs) {
        size += receiver.receive(far)
        if (!(receiver.stampNs() > 0)) throw new Error('a read without a stamp')
      }
      return size
    },
  }
}
