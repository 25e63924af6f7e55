import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url))

/** One call of a tool. */
export interface Call {
  readonly args: readonly string[]
  /** Of the tool's process. */
  readonly env: Readonly<Record<string, string>>
  out(data: string | Buffer): void
  err(text: string): void
  /** Has the tool listen on `from` and pass on to `to`; `once`: it ends when a connection is refused there. */
  forward(from: number, to: number, once: boolean): void
  end(code: number): void
  /** Receives what the tool reads; null at its end, also when the tool is gone. */
  onInput(listener: (data: Buffer | null) => void): void
  /** When the tool ends by itself or is ended. */
  onGone(listener: () => void): void
}

export interface FakeTool {
  /** Words of every call, oldest first. */
  readonly calls: readonly (readonly string[])[]
  close(): Promise<void>
}

/** Puts a program of this name first on the PATH; `answer` says what it does. It runs in the test, outside the tool's family. */
export async function fakeTool(tool: string, answer: (call: Call) => void): Promise<FakeTool> {
  const folder = mkdtempSync(join(tmpdir(), `fake-${tool}-`))
  const socketPath = join(folder, 'socket')
  const program = join(folder, tool)
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLIENT}' '${socketPath}' ${tool} "$@"\n`)
  chmodSync(program, 0o755)
  const calls: (readonly string[])[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, (call) => {
      calls.push(call.args)
      answer(call)
    })
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const path = process.env.PATH
  process.env.PATH = `${folder}${delimiter}${path}`
  return {
    calls,
    async close() {
      process.env.PATH = path
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function serve(socket: Socket, answer: (call: Call) => void): void {
  const tell = (message: object): void =>
    void (socket.writable && socket.write(`${JSON.stringify(message)}\n`))
  let input: (data: Buffer | null) => void = () => undefined
  const held: (Buffer | null)[] = []
  const give = (data: Buffer | null): void => {
    held.push(data)
    input(data)
  }
  socket.on('error', () => undefined)
  socket.on('close', () => give(null))
  createInterface({ input: socket }).on('line', (line) => {
    const message = JSON.parse(line)
    if ('in' in message) return give(message.in === null ? null : Buffer.from(message.in, 'base64'))
    answer({
      args: message.args,
      env: message.env,
      out: (data) => tell({ out: Buffer.from(data).toString('base64') }),
      err: (text) => tell({ err: Buffer.from(`${text}\n`).toString('base64') }),
      forward: (from, to, once) => tell({ forward: { from, to, once } }),
      end: (code) => tell({ code }),
      onInput(listener) {
        input = listener
        for (const data of held) listener(data)
      },
      onGone: (listener) => void socket.on('close', listener),
    })
  })
}
