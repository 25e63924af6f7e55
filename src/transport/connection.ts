/**
 * How a server is reached, where that is not by a plain connection of its own. Plain data that crosses a thread boundary; keys
 * and passwords are in it, so none of it is ever written.
 */
export interface ConnectionSetting {
  readonly tls?: TlsSetting
  /** Offer HTTP/2 in the handshake. */
  readonly http2?: boolean
  /** A new connection for every request. */
  readonly perRequest?: boolean
  /** Of a unix socket. */
  readonly socketPath?: string
  /** URL of the proxy to ask through. */
  readonly proxy?: string
}

/** PEM texts. */
interface TlsSetting {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly serverName?: string
}

/** Whether a library of one's own defaults would reach the server in the same way. */
export const isPlain = ({ tls, http2, perRequest, socketPath, proxy }: ConnectionSetting): boolean =>
  tls === undefined && !http2 && !perRequest && socketPath === undefined && proxy === undefined

/** @returns why only undici can reach it so; undefined where the kernel's transport can, too */
export function beyondKernel(
  origin: string,
  { socketPath, proxy, http2 }: ConnectionSetting,
): string | undefined {
  if (http2) return 'HTTP/2 was asked for, and the kernel’s transport speaks HTTP/1.1'
  if (socketPath !== undefined)
    return 'the target listens on a unix socket, whose bytes the kernel does not stamp'
  if (!origin.startsWith('http:'))
    return 'the target speaks TLS, whose bytes the kernel’s stamps cannot follow'
  if (proxy !== undefined) return 'the target is asked through a proxy, which the kernel’s transport does not'
  return undefined
}
