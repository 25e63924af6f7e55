import type { Socket } from 'node:net'

/** Sockets that have carried a request. */
const used = new WeakSet<Socket>()
/** What a socket said first. */
const firstErrors = new WeakMap<Socket, Error>()

/** @returns whether the socket had carried a request before this one */
export function noteUse(socket: Socket): boolean {
  if (used.has(socket)) return true
  used.add(socket)
  socket.prependOnceListener('error', (error) => firstErrors.set(socket, error))
  return false
}

/**
 * Why a request failed. A server that speaks TLS 1.3 refuses a client without a certificate by an alert and a close right
 * after the handshake, and undici tells of the close alone.
 */
export const causeOf = (socket: Socket | undefined, told: Error): Error =>
  (socket && firstErrors.get(socket)) ?? told
