import { type AddressInfo, createServer } from 'node:net'
import { Client } from 'undici'

export interface PlainAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

const BODY = '{}'

/** A loopback server that answers every request with scripted octets, and undici to read them. */
export async function scriptedServer() {
  let script: Uint8Array = Buffer.alloc(0)
  let closes = true
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {})
    let request = ''
    socket.on('data', (bytes) => {
      request += bytes.toString()
      if (!request.endsWith(BODY)) return
      request = ''
      if (closes) socket.end(script)
      else socket.write(script)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connect = () =>
    new Client(origin, { maxHeaderSize: 64 * 1024, headersTimeout: 5_000, bodyTimeout: 5_000 })

  return {
    /** What undici makes of `bytes` and the close that follows them; `undefined` when it refuses. */
    async read(bytes: Uint8Array): Promise<PlainAnswer | undefined> {
      script = bytes
      closes = true
      const client = connect()
      try {
        return await plainAnswer(client)
      } catch {
        return undefined
      } finally {
        await client.destroy()
      }
    },
    /** Whether undici uses the connection again after `bytes`. */
    async reuses(bytes: Uint8Array): Promise<boolean> {
      script = bytes
      closes = false
      connections = 0
      const client = connect()
      await plainAnswer(client)
      await plainAnswer(client)
      await client.destroy()
      return connections === 1
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

async function plainAnswer(client: Client): Promise<PlainAnswer> {
  const answer = await client.request({ method: 'POST', path: '/', body: BODY })
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    [value ?? []].flat().map(trimEnd).join(', '),
  ])
  const body = Buffer.from(await answer.body.arrayBuffer()).toString('latin1')
  return { status: answer.statusCode, headers: Object.fromEntries(headers), body }
}

/** Blanks after a value are no part of it (RFC 9112, section 5.1); undici keeps them. */
const trimEnd = (value: string): string => value.replace(/[ \t]+$/, '')
