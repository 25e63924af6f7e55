import type { Channel, ConnectionSetting, Transport } from '../transport/index.js'

/** One of the places where the target answers. */
export interface TargetWay {
  /** Scheme, host and port. */
  readonly origin: string
  readonly connection: ConnectionSetting
}

/** Which of several base URLs serves a request: by its place in the plan, so that it does not matter which worker sends it. */
export const originIndexOf = (planIndex: number, origins: number): number => planIndex % origins

/** One channel over several, in turn. A request tells its place in the plan at the end of its id. */
export function openInTurn(transport: Transport, ways: readonly TargetWay[], connections: number): Channel {
  const channels = ways.map(({ origin, connection }) => transport.open(origin, connections, connection))
  const [first] = channels
  if (first === undefined) throw new Error('a target without a place')
  if (channels.length === 1) return first
  return {
    send(request, sink) {
      const [, index = '0'] = /(\d+)$/.exec(request.headers['x-request-id'] ?? '') ?? []
      return (channels[originIndexOf(Number(index), channels.length)] ?? first).send(request, sink)
    },
  }
}
