import type { OutgoingRequest } from '../transport.js'

/** Headers must be fit to be sent. A `host` among them, in lower case, stands in for that of the origin. */
export function requestBytes(
  { path, headers, body }: OutgoingRequest,
  originHost: string,
  keepAlive = true,
): Buffer {
  const { host = originHost, ...others } = headers
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${keepAlive ? 'keep-alive' : 'close'}\r\n`
  for (const [name, value] of Object.entries(others)) head += `${name}: ${value}\r\n`
  const bodySize = Buffer.byteLength(body)
  head += `content-length: ${bodySize}\r\n\r\n`
  const bytes = Buffer.allocUnsafe(head.length + bodySize)
  bytes.write(head, 'latin1')
  bytes.write(body, head.length, 'utf8')
  return bytes
}
