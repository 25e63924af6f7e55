import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { TLSSocket } from 'node:tls'
import type { ConnectionSetting } from './connection.js'
import { createWay } from './dispatcher.js'

/** What was agreed on in the handshake. */
export interface Handshake {
  readonly http: 'http/1.1' | 'h2'
  /** Such as `TLSv1.3`. */
  readonly tls: string
}

const LONGEST_MS = 10_000

/**
 * Makes one connection as those of the run will be, and asks it for nothing but headers. Undefined without TLS, and where no
 * connection could be made: whoever asks next will learn why.
 */
export async function learnHandshake(
  origin: string,
  setting: ConnectionSetting,
): Promise<Handshake | undefined> {
  const { hostname } = new URL(origin)
  if (!origin.startsWith('https:')) return undefined
  let found: Handshake | undefined
  const onConnected = (message: unknown): void => {
    const { connectParams, socket } = message as Connected
    if (connectParams.hostname !== hostname || typeof socket.getProtocol !== 'function') return
    const http = socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1'
    found = { http, tls: socket.getProtocol() ?? 'unknown' }
  }
  const way = createWay(origin, 1, setting)
  subscribe('undici:client:connected', onConnected)
  try {
    const signal = AbortSignal.timeout(LONGEST_MS)
    const { body } = await way.dispatcher.request({ origin, path: '/', method: 'HEAD', signal })
    await body.dump()
  } catch {
    // The handshake may have been made all the same.
  } finally {
    unsubscribe('undici:client:connected', onConnected)
    await way.close()
  }
  return found
}

interface Connected {
  readonly connectParams: { readonly hostname: string }
  readonly socket: TLSSocket
}
