import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { RequestRecord } from '../../src/record/index.js'

const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the built command, as a user would, in a folder of its own. */
export function start(args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const done = new Promise<Outcome>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  )
  return { child, done, stderr: () => stderr, stdout: () => stdout }
}

export const falloff = (
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Outcome> => start(args, cwd, env).done

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'falloff-cli-'))

export async function startSimulator(
  engine: string,
  args: readonly string[] = [],
): Promise<{ url: string; child: ChildProcess }> {
  const { child, stdout, done } = start(['simulate', engine, '--port', '0', ...args], freshFolder())
  const listens = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const url = /listening on (http:\S+)/.exec(stdout())?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  const ended = done.then(({ stderr }) => {
    throw new Error(`the simulator did not start: ${stderr}`)
  })
  return { url: await Promise.race([listens, ended]), child }
}

/** Thresholds by which any lateness at all makes a run INVALID, and by our own doing: a machine that is always disturbed. */
export const ALWAYS_LATE = {
  ...{ latenessMs: 1e-9, latenessShare: 1e-9 },
  ...{ latenessInvalidMs: 1e-9, latenessInvalidShare: 1e-9 },
}

/** Every file under a folder. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

export const onlyRun = (cwd: string): string => {
  const runs = readdirSync(join(cwd, 'results'))
  if (runs.length !== 1) throw new Error(`expected one run, found ${runs.join(', ')}`)
  return join(cwd, 'results', runs[0] ?? '')
}

export const readRecords = (run: string): RequestRecord[] =>
  readdirSync(run)
    .filter((name) => name.startsWith('requests-'))
    .flatMap((name) => readFileSync(join(run, name), 'utf8').trim().split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as RequestRecord)
    .sort((a, b) => a.index - b.index)

/** Records of the only run of a folder, as many as there are by now; a line may be half written. */
export function recorded(cwd: string): number {
  try {
    return readRecords(onlyRun(cwd)).length
  } catch {
    return 0
  }
}

export const untilRecorded = (cwd: string, atLeast: number): Promise<void> =>
  vi.waitFor(() => expect(recorded(cwd)).toBeGreaterThanOrEqual(atLeast), { timeout: 50_000, interval: 25 })
