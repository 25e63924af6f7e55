import { fetch as undiciFetch } from 'undici'
import type { Clock } from '../../base/index.js'
import { type ConnectionSetting, isPlain } from '../connection.js'
import { createWay, type Way } from '../dispatcher.js'
import { socketFailure, unsendableError } from '../failure.js'
import { headersFault } from '../headers.js'
import type { Channel, OutgoingRequest, ResponseSink, Transport } from '../transport.js'
import { createClients, ENDPOINTS, loadPackages, type Packages, type SdkClients } from './calls.js'
import { SdkFlight } from './flight.js'
import { watchDepartures } from './sent.js'

/**
 * The official clients, as an application calls them, with the platform's `fetch` underneath: what they add to a token's way is
 * in every stamp.
 * @param api whose packages are loaded
 */
export async function createSdkTransport(clock: Clock, api: string): Promise<Transport> {
  const packages = await loadPackages(api)
  const ways: Way[] = []
  return {
    stamps: 'loop',
    open(origin, connections, setting = {}) {
      const fetch = isPlain(setting) ? undefined : fetchOver(ways, origin, connections, setting)
      return createSdkChannel(clock, packages, origin, fetch)
    },
    takeClockJumpNs: () => 0,
    takeUnstampedReads: () => 0,
    close: async () => void (await Promise.all(ways.map((way) => way.close()))),
  }
}

type Fetch = typeof globalThis.fetch

/** A dispatcher goes with the `fetch` of its own undici only. */
function fetchOver(ways: Way[], origin: string, connections: number, setting: ConnectionSetting): Fetch {
  const way = createWay(origin, connections, setting)
  ways.push(way)
  return ((url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher: way.dispatcher })) as unknown as Fetch
}

function createSdkChannel(clock: Clock, packages: Packages, origin: string, fetch?: Fetch): Channel {
  const departures = watchDepartures()
  const clients = new Map<string, SdkClients>()
  const clientsAt = (baseUrl: string): SdkClients => {
    const known = clients.get(baseUrl) ?? createClients(packages, baseUrl, fetch)
    clients.set(baseUrl, known)
    return known
  }
  return {
    send(request, sink) {
      const endpoint = ENDPOINTS.find(({ suffix }) => request.path.endsWith(suffix))
      const call = endpoint?.pick(clientsAt(origin + request.path.slice(0, -endpoint.suffix.length)))
      const fault = faultOf(request, call !== undefined)
      if (endpoint === undefined || call === undefined || fault) return refuse(clock, sink, fault)
      const flight = new SdkFlight(clock, endpoint, sink)
      const id = request.headers['x-request-id']
      if (id !== undefined) departures.expect(id, flight)
      void flight.run(call, request).finally(() => id !== undefined && departures.forget(id, flight))
      return flight
    },
  }
}

function faultOf({ path, headers }: OutgoingRequest, spoken: boolean): Error | undefined {
  return spoken ? headersFault(headers) : unsendableError(`no official client asks for ${path}`)
}

/** Told after `send`, as everything else. */
function refuse(clock: Clock, sink: ResponseSink, fault = unsendableError('no client')): { cancel(): void } {
  const telling = setImmediate(() => sink.onBroken(clock.nowNs(), socketFailure(fault)))
  return { cancel: () => clearImmediate(telling) }
}
