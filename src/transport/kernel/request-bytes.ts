import type { OutgoingRequest } from '../transport.js'

/** What RFC 9110 forbids in a field: anything that could end it and begin another. */
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/

/** @throws RangeError for a header that could not be sent as it is */
export function requestBytes({ path, headers, body }: OutgoingRequest, host: string): Buffer {
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`
  for (const [name, value] of Object.entries(headers)) {
    if (UNSAFE.test(value)) throw new RangeError(`header ${name} holds a character that HTTP does not allow`)
    head += `${name}: ${value}\r\n`
  }
  const bodySize = Buffer.byteLength(body)
  head += `content-length: ${bodySize}\r\n\r\n`
  const bytes = Buffer.allocUnsafe(head.length + bodySize)
  bytes.write(head, 'latin1')
  bytes.write(body, head.length, 'utf8')
  return bytes
}
