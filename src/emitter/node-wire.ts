import { createServer, type Socket } from 'node:net'
import { NS_PER_MS } from '../base/index.js'
import type { Emitter } from './emitter.js'
import type { Outlet } from './outlet.js'

const WRITES_IN_A_ROW = 256

/**
 * Serves on loopback over `node:net`, where there is no other way. Timers are good to a millisecond: writes are later than on
 * the kernel's sockets, but their times are as true.
 * @returns the port
 */
export function serveOnNode(emitter: Emitter): Promise<number> {
  const arm = createWriteTimer(emitter)
  const server = createServer({ noDelay: true }, (socket) => {
    const outlet = new NodeOutlet(socket, () => {
      connection.onDrained(emitter.nowNs())
      arm()
    })
    const connection = emitter.connect(outlet)
    socket.on('data', (bytes) => {
      const atNs = emitter.nowNs()
      connection.onBytes(bytes, 0, bytes.length, { atNs, stamped: 'loop' })
      arm()
    })
    // The end of a client is told by 'close', whatever the reason.
    socket.on('error', () => {})
    socket.on('close', () => connection.onClosed())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

/** One timer, set to the next write. */
function createWriteTimer(emitter: Emitter): () => void {
  let timer: NodeJS.Timeout | undefined
  let setToNs = Number.POSITIVE_INFINITY
  const ring = (): void => {
    setToNs = Number.POSITIVE_INFINITY
    emitter.writeDue(WRITES_IN_A_ROW)
    arm()
  }
  const arm = (): void => {
    const nextNs = emitter.nextNs()
    if (nextNs >= setToNs) return
    clearTimeout(timer)
    setToNs = nextNs
    const leftNs = nextNs - emitter.nowNs()
    if (leftNs <= 0) setImmediate(ring)
    else timer = setTimeout(ring, leftNs / NS_PER_MS)
  }
  return arm
}

class NodeOutlet implements Outlet {
  readonly #socket: Socket
  readonly #onWritten: () => void
  #waiting = false

  /** @param onDrained called when everything has gone that did not go at once */
  constructor(socket: Socket, onDrained: () => void) {
    this.#socket = socket
    this.#onWritten = () => {
      if (!this.#waiting || socket.writableLength > 0) return
      this.#waiting = false
      onDrained()
    }
  }

  /** Node tries the socket at once and keeps what does not fit. */
  send(bytes: Buffer, from: number, to: number): void {
    this.#socket.write(Buffer.from(bytes.subarray(from, to)), this.#onWritten)
    this.#waiting = this.clogged()
  }

  clogged(): boolean {
    return this.#socket.writableLength > 0
  }

  close(): void {
    this.#socket.end()
  }
}
