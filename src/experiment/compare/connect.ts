import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { monotonicNs, nsToMs } from '../../base/index.js'
import type { ConnectPhases } from '../../record/index.js'
import type { ConnectionSetting } from '../../transport/index.js'

/** How a target is reached, as the load reaches it. */
export interface Way {
  readonly origin: string
  readonly connection: ConnectionSetting
}

const ATTEMPTS = 5
const TIMEOUT_MS = 5000

/**
 * Medians of what it takes to reach a target, phase by phase, on connections of their own, one after the other. Null where
 * a proxy or a unix socket is in between, or nothing answers.
 */
export async function connectPhases({ origin, connection }: Way): Promise<ConnectPhases | null> {
  if (connection.proxy !== undefined || connection.socketPath !== undefined) return null
  const tries: Phases[] = []
  for (let i = 0; i < ATTEMPTS; i++) {
    const phases = await reach(new URL(origin), connection.tls).catch(() => undefined)
    if (phases !== undefined) tries.push(phases)
  }
  if (tries.length === 0) return null
  return {
    attempts: tries.length,
    dnsMs: medianOf(tries.map((t) => t.dnsMs)),
    tcpMs: medianOf(tries.map((t) => t.tcpMs)),
    tlsMs: medianOf(tries.map((t) => t.tlsMs)),
  }
}

type Phases = Pick<ConnectPhases, 'dnsMs' | 'tcpMs' | 'tlsMs'>

async function reach({ protocol, hostname, port }: URL, tls: ConnectionSetting['tls']): Promise<Phases> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const isName = isIP(host) === 0
  const beganNs = monotonicNs()
  const address = isName ? (await lookup(host)).address : host
  const foundNs = monotonicNs()
  const isSecure = protocol === 'https:'
  const at = { host: address, port: port === '' ? (isSecure ? 443 : 80) : Number(port) }
  const { serverName = isName ? host : undefined, ...texts } = tls ?? {}
  const named = serverName === undefined ? {} : { servername: serverName }
  const socket = isSecure ? connectTls({ ...at, ...texts, ...named }) : connectTcp(at)
  try {
    const connectedNs = await stampAt(socket, 'connect')
    const secureNs = isSecure ? await stampAt(socket, 'secureConnect') : null
    return {
      dnsMs: isName ? nsToMs(foundNs - beganNs) : null,
      tcpMs: nsToMs(connectedNs - foundNs),
      tlsMs: secureNs === null ? null : nsToMs(secureNs - connectedNs),
    }
  } finally {
    socket.destroy()
  }
}

/** When the socket says so, in ns. Rejects when it fails, or takes too long. */
function stampAt(socket: Socket, event: 'connect' | 'secureConnect'): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(TIMEOUT_MS, () => reject(new Error('no answer in time')))
    socket.once(event, () => resolve(monotonicNs()))
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('closed before')))
  })
}

function medianOf(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((v) => v !== null).sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
