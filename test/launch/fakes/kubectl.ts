import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, type FakeTool, fakeTool } from './daemon.js'
import { merged } from './strategic-merge.js'

interface Container {
  readonly name: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
}

interface Manifest {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly strategy: object
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: { readonly containers: readonly Container[] }
    }
  }
}

interface Pod {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly log: string[]
  restarts: number
  child: ChildProcess | undefined
}

export interface FakeCluster extends FakeTool {
  manifest(): Manifest
  /** Waits until the pods are those of the deployment as it is. */
  settled(): Promise<void>
}

/**
 * A cluster with one deployment, kept in a file, and one pod of it. A container runs its command, or `entrypoint` where it has
 * none; one that ends is started again. A pod takes a moment to start, in which it has no log.
 */
export async function fakeCluster(file: string, entrypoint: readonly string[]): Promise<FakeCluster> {
  const manifest = (): Manifest => JSON.parse(readFileSync(file, 'utf8'))
  let pod: Pod | undefined
  let rollout = Promise.resolve()
  let pods = 0

  async function roll(): Promise<void> {
    await end(pod)
    const { template } = manifest().spec
    pod = {
      name: `engine-${++pods}`,
      labels: template.metadata.labels,
      log: [],
      restarts: 0,
      child: undefined,
    }
    const [container] = template.spec.containers
    const started = pod
    await sleep(300)
    if (container) run(started, container, entrypoint)
  }

  function patch(call: Call, text: string): void {
    const before = manifest()
    const after = merged(before, JSON.parse(text)) as Manifest
    writeFileSync(file, JSON.stringify(after))
    if (JSON.stringify(after.spec.template) !== JSON.stringify(before.spec.template))
      rollout = rollout.then(roll)
    call.out('deployment.apps/engine patched\n')
    call.end(0)
  }

  async function logs(call: Call, name: string): Promise<void> {
    if (pod?.name !== name) return fail(call, `Error from server (NotFound): pods "${name}" not found`)
    const { child, log } = pod
    if (!child)
      return fail(
        call,
        `Error from server (BadRequest): container "llm" in pod "${name}" is waiting to start: ContainerCreating`,
      )
    for (const text of log) call.out(text)
    child.stdout?.on('data', call.out)
    child.stderr?.on('data', call.out)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    call.end(0)
  }

  const answers: Readonly<Record<string, (call: Call, words: readonly string[]) => unknown>> = {
    patch: async (call) => patch(call, await inputOf(call)),
    logs: (call, words) => logs(call, nameAt(words.length - 1, words)),
    'port-forward': (call, words) => {
      const [from, to] = (words.at(-1) ?? '').split(':').map(Number)
      call.forward(from ?? 0, to ?? 0, true)
    },
    wait: async (call) => {
      await rollout
      call.end(0)
    },
    auth: (call) => call.end(0),
    get(call, words) {
      if (words[0] === 'deployment') {
        const { metadata } = manifest()
        if (words[1] !== metadata.name)
          return fail(call, `Error from server (NotFound): deployments.apps "${words[1]}" not found`)
        call.out(JSON.stringify(manifest()))
      } else if (words[0] === 'pods') {
        const [label = '', value = ''] = (words[2] ?? '').split('=')
        if (pod?.labels[label] === value) call.out(`pod/${pod.name}\n`)
      } else if (pod?.name === nameAt(0, words)) {
        const runs = pod.child?.exitCode === null && pod.child.signalCode === null
        call.out(`${pod.restarts} ${runs ? '2026-11-21T10:00:00Z' : ''}`)
      }
      call.end(0)
    },
  }
  const tool = await fakeTool('kubectl', (call) => {
    const [verb = '', ...words] = withoutNamespace(call.args)
    const answer = answers[verb]
    if (answer) void answer(call, words)
    else fail(call, `error: unknown command "${verb}"`)
  })
  rollout = roll()
  return {
    ...tool,
    manifest,
    settled: () => rollout,
    async close() {
      await rollout
      await end(pod)
      await tool.close()
    },
  }
}

function run(pod: Pod, container: Container, entrypoint: readonly string[]): void {
  const [program = '', ...args] = [...(container.command ?? entrypoint), ...(container.args ?? [])]
  const env = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]))
  const child = spawn(program, args, { env, detached: true })
  pod.child = child
  pod.log.length = 0
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => pod.log.push(String(data)))
  child.on('exit', () => {
    killGroup(child)
    if (pod.child !== child) return
    pod.restarts += 1
    run(pod, container, entrypoint)
  })
}

async function end(pod: Pod | undefined): Promise<void> {
  const child = pod?.child
  if (!pod || !child) return
  pod.child = undefined
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => killGroup(child), 2_000)
  await gone
  clearTimeout(timer)
}

async function inputOf(call: Call): Promise<string> {
  const parts: Buffer[] = []
  await new Promise<void>((resolve) =>
    call.onInput((data) => void (data === null ? resolve() : parts.push(data))),
  )
  return Buffer.concat(parts).toString()
}

function withoutNamespace(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--namespace')
  return at < 0 ? args : args.toSpliced(at, 2)
}

const nameAt = (at: number, words: readonly string[]): string => (words[at] ?? '').replace(/^pod\//, '')

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
