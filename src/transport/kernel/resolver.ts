import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type SocketAddress, socketAddress } from '../../kernel/index.js'

/** Where a server may be reached. */
export interface Resolver {
  /** Addresses in the order in which to try them, asked for once; after a failure the next request asks again. */
  addresses(): Promise<readonly SocketAddress[]>
  /** The server answers there: later connections try it first. */
  worked(address: SocketAddress): void
}

/** @param find asks the system for the addresses of a name */
export function createResolver(hostname: string, port: number, find = lookupAll): Resolver {
  // URLs write IPv6 addresses in brackets.
  const host = hostname.replace(/^\[|\]$/g, '')
  let known: Promise<readonly SocketAddress[]> | undefined
  let best: SocketAddress | undefined
  const ask = async (): Promise<readonly SocketAddress[]> => {
    const found = isIP(host) === 0 ? await find(host) : [host]
    return found.map((ip) => socketAddress(ip, port))
  }
  return {
    addresses() {
      known ??= ask().catch((thrown: unknown) => {
        known = undefined
        throw thrown
      })
      return known
    },
    worked(address) {
      if (address === best) return
      best = address
      known = known?.then((list) => [address, ...list.filter((other) => other !== address)])
    },
  }
}

const lookupAll = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address)
