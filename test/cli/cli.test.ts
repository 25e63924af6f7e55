import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Findings } from '../../src/analyse/index.js'
import {
  falloff,
  filesUnder,
  freshFolder,
  type Outcome,
  onlyRun,
  readRecords,
  recorded,
  start,
  startSimulator,
  untilRecorded,
} from './command.js'

/** The built command against the embedded simulator, as a user runs it. */

let simulator: { url: string; child: ChildProcess }
let faulty: { url: string; child: ChildProcess }
beforeAll(async () => {
  simulator = await startSimulator('llama-3-8b-h100')
  faulty = await startSimulator('fixed', [
    '--set',
    'ttftMs=20',
    '--set',
    'gapMs=5',
    '--fault',
    'rate-limit=0.2',
    '--fault',
    'cut=0.1',
  ])
})
afterAll(() => {
  simulator.child.kill()
  faulty.child.kill()
})

const target = (): string[] => ['--target', simulator.url]
const small = ['--concurrency', '8', '--requests', '40', '--input-tokens', '100', '--output-tokens', '16']
/** The JSON on stdout; what stood on stderr when there is none. */
function findingsIn({ stdout, stderr }: Outcome): Findings {
  try {
    return JSON.parse(stdout) as Findings
  } catch {
    throw new Error(`no JSON on stdout; stderr:\n${stderr}`)
  }
}

const states = (findings: Findings): Record<string, number> => ({ ...findings.points[0]?.states })

