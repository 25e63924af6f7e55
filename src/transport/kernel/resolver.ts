import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type SocketAddress, socketAddress } from '../../kernel/index.js'

/** Addresses of the host, asked for once; after a failure the next request asks again. */
export function createResolver(hostname: string, port: number): () => Promise<readonly SocketAddress[]> {
  // URLs write IPv6 addresses in brackets.
  const host = hostname.replace(/^\[|\]$/g, '')
  let known: Promise<readonly SocketAddress[]> | undefined
  const ask = async (): Promise<readonly SocketAddress[]> => {
    if (isIP(host) !== 0) return [socketAddress(host, port)]
    const found = await lookup(host, { all: true })
    return found.map(({ address }) => socketAddress(address, port))
  }
  return () => {
    known ??= ask().catch((thrown: unknown) => {
      known = undefined
      throw thrown
    })
    return known
  }
}
