import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { EngineChoice } from '../../../src/launch/index.js'
import { type About, aboutEngine } from './choice.js'

const STARTER = fileURLToPath(new URL('starter.mjs', import.meta.url))

/** Starts the engine in a process of its own, and ends that by SIGKILL as soon as the engine serves. */
export async function startAndKillStarter(choice: EngineChoice): Promise<About> {
  const starter = spawn(process.execPath, [STARTER, JSON.stringify(choice)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(starter, 'exit')
  for await (const url of createInterface({ input: starter.stdout })) {
    const about = await aboutEngine(url)
    starter.kill('SIGKILL')
    await gone
    return about
  }
  throw new Error('the engine did not start')
}