describe('falloff run', () => {
  test('works without a profile: every request completes, with exactly the tokens asked for, and stdout is JSON alone', async () => {
    const cwd = freshFolder()
    const outcome = await falloff(['run', ...target(), ...small, '--format', 'json'], cwd)
    const { code } = outcome
    const findings = findingsIn(outcome)
    expect([0, 6]).toContain(code)
    expect(states(findings)).toMatchObject({ completed: 40, failed: 0 })
    const records = readRecords(onlyRun(cwd))
    expect(records).toHaveLength(40)
    for (const r of records) {
      expect(r).toMatchObject({
        state: 'completed',
        inputTokens: 100,
        outputTokens: 16,
        tokenSource: 'chunk-usage',
      })
      const tokens = r.chunks.filter((_, i) => i % 2 === 1).reduce((a, b) => a + b, 0)
      expect(tokens).toBe(16)
    }
    const [report] = readdirSync(join(cwd, 'reports'))
    expect(readFileSync(join(cwd, 'reports', report ?? ''), 'utf8')).toMatch(/^<!doctype html>/i)
  })

  const tokenizerFile = new URL('../fixtures/tokenizer/tokenizer.json', import.meta.url).pathname
  test.each([
    ['calibrate', 'calibrated'],
    // It counts the words that prompts are made of as the simulator does.
    [tokenizerFile, 'tokenizer-file'],
    ['server', 'server'],
  ])('prompts are as long as asked with --tokenizer %s', async (tokenizer, source) => {
    const cwd = freshFolder()
    const outcome = await falloff(
      ['run', ...target(), ...small, '--tokenizer', tokenizer, '--format', 'json'],
      cwd,
    )
    expect(findingsIn(outcome).points[0]?.tokens).toMatchObject({
      inputErrorMean: 0,
      inputErrorMax: 0,
      outputExactShare: 1,
    })
    expect(JSON.parse(readFileSync(join(onlyRun(cwd), 'run.json'), 'utf8'))).toMatchObject({
      tokens: { source },
    })
  })

  test('a conversation resends its history: prompts grow from turn to turn', async () => {
    const cwd = freshFolder()
    await falloff(
      [
        'run',
        'agent',
        ...target(),
        '--concurrency',
        '4',
        '--requests',
        '24',
        '--set',
        'workload.conversation.thinkTimeS=0',
      ],
      cwd,
    )
    const turns = readRecords(onlyRun(cwd)).filter((r) => r.conversation === 0)
    expect(turns.length).toBeGreaterThan(3)
    for (const [i, r] of turns.entries()) {
      expect(r.state).toBe('completed')
      expect(r.inputTokens ?? 0).toBeGreaterThan(
        (turns[i - 1]?.inputTokens ?? 0) + (turns[i - 1]?.outputTokens ?? 0),
      )
    }
  })

  test('the same seeds make the same plan, whatever the number of workers', async () => {
    const plans = await Promise.all(
      ['1', '3'].map(async (workers) => {
        const cwd = freshFolder()
        await falloff(
          [
            'run',
            ...target(),
            '--rate',
            '60',
            '--requests',
            '60',
            '--workers',
            workers,
            '--set',
            'workload.inputTokens={uniform: [50, 300]}',
            '--set',
            'workload.outputTokens={uniform: [4, 30]}',
          ],
          cwd,
        )
        const records = readRecords(onlyRun(cwd))
        const start = records[0]?.scheduledNs ?? 0
        return records.map((r) => [
          r.index,
          Math.round((r.scheduledNs - start) / 1e3),
          r.inputTokensAsked,
          r.outputTokensAsked,
          r.inputTokens,
        ])
      }),
    )
    expect(plans[0]).toHaveLength(60)
    expect(plans[1]).toEqual(plans[0])
  })

  test('with a number of requests and a time the first to be met ends the plan', async () => {
    const cwd = freshFolder()
    const outcome = await falloff(
      ['run', 'agent', ...target(), '--duration', '1', '--requests', '5000', '--format', 'json'],
      cwd,
    )
    const { planned, states: ended } = findingsIn(outcome).points[0] ?? {}
    expect(planned).toBeGreaterThan(8)
    expect(planned).toBeLessThan(5000)
    expect(Object.values(ended ?? {}).reduce((a, b) => a + b, 0)).toBe(planned)
    expect(findingsIn(outcome).validity.findings.map((f) => f.code)).not.toContain('records-incomplete')
  })

  test('faults are told apart and stay in the plan', async () => {
    const cwd = freshFolder()
    const outcome = await falloff(
      ['run', '--target', faulty.url, ...small, '--requests', '120', '--format', 'json'],
      cwd,
    )
    const findings = findingsIn(outcome)
    const sum = Object.values(states(findings)).reduce((a, b) => a + b, 0)
    expect(sum).toBe(120)
    expect(findings.points[0]?.failures.map((f) => f.code)).toEqual(
      expect.arrayContaining(['rate-limited', 'cut-stream']),
    )
  })

  test('a missed objective is exit code 3', async () => {
    const outcome = await falloff(
      [
        'run',
        ...target(),
        ...small,
        '--requests',
        '100',
        '--objective',
        'ttft p50 <= 0.01 ms',
        '--format',
        'json',
      ],
      freshFolder(),
    )
    const findings = findingsIn(outcome)
    expect(findings.points[0]?.objectives[0]?.verdict).toBe('missed')
    expect(outcome.code).toBe(findings.validity.verdict === 'INVALID' ? 6 : 3)
  })

  test('every problem at once, exit code 2, nothing written', async () => {
    const cwd = freshFolder()
    const { code, stderr, stdout } = await falloff(
      [
        'run',
        'chat',
        ...target(),
        '--requests',
        '-3',
        '--set',
        'load.ratePerSS=1',
        '--objective',
        'ttfd p99 <= 1 s',
      ],
      cwd,
    )
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/--requests \(limits\.requests\)/)
    expect(stderr).toMatch(/did you mean "ratePerS"/)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('a target that is not there is one clear error', async () => {
    const cwd = freshFolder()
    const { code, stderr } = await falloff(['run', '--target', 'http://127.0.0.1:9', ...small], cwd)
    expect(code).toBe(1)
    expect(stderr).toMatch(/nothing answers at http:\/\/127\.0\.0\.1:9/)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(existsSync(join(cwd, 'results'))).toBe(false)
  })

  test('a planted key is in no file and in no output', async () => {
    const cwd = freshFolder()
    const key = 'sk-planted-4f9a7c21'
    const { stdout, stderr } = await falloff(
      ['run', ...target(), ...small, '--header', 'authorization: Bearer ${PLANTED_KEY}'],
      cwd,
      { PLANTED_KEY: key },
    )
    expect(stdout + stderr).not.toContain(key)
    const files = filesUnder(cwd)
    expect(files.length).toBeGreaterThan(5)
    for (const file of files) expect(readFileSync(file, 'utf8')).not.toContain(key)
  })

  test('a missing environment variable is named before anything is sent', async () => {
    const { code, stderr } = await falloff(
      ['run', ...target(), ...small, '--header', 'x-key: ${NOT_SET_ANYWHERE}'],
      freshFolder(),
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/NOT_SET_ANYWHERE is not set/)
  })
})

const long = ['--concurrency', '4', '--requests', '500', '--input-tokens', '50', '--output-tokens', '20']

describe('ending early', () => {
  test('Ctrl-C: open requests end, the rest is unsent, the report is written, exit code 130', async () => {
    const cwd = freshFolder()
    const { child, done } = start(['run', ...target(), ...long, '--format', 'json'], cwd)
    await untilRecorded(cwd, 20)
    child.kill('SIGINT')
    const outcome = await done
    expect(outcome.code).toBe(130)
    const sum = states(findingsIn(outcome))
    expect(Object.values(sum).reduce((a, b) => a + b, 0)).toBe(500)
    expect(sum.unsent).toBeGreaterThan(0)
    expect(sum.cancelled).toBe(0)
    expect(existsSync(join(cwd, 'reports'))).toBe(true)
    expect(JSON.parse(readFileSync(join(onlyRun(cwd), 'run.json'), 'utf8'))).toMatchObject({
      stopReason: 'interrupted',
    })
  })

  test('kill -9: every ended request is in its file, and the report can still be built', async () => {
    const cwd = freshFolder()
    const { child, done } = start(['run', ...target(), ...long], cwd)
    await untilRecorded(cwd, 30)
    child.kill('SIGKILL')
    await done
    const kept = recorded(cwd)
    expect(kept).toBeGreaterThanOrEqual(30)
    const outcome = await falloff(['report', onlyRun(cwd), '--out', 'late.html', '--format', 'json'], cwd)
    expect(outcome.code).toBe(0)
    expect(states(findingsIn(outcome)).completed).toBe(kept)
    expect(readFileSync(join(cwd, 'late.html'), 'utf8')).toContain('killed')
  })
})

describe('falloff report', () => {
  test('the same records give the same bytes, and two results one comparison', async () => {
    const cwd = freshFolder()
    const sweep = ['sweep', ...target(), '--over', 'concurrency=1,4', '--requests', '12']
    await falloff([...sweep, '--output-tokens', '8', '--name', 'a'], cwd)
    await falloff([...sweep, '--output-tokens', '12', '--name', 'b'], cwd)
    const [a, b] = readdirSync(join(cwd, 'results'))
      .sort()
      .map((name) => join('results', name))
    if (a === undefined || b === undefined) throw new Error('expected two sweeps')
    for (const out of ['1.html', '2.html']) await falloff(['report', a, '--out', out], cwd)
    expect(readFileSync(join(cwd, '1.html'))).toEqual(readFileSync(join(cwd, '2.html')))
    const { code } = await falloff(['report', a, b, '--out', 'both.html'], cwd)
    expect(code).toBe(0)
    const both = readFileSync(join(cwd, 'both.html'), 'utf8')
    expect(both).toContain('cannot be compared')
    expect(both).toContain('workload.outputTokens')
    const meant = ['--allow', 'workload,output-tokens,invalid,model,place']
    const allowed = await falloff(['report', a, b, ...meant, '--out', 'meant.html'], cwd)
    expect(allowed.code).toBe(0)
    expect(readFileSync(join(cwd, 'meant.html'), 'utf8')).toContain('one sweep each, so no verdict')
  })

  test('a folder without a run is exit code 2', async () => {
    const { code, stderr } = await falloff(['report', '.'], freshFolder())
    expect(code).toBe(2)
    expect(stderr).toMatch(/holds no run\.json/)
  })
})

test('batch size × concurrency: falloff starts the engine itself with each setting', async () => {
  const cwd = freshFolder()
  const outcome = await falloff(
    [
      'sweep',
      '--engine',
      'llama-3-8b-h100',
      '--over',
      'engine.maxNumSeqs=2,8',
      '--over',
      'concurrency=2,8',
      '--requests',
      '16',
      '--output-tokens',
      '8',
      '--format',
      'json',
    ],
    cwd,
  )
  const findings = findingsIn(outcome)
  expect(findings.points.map((p) => p.setting.axes)).toEqual(
    expect.arrayContaining([
      { 'engine.maxNumSeqs': 2, concurrency: 8 },
      { 'engine.maxNumSeqs': 8, concurrency: 8 },
    ]),
  )
  expect(findings.points).toHaveLength(4)
  expect(findings.dimensions).toEqual(['concurrency', 'engine.maxNumSeqs'])
})

test('a target that dies ends the sweep with what there is', async () => {
  const cwd = freshFolder()
  const mortal = await startSimulator('llama-3-8b-h100')
  const { done, stderr } = start(
    [
      'sweep',
      '--target',
      mortal.url,
      '--over',
      'concurrency=1,4,8,16',
      '--duration',
      '2',
      '--output-tokens',
      '4',
    ],
    cwd,
  )
  await vi.waitFor(() => expect(stderr()).toContain('concurrency=8 …'), { timeout: 60_000, interval: 25 })
  mortal.child.kill('SIGKILL')
  const { code } = await done
  expect(code).toBe(1)
  expect(stderr()).toMatch(/the target stopped answering/)
  const summary = JSON.parse(readFileSync(join(onlyRun(cwd), 'summary.json'), 'utf8')) as Findings
  expect(summary.points.map((p) => p.setting.label)).toEqual([
    'concurrency=1',
    'concurrency=4',
    'concurrency=8',
  ])
  expect(summary.points.slice(0, 2).every((p) => p.states.completed === p.planned)).toBe(true)
}, 90_000)

test('a mistyped command is exit code 2 with a hint', async () => {
  const { code, stderr } = await falloff(['sweeep'], freshFolder())
  expect(code).toBe(2)
  expect(stderr).toMatch(/Did you mean sweep/)
})
