import { AF_INET, AF_INET6 } from './constants.js'

/** A `sockaddr_in` or `sockaddr_in6`. */
export interface SocketAddress {
  readonly family: number
  readonly bytes: Buffer
}

/** @param ip an IPv4 or IPv6 address in its usual text form, without a zone */
export function socketAddress(ip: string, port: number): SocketAddress {
  return ip.includes(':') ? inet6(ip, port) : inet4(ip, port)
}

function inet4(ip: string, port: number): SocketAddress {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  for (const [i, part] of ip.split('.').entries()) bytes[4 + i] = Number(part)
  return { family: AF_INET, bytes }
}

function inet6(ip: string, port: number): SocketAddress {
  const bytes = Buffer.alloc(28)
  bytes.writeUInt16LE(AF_INET6, 0)
  bytes.writeUInt16BE(port, 2)
  const [head = '', tail] = ip.split('::')
  const front = groupsOf(head)
  const back = tail === undefined ? [] : groupsOf(tail)
  for (const [i, group] of front.entries()) bytes.writeUInt16BE(group, 8 + 2 * i)
  for (const [i, group] of back.entries()) bytes.writeUInt16BE(group, 24 + 2 * (i - back.length))
  return { family: AF_INET6, bytes }
}

/** Groups of 16 bits; an IPv4 tail makes two. */
function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}
