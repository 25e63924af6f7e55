import { monotonicNs } from '../base/index.js'
import { loadLibc } from '../kernel/index.js'
import { createEmitter } from './emitter.js'
import { serveOnKernel } from './kernel-wire.js'
import { serveOnNode } from './node-wire.js'
import type { EmitterOptions } from './options.js'
import { DEFAULT_SHAPE, resolveShape } from './shape.js'

/** Entry of the emitter's process: `node main.js <options as JSON>`. Prints where it listens; ends when stdin does. */

const DEFAULT_LOG_ROOM = 4_000_000

async function serve({ shape: asked, wire, logRoom = DEFAULT_LOG_ROOM }: EmitterOptions): Promise<number> {
  const { shape, problems } = resolveShape(DEFAULT_SHAPE, asked, 'shape')
  if (problems) throw new Error(problems.map((p) => `${p.place}: ${p.message}`).join('\n'))
  const emitter = createEmitter(shape, logRoom, () => Math.round(monotonicNs()))
  const loaded = wire === 'node' ? undefined : loadLibc()
  if (loaded?.available) return serveOnKernel(loaded.libc, emitter)
  if (wire === 'kernel') throw new Error(`no kernel sockets: ${loaded?.reason}`)
  return serveOnNode(emitter)
}

// The parent's end is ours. Ctrl-C is the parent's to hear: it may want the log of what was under way.
process.stdin.on('close', () => process.exit(0))
process.stdin.resume()
process.on('SIGINT', () => {})

try {
  const port = await serve(JSON.parse(process.argv[2] ?? '{}') as EmitterOptions)
  process.stdout.write(`{"url":"http://127.0.0.1:${port}"}\n`)
} catch (thrown) {
  process.stderr.write(`${(thrown as Error).message}\n`)
  process.exit(1)
}
