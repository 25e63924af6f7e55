import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EngineChoice } from '../../src/launch/index.js'

export const FAKE_ENGINE = fileURLToPath(new URL('./fake-engine.mjs', import.meta.url))

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'falloff-launch-'))

export interface Wish {
  readonly log?: readonly string[]
  readonly everyMs?: number
  readonly children?: string
  readonly deaf?: boolean
  readonly exitCode?: number
  readonly silent?: boolean
}

/** The fake engine in vLLM's place. */
export const fakeVllm = (wish: Wish, more: Partial<EngineChoice> = {}): EngineChoice => ({
  kind: 'vllm',
  model: 'a-model',
  settings: {},
  args: [],
  env: { FAKE: JSON.stringify(wish) },
  command: [process.execPath, FAKE_ENGINE],
  readyTimeoutS: 20,
  stopTimeoutS: 1,
  place: { kind: 'local' },
  ...more,
})

export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (holds()) return
    await sleep(25)
  }
  throw new Error(`never came true: ${what}`)
}

/** Ids that the fake engine, its child and its grandchild have written down. */
export const processesIn = (file: string): readonly number[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []

/** A zombie that nobody asks after is gone, too. */
export function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/\) [ZX] /.test(stat)
  } catch {
    return false
  }
}
