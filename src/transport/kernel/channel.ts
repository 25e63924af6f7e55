import type { SocketAddress } from '../../kernel/index.js'
import { brokenError, socketFailure, timeoutError } from '../failure.js'
import { headersFault } from '../headers.js'
import type { Channel, ResponseSink } from '../transport.js'
import { Connection } from './connection.js'
import { requestBytes } from './request-bytes.js'
import { createResolver } from './resolver.js'
import type { Sockets } from './sockets.js'

export interface KernelChannel extends Channel {
  close(): void
}

const CONNECT_TIMEOUT_MS = 30_000
/** For an address with others left to try. */
const HASTY_TIMEOUT_MS = 300

/** A request that waits for its connection, or travels on it. */
interface Flight {
  readonly bytes: Buffer
  readonly sink: ResponseSink
  connection: Connection | undefined
  cancelled: boolean
}

/** An address to try, and for how long. */
interface Attempt {
  readonly address: SocketAddress
  readonly timeoutMs: number
}

/** A free connection is taken, the one used last, or a new one made; never is a request kept waiting for another. */
export function createKernelChannel(
  sockets: Sockets,
  origin: string,
  resolver = resolverOf(origin),
  keepAlive = true,
): KernelChannel {
  const { host } = new URL(origin)
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
  const connect = (flight: Flight, [attempt, ...others]: readonly Attempt[]): void => {
    if (flight.cancelled) return
    if (attempt === undefined) {
      fail(flight, brokenError('the host name has no address'))
      return
    }
    const { address, timeoutMs } = attempt
    let left = others
    const connection = new Connection(sockets, {
      onConnected(self) {
        clearTimeout(deadline)
        resolver.worked(address)
        self.carry(flight.bytes, flight.sink)
      },
      // A server may keep open what was to be closed.
      onFree: (self) => (keepAlive ? void free.push(self) : self.close()),
      onClosed(self, error) {
        clearTimeout(deadline)
        forget(self)
        if (error === undefined) return
        if (left.length > 0) connect(flight, left)
        else fail(flight, error)
      },
    })
    const deadline = setTimeout(() => {
      left = withoutHaste(others, attempt)
      connection.close(timeoutError())
    }, timeoutMs)
    all.add(connection)
    flight.connection = connection
    connection.open(address)
  }

  const connectAnywhere = (flight: Flight): void => {
    resolver.addresses().then(
      (found) => connect(flight, attemptsOn(found)),
      (thrown: Error) => fail(flight, thrown),
    )
  }

  return {
    send(request, sink) {
      const fault = headersFault(request.headers)
      if (fault) {
        const telling = setImmediate(() => sink.onBroken(sockets.clock.nowNs(), socketFailure(fault)))
        return { cancel: () => clearImmediate(telling) }
      }
      const bytes = requestBytes(request, host, keepAlive)
      const flight: Flight = { bytes, sink, connection: free.pop(), cancelled: false }
      if (flight.connection) flight.connection.carry(bytes, sink)
      else connectAnywhere(flight)
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

function resolverOf(origin: string) {
  const { hostname, port } = new URL(origin)
  return createResolver(hostname, Number(port || 80))
}

const attemptsOn = (addresses: readonly SocketAddress[]): Attempt[] =>
  addresses.map((address, i) => ({
    address,
    timeoutMs: i < addresses.length - 1 ? HASTY_TIMEOUT_MS : CONNECT_TIMEOUT_MS,
  }))

/** A server that is merely slow to take connections must not lose to an address where nobody listens: it is tried again. */
const withoutHaste = (others: readonly Attempt[], { address, timeoutMs }: Attempt): Attempt[] =>
  timeoutMs === CONNECT_TIMEOUT_MS ? [...others] : [...others, { address, timeoutMs: CONNECT_TIMEOUT_MS }]
