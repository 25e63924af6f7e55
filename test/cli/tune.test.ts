import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { TuneManifest } from '../../src/record/index.js'
import { falloff, freshFolder, onlyRun, readRecords, start } from './command.js'

const PROFILE = `
name: narrow
engine: {kind: simulator, description: llama-3-8b-h100, settings: {maxNumSeqs: 2}}
workload: {inputTokens: 16, outputTokens: 4}
load: {kind: closed, concurrency: 8}
limits: {requests: 40}
objectives: ['ttft p90 <= 60 ms']
`

const searchIn = (cwd: string): TuneManifest =>
  JSON.parse(readFileSync(join(onlyRun(cwd), 'tune.json'), 'utf8'))

/** Whether anything still answers at the engines that a search started. */
async function anyAnswers(folder: string, { trials }: TuneManifest): Promise<boolean> {
  const urls = trials.flatMap(({ run }) =>
    run === null
      ? []
      : [JSON.parse(readFileSync(join(folder, run, 'run.json'), 'utf8')).target.url as string],
  )
  const answers = await Promise.all(
    [...new Set(urls)].map((url) =>
      fetch(new URL('/health', url)).then(
        () => true,
        () => false,
      ),
    ),
  )
  expect(answers.length).toBeGreaterThan(0)
  return answers.includes(true)
}

test('a search that is killed leaves no engine, goes on where it ended, and finds what somebody set far too low', async () => {
  const cwd = freshFolder()
  writeFileSync(join(cwd, 'narrow.yaml'), PROFILE)
  const command = ['tune', 'narrow.yaml', '--vary', 'max-num-seqs=32']
  const first = start(command, cwd)
  await vi.waitFor(() => expect(searchIn(cwd).trials.length).toBeGreaterThanOrEqual(2), {
    timeout: 120_000,
    interval: 100,
  })
  first.child.kill('SIGKILL')
  await first.done
  // No engine outlives it, and no finished trial is touched again.
  const folder = onlyRun(cwd)
  const killed = searchIn(cwd)
  await vi.waitFor(async () => expect(await anyAnswers(folder, killed)).toBe(false), { timeout: 20_000 })
  const records = killed.trials.map(({ run }) => readRecords(join(folder, run ?? '')))

  const { code, stdout, stderr } = await falloff(command, cwd)
  expect(stderr).toContain(
    `going on with ${join('results', folder.split('/').at(-1) ?? '')}: ${killed.trials.length} trials`,
  )
  const whole = searchIn(cwd)
  expect(whole.trials.slice(0, killed.trials.length)).toEqual(killed.trials)
  expect(killed.trials.map(({ run }) => readRecords(join(folder, run ?? '')))).toEqual(records)
  expect(await anyAnswers(folder, whole)).toBe(false)

  expect(code).toBe(0)
  expect(whole.result?.answer).toBe('change')
  expect(whole.result?.confirmation?.ratio?.low).toBeGreaterThan(2)
  expect(stdout).toMatch(/^Set max-num-seqs 32: [\d.]+ times the default’s goodput/)
  expect(stdout).toContain('max-num-seqs: it can mend max-num-seqs.')
  expect(stdout).toMatch(/^max-num-seqs 32 .* best$/m)
  expect(stdout).toContain('\n--max-num-seqs 32\n')
  expect(existsSync(join(cwd, stderr.match(/^report +(\S+)$/m)?.[1] ?? '-'))).toBe(true)
}, 300_000)
