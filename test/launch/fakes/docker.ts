import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Call, type FakeTool, fakeTool } from './daemon.js'

const ENGINE = fileURLToPath(new URL('engine.mjs', import.meta.url))

/** Options of `docker run` that take no word behind them. */
const ALONE = new Set(['--rm'])

interface Container {
  readonly id: string
  readonly name: string
  readonly child: ChildProcess
}

export interface FakeDocker extends FakeTool {
  /** Of running containers. */
  names(): readonly string[]
}

/** A docker whose images `engine` and `shell` are there: the one brings the fake engine, the other nothing. */
export async function fakeDocker(): Promise<FakeDocker> {
  const containers = new Map<string, Container>()
  const found = (word = ''): Container | undefined =>
    [...containers.values()].find(({ id, name }) => id === word || name === word)

  function run(call: Call): void {
    const { options, image, words } = parseRun(call.args.slice(1))
    const of = (option: string): string[] =>
      options.filter(([name]) => name === option).map(([, value = '']) => value)
    const id = randomBytes(32).toString('hex')
    const env = Object.fromEntries(of('--env').map((name) => [name, call.env[name]]))
    const entrypoint = image === 'engine' ? [process.execPath, ENGINE] : []
    const [program = '', ...args] = [...entrypoint, ...words]
    const child = spawn(program, args, { env, detached: true })
    const container = { id, name: of('--name')[0] ?? '', child }
    containers.set(id, container)
    writeFileSync(of('--cidfile')[0] ?? '', id)
    child.stdout.on('data', call.out)
    child.stderr.on('data', (data) => call.err(String(data)))
    child.on('exit', (code, signal) => {
      killGroup(child)
      containers.delete(id)
      call.end(signal === null ? (code ?? 0) : 137)
    })
  }

  async function stop(call: Call, graceS: number): Promise<void> {
    const container = found(call.args.at(-1))
    if (!container) return fail(call, `Error response from daemon: No such container: ${call.args.at(-1)}`)
    const gone = once(container.child, 'exit')
    if (graceS > 0) container.child.kill('SIGTERM')
    const timer = setTimeout(() => killGroup(container.child), graceS * 1_000)
    await gone
    clearTimeout(timer)
    call.end(0)
  }

  const tool = await fakeTool('docker', (call) => {
    const [verb, ...rest] = call.args
    if (verb === 'run') run(call)
    else if (verb === 'stop') void stop(call, Number(rest[1]))
    else if (verb === 'rm') void stop(call, 0)
    else if (verb === 'image' && !['engine', 'shell'].includes(rest.at(-1) ?? ''))
      fail(call, 'Error: No such image')
    else call.end(0)
  })
  return {
    ...tool,
    names: () => [...containers.values()].map(({ name }) => name),
    async close() {
      for (const { child } of containers.values()) killGroup(child)
      await tool.close()
    },
  }
}

function fail(call: Call, said: string): void {
  call.err(said)
  call.end(1)
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}

function parseRun(args: readonly string[]): {
  options: (readonly [string, string?])[]
  image: string
  words: readonly string[]
} {
  const options: (readonly [string, string?])[] = []
  let at = 0
  for (let word = args[at]; word?.startsWith('-'); word = args[at]) {
    const step = ALONE.has(word) ? 1 : 2
    options.push(step === 2 ? [word, args[at + 1] ?? ''] : [word])
    at += step
  }
  return { options, image: args[at] ?? '', words: args.slice(at + 1) }
}
