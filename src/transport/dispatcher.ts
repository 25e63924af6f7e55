import { type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { ConnectionSetting } from './connection.js'

/** What undici sends requests through. */
export interface Way {
  readonly dispatcher: Dispatcher
  close(): Promise<void>
}

/** Longer than any think time: a reconnect would enter TTFT. */
const KEEP_ALIVE_MS = 600_000
const CONNECT_TIMEOUT_MS = 30_000
/** What a server takes on one connection of HTTP/2 unless it says otherwise. */
const STREAMS_PER_CONNECTION = 100

/** All of undici's own deadlines are off: its timers are good to half a second, ours are recorded as outcomes of their own. */
const COMMON = {
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_MS,
  keepAliveMaxTimeout: KEEP_ALIVE_MS,
} as const

/** @param connections the most requests in flight at once */
export function createWay(origin: string, connections: number, setting: ConnectionSetting = {}): Way {
  const base = baseOf(origin, connections, setting)
  const steps = [
    ...(setting.perRequest ? [anew] : []),
    ...(setting.proxy !== undefined && isForwarded(origin) ? [forwarded(origin, setting.proxy)] : []),
  ]
  return {
    dispatcher: steps.length === 0 ? base : base.compose(steps),
    close: () => base.destroy(),
  }
}

/** A proxy passes plain HTTP on; to a server that speaks TLS it opens a tunnel. */
const isForwarded = (origin: string): boolean => origin.startsWith('http:')

function baseOf(origin: string, connections: number, setting: ConnectionSetting): Dispatcher {
  const { proxy, http2 = false } = setting
  const options = { ...COMMON, ...multiplexing(connections, http2), allowH2: http2 }
  const connect = connectOptions(setting)
  if (proxy === undefined) return new Pool(origin, { ...options, connect })
  if (isForwarded(origin)) return new Pool(new URL(proxy).origin, { ...options, connect })
  return new ProxyAgent({ ...options, uri: proxy, requestTls: { ...connect, allowH2: http2 } as never })
}

/** Pipelining would serialise streams: it is for HTTP/2 alone, where it means streams side by side. */
const multiplexing = (
  connections: number,
  http2: boolean,
): Pick<Pool.Options, 'connections' | 'pipelining'> =>
  http2 ? { connections: Math.ceil(connections / STREAMS_PER_CONNECTION) } : { connections, pipelining: 1 }

function connectOptions({ tls, socketPath }: ConnectionSetting) {
  return {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    ...(socketPath !== undefined && { socketPath }),
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.cert !== undefined && { cert: tls.cert }),
    ...(tls?.key !== undefined && { key: tls.key }),
    ...(tls?.serverName !== undefined && { servername: tls.serverName }),
  }
}

type Step = Dispatcher.DispatcherComposeInterceptor

const anew: Step = (dispatch) => (options, handler) => dispatch({ ...options, reset: true }, handler)

/** RFC 9112, section 3.2.2: a proxy is told the whole URL. */
function forwarded(origin: string, proxy: string): Step {
  const { host } = new URL(origin)
  const { origin: proxyOrigin, username, password } = new URL(proxy)
  const known = [username, password].map(decodeURIComponent).join(':')
  const credentials =
    known === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(known).toString('base64')}` }
  return (dispatch) => (options, handler) =>
    dispatch(
      {
        ...options,
        origin: proxyOrigin,
        path: origin + options.path,
        headers: { host, ...(options.headers as Record<string, string>), ...credentials },
      },
      handler,
    )
}
