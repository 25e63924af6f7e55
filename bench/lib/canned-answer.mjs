import { once } from 'node:events'
import { connect } from 'node:net'
import { bodyOf, PATH } from './ask.mjs'

const LAST_CHUNK = '0\r\n\r\n'

/**
 * One whole answer as it came over the wire, and where each send of the server began and ended in it: the head first, then an
 * event at a time.
 * @param {{ url: string, model: string }} server @param {number} tokens
 * @returns {Promise<{ bytes: Buffer, packets: { from: number, to: number }[] }>}
 */
export async function cannedAnswer({ url, model }, tokens) {
  const { hostname, port, host } = new URL(url)
  const body = bodyOf(model, tokens, { ttftMs: 0, gapMs: 0 })
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`POST ${PATH} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  const parts = []
  for await (const part of socket) {
    parts.push(part)
    if (Buffer.concat(parts.slice(-2)).toString('latin1').endsWith(`\r\n${LAST_CHUNK}`)) break
  }
  const bytes = Buffer.concat(parts)
  return { bytes, packets: packetsOf(bytes) }
}

/** @param {Buffer} bytes an answer in chunked coding */
export function packetsOf(bytes) {
  const bodyAt = bytes.indexOf('\r\n\r\n') + 4
  const packets = [{ from: 0, to: bodyAt }]
  for (let at = bodyAt; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const to = lineEnd + 2 + size + 2
    if (!(size > 0)) {
      // The end of the coding travels with the last event.
      packets[packets.length - 1].to = bytes.length
      return packets
    }
    packets.push({ from: at, to })
    at = to
  }
}
