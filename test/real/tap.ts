import { createServer, request } from 'node:http'

/** One answer as it went by. */
export interface TappedAnswer {
  readonly path: string
  readonly status: number
  readonly body: string
}

export interface Tap {
  readonly url: string
  /** Whole answers to POSTs, in the order of their ends. */
  readonly answers: readonly TappedAnswer[]
  close(): Promise<void>
}

/** Stands between a client and a server, passes every byte on as it comes, and keeps what the server answered. */
export async function openTap(upstream: string): Promise<Tap> {
  const answers: TappedAnswer[] = []
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/'
    const onward = request(`${upstream}${path}`, { method: incoming.method, headers: incoming.headers })
    onward.on('response', (answer) => {
      const status = answer.statusCode ?? 0
      const parts: Buffer[] = []
      outgoing.writeHead(status, answer.headers)
      answer.on('data', (part: Buffer) => {
        parts.push(part)
        outgoing.write(part)
      })
      answer.on('end', () => {
        if (incoming.method === 'POST')
          answers.push({ path, status, body: Buffer.concat(parts).toString('utf8') })
        outgoing.end()
      })
      answer.on('error', () => outgoing.destroy())
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the tap has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
