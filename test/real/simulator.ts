import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { command } from './falloff.js'

export interface SimulatorProcess {
  readonly url: string
  readonly model: string
  stop(): Promise<void>
}

/** `falloff simulate` as a user starts it, on a free port. @param faults as `--fault` takes them */
export async function startSimulator(
  engine: string,
  faults: readonly string[] = [],
): Promise<SimulatorProcess> {
  const flags = faults.flatMap((fault) => ['--fault', fault])
  const child = spawn(process.execPath, [command, 'simulate', engine, '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (http:\/\/\S+)/.exec(line)?.[1]
    if (url !== undefined) return { url, model: await firstModel(url), stop }
  }
  throw new Error('the simulator ended before it listened')
}

async function firstModel(url: string): Promise<string> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
  const id = data[0]?.id
  if (id === undefined) throw new Error('the simulator lists no model')
  return id
}
