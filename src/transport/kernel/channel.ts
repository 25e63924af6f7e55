import type { SocketAddress } from '../../kernel/index.js'
import { brokenError, socketFailure, timeoutError } from '../failure.js'
import type { Channel, ResponseSink } from '../transport.js'
import { Connection } from './connection.js'
import { requestBytes } from './request-bytes.js'
import { createResolver } from './resolver.js'
import type { Sockets } from './sockets.js'

export interface KernelChannel extends Channel {
  close(): void
}

const CONNECT_TIMEOUT_MS = 30_000

/** A request that waits for its connection, or travels on it. */
interface Flight {
  readonly bytes: Buffer
  readonly sink: ResponseSink
  connection: Connection | undefined
  cancelled: boolean
}

/** A free connection is taken, the one used last, or a new one made; never is a request kept waiting for another. */
export function createKernelChannel(sockets: Sockets, origin: string): KernelChannel {
  const url = new URL(origin)
  const addresses = createResolver(url.hostname, Number(url.port || 80))
  const all = new Set<Connection>()
  const free: Connection[] = []

  const fail = ({ cancelled, sink }: Flight, error: Error): void => {
    if (!cancelled) sink.onBroken(sockets.clock.nowNs(), socketFailure(error))
  }

  const forget = (connection: Connection): void => {
    all.delete(connection)
    const at = free.indexOf(connection)
    if (at >= 0) free.splice(at, 1)
  }

  /** Tries one address after the other. */
  const connect = (flight: Flight, [address, ...others]: readonly SocketAddress[]): void => {
    if (flight.cancelled) return
    if (address === undefined) {
      fail(flight, brokenError('the host name has no address'))
      return
    }
    const connection = new Connection(sockets, {
      onConnected(self) {
        clearTimeout(deadline)
        self.carry(flight.bytes, flight.sink)
      },
      onFree: (self) => void free.push(self),
      onClosed(self, error) {
        clearTimeout(deadline)
        forget(self)
        if (error === undefined) return
        if (others.length > 0) connect(flight, others)
        else fail(flight, error)
      },
    })
    const deadline = setTimeout(() => connection.close(timeoutError()), CONNECT_TIMEOUT_MS)
    all.add(connection)
    flight.connection = connection
    connection.open(address)
  }

  return {
    send(request, sink) {
      const bytes = requestBytes(request, url.host)
      const flight: Flight = { bytes, sink, connection: free.pop(), cancelled: false }
      if (flight.connection) flight.connection.carry(bytes, sink)
      else {
        addresses().then(
          (found) => connect(flight, found),
          (thrown: Error) => fail(flight, thrown),
        )
      }
      return {
        cancel() {
          flight.cancelled = true
          flight.connection?.cancel(sink)
        },
      }
    },
    close() {
      for (const connection of [...all]) connection.close()
    },
  }
}
