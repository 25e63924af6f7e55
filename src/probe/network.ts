import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { monotonicNs, type RequestFailure } from '../base/index.js'
import { type ConnectionSetting, socketFailure } from '../transport/index.js'

/** The way to a server, below HTTP. */
export interface NetworkFacts {
  /** Times to connect, in ns, as measured one after the other; empty when nothing accepts. */
  readonly connectNs: readonly number[]
  /** Why connecting failed, where it did. */
  readonly failure?: RequestFailure
  readonly tls?: TlsFacts
}

export interface TlsFacts {
  readonly handshakeNs: number
  /** `TLSv1.3` */
  readonly version: string
  readonly cipher: string
  /** What ALPN chose of h2 and http/1.1; null where the server takes no part in it. */
  readonly alpn: string | null
  /** Until when the certificate holds, as it says. */
  readonly validTo?: string
  /** Why we do not trust it; null where we do. */
  readonly mistrust: string | null
}

const CONNECTS = 5

/** Five connects, one after the other, and a handshake where the server speaks TLS. No HTTP request is made. */
export async function examineNetwork(
  url: URL,
  connection: ConnectionSetting,
  deadlineMs: number,
): Promise<NetworkFacts> {
  const address = addressOf(url, connection)
  const connectNs: number[] = []
  for (let i = 0; i < CONNECTS; i++) {
    const tookNs = await connectTime(address, deadlineMs)
    if (typeof tookNs !== 'number') return { connectNs, failure: tookNs }
    connectNs.push(tookNs)
  }
  if (url.protocol !== 'https:' || connection.proxy !== undefined) return { connectNs }
  const tls = await handshake(address, url.hostname, connection, deadlineMs)
  return 'handshakeNs' in tls ? { connectNs, tls } : { connectNs, failure: tls }
}

type Address = { readonly host: string; readonly port: number } | { readonly path: string }

/** Of what we connect to: a proxy, where there is one. */
function addressOf(url: URL, { proxy, socketPath }: ConnectionSetting): Address {
  if (socketPath !== undefined) return { path: socketPath }
  const { hostname, port, protocol } = proxy === undefined ? url : new URL(proxy)
  return { host: bare(hostname), port: Number(port || (protocol === 'https:' ? 443 : 80)) }
}

/** Without the brackets of an IPv6 address. */
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

const noAnswer = (deadlineMs: number): RequestFailure => ({
  code: 'refused',
  message: `no connection within ${deadlineMs / 1000} s`,
})

/** From the call to the accepted connection: a round trip, and whatever the name takes to look up the first time. */
function connectTime(address: Address, deadlineMs: number): Promise<number | RequestFailure> {
  return new Promise((resolve) => {
    const startNs = monotonicNs()
    const socket = connectTcp({ ...address, noDelay: true })
    const end = (result: number | RequestFailure): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end(noAnswer(deadlineMs)), deadlineMs)
    socket.once('connect', () => end(monotonicNs() - startNs))
    socket.once('error', (error) => end(socketFailure(error)))
  })
}

function handshake(
  address: Address,
  hostname: string,
  { tls = {} }: ConnectionSetting,
  deadlineMs: number,
): Promise<TlsFacts | RequestFailure> {
  const { serverName = bare(hostname), ...pems } = tls
  return new Promise((resolve) => {
    const startNs = monotonicNs()
    const socket = connectTls({
      ...address,
      ...pems,
      ...(isIP(serverName) === 0 && { servername: serverName }),
      ALPNProtocols: ['h2', 'http/1.1'],
      // What is wrong with a certificate is a finding; nothing is sent over this connection.
      rejectUnauthorized: false,
    })
    const end = (result: TlsFacts | RequestFailure): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end(noAnswer(deadlineMs)), deadlineMs)
    socket.once('error', (error) => end(socketFailure(error)))
    socket.once('secureConnect', () => {
      const { valid_to: validTo } = socket.getPeerCertificate()
      end({
        handshakeNs: monotonicNs() - startNs,
        version: socket.getProtocol() ?? '',
        cipher: socket.getCipher().name,
        alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
        ...(validTo && { validTo }),
        mistrust: socket.authorized ? null : String(socket.authorizationError),
      })
    })
  })
}
