import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a page does: text with 200, a status, a redirect, a wait before the answer, an answer that never comes, a hang-up. */
export type FakePage =
  | string
  | { readonly status: number; readonly text?: string; readonly location?: string }
  | { readonly afterMs: number; readonly text: string }
  | 'silence'
  | 'hang up'

export interface FakeServer {
  readonly url: string
  readonly asked: readonly string[]
  readonly headers: ReadonlyMap<string, IncomingHttpHeaders>
  /** The most requests to one path that were open at a time. */
  mostAtOnce(path: string): number
  close(): Promise<void>
}

/** A server of pages; whatever it has no page for is `otherwise`, 404 unless said. */
export async function fakeServer(
  pages: Readonly<Record<string, FakePage>>,
  otherwise: FakePage = { status: 404, text: '{"detail":"Not Found"}' },
): Promise<FakeServer> {
  const asked: string[] = []
  const headers = new Map<string, IncomingHttpHeaders>()
  const open = new Map<string, number>()
  const most = new Map<string, number>()
  const server = createServer(async (req, res) => {
    const path = req.url ?? ''
    asked.push(path)
    headers.set(path, req.headers)
    open.set(path, (open.get(path) ?? 0) + 1)
    most.set(path, Math.max(most.get(path) ?? 0, open.get(path) ?? 0))
    res.on('close', () => open.set(path, (open.get(path) ?? 1) - 1))
    const page = pages[path] ?? otherwise
    if (page === 'silence') return
    if (page === 'hang up') return void req.socket.destroy()
    if (typeof page === 'string') return void res.end(page)
    if ('afterMs' in page) {
      await sleep(page.afterMs)
      return void res.end(page.text)
    }
    res.writeHead(page.status, page.location === undefined ? {} : { location: page.location })
    res.end(page.text ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    headers,
    mostAtOnce: (path) => most.get(path) ?? 0,
    close: () => closed(server),
  }
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
