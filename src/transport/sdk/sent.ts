import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { noteUse } from '../use.js'
import type { SdkFlight } from './flight.js'

/**
 * Tells flights when their request goes out, and whether over a connection that has carried one before. The platform's `fetch`
 * says so on the same channel as undici, of which it is made; a request is known by its id.
 */
export interface Departures {
  expect(id: string, flight: SdkFlight): void
  forget(id: string, flight: SdkFlight): void
}

const waiting = new Map<string, SdkFlight>()
let watching = false

export function watchDepartures(): Departures {
  if (!watching) {
    watching = true
    subscribe('undici:client:sendHeaders', onSendHeaders)
  }
  return {
    expect: (id, flight) => void waiting.set(id, flight),
    forget(id, flight) {
      if (waiting.get(id) === flight) waiting.delete(id)
    },
  }
}

function onSendHeaders(message: unknown): void {
  const { headers, socket } = message as { headers: string; socket: Socket }
  const [, id] = /^x-request-id: ([^\r\n]*)/im.exec(String(headers)) ?? []
  const flight = id === undefined ? undefined : waiting.get(id)
  if (id === undefined || flight === undefined) return
  waiting.delete(id)
  flight.reportSent(noteUse(socket), socket)
}
