import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import type { ColdStart, ColdStartReport, RequestRecord, RunManifest } from '../../src/record/index.js'
import { falloff, freshFolder, readRecords, start as startCommand } from './command.js'

/** Several starts each, on a machine that may have other things to do. */
vi.setConfig({ testTimeout: 300_000 })

const SLOW_ENGINE = fileURLToPath(new URL('./slow-engine.mjs', import.meta.url))
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** What vLLM writes while it starts, by the phase that each line begins. */
const LOG = [
  'INFO 11-21 05:00:00 [__init__.py:1] Automatically detected platform cpu.',
  'INFO 11-21 05:00:01 [cpu_model_runner.py:1] Starting to load model x...',
  'INFO 11-21 05:00:02 [gpu_model_runner.py:1] Model loading took 0.50 GiB and 1.0 seconds',
  'INFO 11-21 05:00:03 [gpu_worker.py:1] Available KV cache memory: 1.00 GiB',
  'INFO 11-21 05:00:04 [core.py:1] init engine (profile, create kv cache, warmup model) took 1.0 seconds',
]
const EVERY_MS = 150

interface Choice {
  readonly args: readonly string[]
  readonly profile?: object
  readonly simulate?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

async function coldstart({ args, profile = {}, simulate = [], env = {} }: Choice) {
  const cwd = freshFolder()
  const engine = {
    kind: 'vllm',
    model: 'a-model',
    command: [process.execPath, SLOW_ENGINE],
    env: { SLOW: JSON.stringify({ log: LOG, everyMs: EVERY_MS, simulate, main: MAIN }), ...env },
    stopTimeoutS: 5,
  }
  const workload = { inputTokens: 20, outputTokens: 4 }
  // JSON is YAML.
  writeFileSync(join(cwd, 'p.yaml'), JSON.stringify({ name: 'p', engine, workload, ...profile }))
  const outcome = await falloff(
    ['coldstart', 'p.yaml', '--format', 'json', '--out', 'page.html', ...args],
    cwd,
  )
  if (outcome.stdout === '') throw new Error(outcome.stderr)
  const [folder = ''] = readdirSync(join(cwd, 'results'))
  return {
    ...outcome,
    cwd,
    folder: join(cwd, 'results', folder),
    report: JSON.parse(outcome.stdout) as ColdStartReport,
  }
}

const lengthsMs = ({ phases }: ColdStart): Record<string, number> =>
  Object.fromEntries(phases.map(({ name, fromNs, toNs }) => [name, (toNs - fromNs) / 1e6]))

const linesOf = <T>(file: string): T[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

const OPEN = { load: { kind: 'constant', ratePerS: 40 }, objectives: ['ttft p95 <= 1 s'] }

test('a start falls into the phases that its log tells, which add up to the whole exactly', async () => {
  const { code, report, cwd, folder } = await coldstart({
    args: ['--repeats', '2', '--settle', '1'],
    profile: OPEN,
  })
  expect(code).toBe(0)
  expect(report.starts).toHaveLength(2)
  const [, ...written] = linesOf<readonly number[]>(join(cwd, 'written.ndjson'))
  const lateNs: number[] = []
  for (const [i, start] of report.starts.entries()) {
    const { phases, firstTokenNs, healthyNs, portOpenNs, run, commandNs } = start
    expect(phases.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0)).toBe(firstTokenNs)
    expect(phases.map(({ name }) => name)).toEqual([
      'process',
      'import',
      'weights',
      'profiling',
      'kv-cache',
      'serving',
      'first-request',
    ])
    const { zeroMonotonicNs } = JSON.parse(readFileSync(join(folder, run, 'run.json'), 'utf8')) as RunManifest
    const beginNs = phases.slice(1, 6).map(({ fromNs }) => zeroMonotonicNs + commandNs + fromNs)
    lateNs.push(...beginNs.map((atNs, line) => atNs - (written[i]?.[line] ?? Number.NaN)))
    expect(portOpenNs).toBeLessThanOrEqual(healthyNs)
    expect(portOpenNs).toBeGreaterThan(LOG.length * EVERY_MS * 1e6)
  }
  // A phase begins with its line: not before it was written, and in general not half way to the next one.
  expect(Math.min(...lateNs)).toBeGreaterThan(0)
  expect(lateNs.toSorted((a, b) => a - b)[lateNs.length / 2]).toBeLessThan((EVERY_MS / 2) * 1e6)
  const [weights] = report.figures?.phases.filter(({ name }) => name === 'weights') ?? []
  const took = report.starts.map((s) => (lengthsMs(s).weights ?? 0) / 1e3)
  const speeds = took.map((seconds) => (0.5 * 1024 ** 3) / 1e6 / seconds)
  expect(weights?.mbPerS?.mean).toBeCloseTo(((speeds[0] ?? 0) + (speeds[1] ?? 0)) / 2, 6)
  expect(report.figures?.healthyNs.n).toBe(2)
})

/** What the simulator saw: every request that reached it, by its own log. */
const receipts = (file: string): number =>
  linesOf<{ readonly event: number }>(file).filter(({ event }) => event === -1).length

const sent = (records: readonly RequestRecord[]) => records.filter(({ state }) => state !== 'unsent')

describe('requests that arrive during the start', () => {
  test('are refused before anybody listens, and counted as the simulator’s own log has it', async () => {
    const { report, folder, cwd } = await coldstart({
      args: ['--repeats', '1', '--settle', '1'],
      profile: OPEN,
      simulate: ['--send-log', 'send.ndjson'],
    })
    const [start] = report.starts
    const records = sent(readRecords(join(folder, 'start-1')))
    const refused = records.filter(({ error }) => error?.code === 'refused')
    // Forty a second for as long as it takes to write the log.
    expect(refused.length).toBeGreaterThan(20)
    // One more reached it: the first request, which is none of the load.
    expect(receipts(join(cwd, 'send.ndjson'))).toBe(records.length - refused.length + 1)
    // The load begins a little before the command: what came then belongs to no start.
    const { length } = refused.filter(({ scheduledNs }) => scheduledNs >= (start?.commandNs ?? 0))
    expect(start?.arrivals).toMatchObject({
      failed: length,
      failures: [{ code: 'refused', count: length }],
      refusedAttempts: length,
    })
    expect(start?.arrivals?.arrived).toBe(start?.arrivals?.attempts)
    expect(start?.arrivals?.misses.failed).toBe(length)
  })

  test('wait where their clients try again, as long as it takes', async () => {
    const retry = { policy: 'fixed', attempts: 40, baseS: 0.25 }
    const { report, folder, cwd } = await coldstart({
      args: ['--repeats', '1', '--settle', '1'],
      profile: { ...OPEN, retry },
      simulate: ['--send-log', 'send.ndjson'],
    })
    const arrivals = report.starts[0]?.arrivals
    expect(arrivals?.failed).toBe(0)
    expect(arrivals?.answered).toBe(arrivals?.arrived)
    expect(arrivals?.waitMaxNs).toBeGreaterThan(LOG.length * EVERY_MS * 1e6)
    const records = sent(readRecords(join(folder, 'start-1')))
    const refused = records.flatMap(({ attempts = [] }) => attempts).filter(({ code }) => code === 'refused')
    expect(arrivals?.refusedAttempts).toBeLessThanOrEqual(refused.length)
    expect(receipts(join(cwd, 'send.ndjson'))).toBe(records.length + 1)
  })

  test('wait for a server that listens and has its model still to load', async () => {
    const { report } = await coldstart({
      args: ['--repeats', '1', '--settle', '3'],
      profile: OPEN,
      simulate: ['--set', 'coldStartS=1'],
    })
    const [start] = report.starts
    // Loading begins with whatever comes first, of ours or of the load: little of the second may be over by then.
    expect(lengthsMs(start as ColdStart)['first-request']).toBeGreaterThan(800)
    // A busy machine may not let anything settle in three seconds. What does, does so with a token, after that second.
    expect(start?.steady?.atNs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(start?.healthyNs ?? 0)
  })

  test('do not exist in a closed loop: the load begins with the first token, and a note says so', async () => {
    const { report } = await coldstart({
      args: ['--repeats', '1', '--settle', '1', '--concurrency', '2'],
      env: { PYTHONDONTWRITEBYTECODE: '1' },
    })
    const [start] = report.starts
    expect(start?.arrivals).toBeNull()
    expect(start?.requests.length).toBeGreaterThan(0)
    expect(start?.requests.every(({ atNs }) => atNs >= start.firstTokenNs)).toBe(true)
    expect(report.notes.join(' ')).toContain('give --rate')
    // vLLM is a Python program; the log of what stands in for it tells how long its imports took.
    expect(report.notes.join(' ')).toMatch(
      /PYTHONDONTWRITEBYTECODE is set: .* \(process and imports took \d+ ms here\)/,
    )
  })
})

test('a second replica joins behind the front, and its share of the requests reaches it', async () => {
  const { report, cwd, folder } = await coldstart({
    args: ['--repeats', '1', '--settle', '1', '--scale-out', '--usd-per-hour', '1', '--usd-per-miss', '0.1'],
    profile: OPEN,
  })
  const scale = report.scaleOut
  expect(report.notes.filter((note) => note.startsWith('Scale-out'))).toEqual([])
  expect(scale?.passed).toHaveLength(2)
  expect(scale?.passed.every((n) => n > 0)).toBe(true)
  const records = sent(readRecords(join(folder, 'scale-out')))
  // Each in its turn: of those that arrived since it joined, half.
  expect(Math.abs((scale?.passed[1] ?? 0) - (scale?.after.arrived ?? 0) / 2)).toBeLessThanOrEqual(3)
  expect(scale?.passed.reduce((a, b) => a + b, 0)).toBe(records.length)
  expect(scale?.before.failed).toBe(0)
  expect(scale?.joinedS).toBeGreaterThan((scale?.commandS ?? 0) + (LOG.length * EVERY_MS) / 1e3)
  expect(scale?.front.every(({ p50Ns }) => p50Ns !== null && p50Ns > 0)).toBe(true)
  expect(report.costs?.breakEvenPerDay).toBeCloseTo(24 / (0.1 * (report.figures?.missed?.mean ?? 0)), 9)
  expect(readFileSync(join(cwd, 'page.html'), 'utf8')).toContain('A second replica joins')
})

test('Ctrl-C in the second start gives the first one, and exit code 130', async () => {
  const cwd = freshFolder()
  const load = ['--rate', '10', '--input-tokens', '10', '--output-tokens', '3']
  const { child, done, stderr } = startCommand(
    ['coldstart', '--engine', 'fixed', ...load, '--settle', '1', '--format', 'json', '--out', 'page.html'],
    cwd,
  )
  while (!stderr().includes('start 2 of 5') && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill('SIGINT')
  const { code, stdout } = await done
  expect(code).toBe(130)
  const report = JSON.parse(stdout) as ColdStartReport
  expect(report.interrupted).toBe(true)
  expect(report.starts).toHaveLength(1)
  expect(report.failedStarts).toEqual([])
})

test('every wrong flag is named, with exit code 2 and nothing started', async () => {
  const cwd = freshFolder()
  const args = ['--repeats', '0', '--settle', 'x', '--usd-per-hour', '-1']
  const { code, stdout, stderr } = await falloff(['coldstart', '--engine', 'fixed', ...args], cwd)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  for (const flag of ['--repeats', '--settle', '--usd-per-hour'])
    expect(stderr).toContain(`${flag}: expected`)
  expect(readdirSync(cwd)).toEqual([])
})

test.each([
  ['--engine', ['--target', 'http://127.0.0.1:1', '--rate', '1'], 'name one'],
  ['--usd-per-miss', ['--engine', 'fixed', '--rate', '1', '--usd-per-miss', '1'], 'give --usd-per-hour too'],
  [
    '--starts-per-day',
    ['--engine', 'fixed', '--rate', '1', '--starts-per-day', '1'],
    'give --usd-per-hour too',
  ],
])('%s is asked for where it is missing', async (place, args, way) => {
  const { code, stderr } = await falloff(['coldstart', ...args], freshFolder())
  expect(code).toBe(2)
  expect(stderr).toContain(place)
  expect(stderr).toContain(way)
})

test('an engine that does not come up ends the command with its last words, and leaves nothing behind', async () => {
  const cwd = freshFolder()
  const engine = { kind: 'command', command: ['sh', '-c', 'echo no luck at {port} >&2; exit 3'] }
  writeFileSync(join(cwd, 'p.yaml'), JSON.stringify({ name: 'p', engine, ...OPEN }))
  const { code, stdout, stderr } = await falloff(['coldstart', 'p.yaml', '--repeats', '1'], cwd)
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain('no luck')
})
