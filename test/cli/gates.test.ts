import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateReport } from '../../src/decide/index.js'
import { loadDescription, parseFaults, type Simulator, startSimulator } from '../../src/simulate/index.js'
import { falloff, freshFolder } from './command.js'

/**
 * Gates as a CI uses them: the built command, its exit code, and the files that it leaves. Runs are short, and their thresholds
 * wide: a busy test machine is not what is judged here.
 */

const running: Simulator[] = []
afterAll(() => Promise.all(running.map((s) => s.close())))

async function simulate(settings: Record<string, number>, faults: readonly string[] = []): Promise<string> {
  const simulator = await startSimulator({
    description: loadDescription('fixed', { gapMs: 2, ...settings }),
    host: '127.0.0.1',
    port: 0,
    faults: parseFaults(faults),
  })
  running.push(simulator)
  return simulator.url
}

const WIDE = [
  'latenessInvalidMs=5000',
  'loopDelayInvalidMs=5000',
  'stampErrorInvalidShare=100',
  'stampErrorMs=5000',
].flatMap((threshold) => ['--set', `validity.${threshold}`])
const LOAD = [
  '--concurrency',
  '4',
  '--requests',
  '40',
  '--warmup',
  '4',
  '--input-tokens',
  '40',
  '--output-tokens',
  '8',
]

const cwd = freshFolder()
const run = (url: string, name: string, args: readonly string[] = []) =>
  falloff(['run', '--target', url, ...LOAD, ...WIDE, '--name', name, ...args], cwd)

const resultsOf = (name: string): string[] =>
  readdirSync(join(cwd, 'results'))
    .filter((folder) => folder.startsWith(`${name}-`))
    .map((folder) => join('results', folder))

let fast = ''

beforeAll(async () => {
  fast = await simulate({ ttftMs: 60 })
  const slow = await simulate({ ttftMs: 120 })
  const broken = await simulate({ ttftMs: 20 }, ['server-error=0.8'])
  for (const name of ['fast-1', 'fast-2', 'fast-3']) await run(fast, name)
  for (const name of ['slow-1', 'slow-2', 'slow-3']) await run(slow, name)
  await run(fast, 'objective', ['--objective', 'ttft p75 <= 1 ms'])
  await run(broken, 'broken')
  const saved = await falloff(['baseline', 'save', 'main', ...resultsOf('fast')], cwd)
  expect(saved).toMatchObject({ code: 0, stdout: `${join('baselines', 'main.json')}\n` })
}, 180_000)

const gate = (name: string, gates: readonly string[], flags: readonly string[] = [], env = {}) =>
  falloff(['gate', ...resultsOf(name), ...gates.flatMap((text) => ['--gate', text]), ...flags], cwd, {
    GITHUB_ACTIONS: '',
    GITHUB_STEP_SUMMARY: '',
    ...env,
  })

const REGRESSION = 'ttft.p50 regression < 20%'
const AGAINST_MAIN = ['--baseline', 'main']

describe('falloff gate ends', () => {
  test.each([
    ['0 when every gate is kept', 'fast', ['ttft.p50 < 30 s', 'errorRate < 50 %'], [], 0, 'pass'],
    ['3 when a limit is missed', 'fast', ['ttft.p50 < 1 ms', 'errorRate < 50 %'], [], 3, 'fail'],
    ['3 when an objective of the profile is', 'objective', [], [], 3, 'fail'],
    ['4 when something became worse', 'slow', [REGRESSION], AGAINST_MAIN, 4, 'regression'],
    ['0 when nothing did', 'fast', ['ttft.p50 regression < 300%'], AGAINST_MAIN, 0, 'pass'],
    // forty requests bound no p99 from above
    ['0 when nothing can be said', 'fast-1', ['ttft.p99 < 30 s'], [], 0, 'inconclusive'],
    ['5 when that is to fail', 'fast-1', ['ttft.p99 < 30 s'], ['--inconclusive', 'fail'], 5, 'inconclusive'],
    ['0 when the estimate decides', 'fast-1', ['ttft.p99 < 30 s'], ['--mode', 'lenient'], 0, 'pass'],
    ['6 when the run is INVALID', 'broken', ['ttft.p50 < 30 s'], [], 6, 'invalid'],
    ['6 when a figure was not measured', 'fast', ['kneeAt > 4'], [], 6, 'invalid'],
    [
      '6 when several went wrong, one of them that',
      'broken',
      ['ttft.p50 < 1 ms', REGRESSION],
      AGAINST_MAIN,
      6,
      'invalid',
    ],
  ] as const)('%s', async (_, name, gates, flags, code, outcome) => {
    const found = await gate(name, gates, [...flags, '--json', `${name}.json`])
    expect(found, found.stdout + found.stderr).toMatchObject({ code, stderr: '' })
    const report = JSON.parse(readFileSync(join(cwd, `${name}.json`), 'utf8')) as GateReport
    expect(report).toMatchObject({ outcome, exitCode: code, kind: 'gates' })
  })

  test('6 when what was measured is another model than the baseline’s', async () => {
    const path = join(cwd, 'baselines', 'other.json')
    writeFileSync(
      path,
      readFileSync(join(cwd, 'baselines', 'main.json'), 'utf8').replaceAll(
        '"model": "fixed"',
        '"model": "else"',
      ),
    )
    const found = await gate('fast', [REGRESSION], ['--baseline', path])
    expect(found.code).toBe(6)
    expect(found.stdout).toContain('Not comparable')
    expect(
      (await gate('fast', ['ttft.p50 regression < 300%'], ['--baseline', path, '--allow', 'model'])).code,
    ).toBe(0)
  })

  test('2 with every problem of its flags at once', async () => {
    const found = await gate('fast', ['tftt.p99 < 1 ms', 'ttft.p99 < 1 token', REGRESSION])
    expect(found.code).toBe(2)
    expect(found.stderr).toContain('3 problems:')
    expect(found.stderr).toContain('did you mean "ttft"?')
    expect(found.stderr).toContain('needs a baseline')
  })

  test('2 where there is nothing to judge, or a folder holds no result', async () => {
    expect(await gate('fast', [])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to judge'),
    })
    const missing = await falloff(['gate', 'nowhere', 'elsewhere', '--gate', 'ttft.p50 < 1 s'], cwd)
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('2 problems:') })
  })
})

describe('What a CI reads', () => {
  test('is written where it is asked for: JUnit, Markdown, the summary of the step, annotations', async () => {
    const summary = join(cwd, 'summary.md')
    writeFileSync(summary, '# before\n')
    const found = await gate(
      'slow',
      ['ttft.p50 < 1 ms', 'ttft.p50 < 30 s'],
      ['--junit', 'out/gates.xml', '--markdown', 'out/gates.md'],
      { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary },
    )
    expect(found.code).toBe(3)
    expect(found.stdout.match(/^::error title=falloff%3A ttft\.p50 < 1 ms::/gm)).toHaveLength(1)
    expect(readFileSync(summary, 'utf8')).toMatch(/^# before\n### falloff: 2 gates/)
    expect(readFileSync(join(cwd, 'out/gates.md'), 'utf8')).toContain('| **FAIL** | ttft.p50 \\< 1 ms |')
    expect(readFileSync(join(cwd, 'out/gates.xml'), 'utf8')).toContain('tests="2" failures="1"')
  })

  test('is the exit code of a shell script that stops at a failure', () => {
    const main = new URL('../../dist/cli/main.js', import.meta.url).pathname
    const script = `set -e
node ${main} gate ${resultsOf('fast').join(' ')} --gate 'ttft.p50 < 30 s'
echo passed
node ${main} gate ${resultsOf('slow').join(' ')} --gate '${REGRESSION}' --baseline main
echo not reached`
    const { status, stdout } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' })
    expect(status).toBe(4)
    expect(stdout).toContain('passed')
    expect(stdout).not.toContain('not reached')
  })
})

describe('falloff run', () => {
  test('with gates prints them after the summary and ends as they say', async () => {
    const found = await run(fast, 'gated', [
      '--gate',
      'ttft.p50 < 1 ms',
      '--history',
      'kept.ndjson',
      '--label',
      'c1',
    ])
    expect(found.code).toBe(3)
    expect(found.stdout).toMatch(/FAIL +ttft\.p50 < 1 ms/)
    expect(readFileSync(join(cwd, 'kept.ndjson'), 'utf8')).toContain('"label":"c1"')
  })

  test('with gates and --format json leaves stdout to the summary', async () => {
    const found = await run(fast, 'json', ['--gate', 'ttft.p50 < 1 ms', '--format', 'json'])
    expect(found.code).toBe(3)
    expect(JSON.parse(found.stdout)).toMatchObject({ kind: 'run' })
    expect(found.stderr).toMatch(/FAIL +ttft\.p50 < 1 ms/)
  })

  test('with a gate that cannot be read measures nothing', async () => {
    const found = await run(fast, 'unread', ['--gate', 'ttft.p50 < 1 ms', '--gate', 'what'])
    expect(found.code).toBe(2)
    expect(resultsOf('unread')).toEqual([])
  })
})

test('falloff sweep holds one point, all of them, or the whole against gates', {
  timeout: 60_000,
}, async () => {
  const gates = ['ttft.p50 at concurrency=2 < 30 s', 'peakOutputTokensPerS > 0.1', 'ttft.p50 < 1 ms']
  const over = ['sweep', '--target', fast, '--over', 'concurrency=1,2', '--requests', '10', ...WIDE]
  const found = await falloff(
    [...over, '--input-tokens', '20', '--output-tokens', '4', ...gates.flatMap((text) => ['--gate', text])],
    cwd,
  )
  expect(found.code, found.stdout).toBe(3)
  const outcomes = found.stdout.match(/^(pass|FAIL|inconclusive|INVALID) /gm)?.map((word) => word.trim())
  // Ten requests at a load may not bound the peak from below.
  expect(outcomes).toEqual(['pass', expect.stringMatching(/pass|inconclusive/), 'FAIL'])
  expect(found.stdout).toContain('The worst of 2 points.')
})

describe('falloff baseline', () => {
  test('lists what is saved', async () => {
    const { code, stdout } = await falloff(['baseline', 'list'], cwd)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^main +3 +fast-1, fast-2, fast-3 +fixed +\d{4}-\d\d-\d\d$/m)
  })

  test('compares: 4 for what became worse, 0 for the same, 6 for what cannot be compared', async () => {
    const worse = await falloff(
      ['baseline', 'compare', 'main', ...resultsOf('slow'), '--gated', 'ttft.p50'],
      cwd,
    )
    expect(worse, worse.stdout + worse.stderr).toMatchObject({ code: 4 })
    expect(worse.stdout.replace(/\s+/g, ' ')).toMatch(/not (measured in turn|interleaved)/)
    expect((await falloff(['baseline', 'compare', 'main', ...resultsOf('fast')], cwd)).code).toBe(0)
    expect((await falloff(['baseline', 'compare', 'main', ...resultsOf('broken')], cwd)).code).toBe(6)
  })

  test('does not save what is INVALID', async () => {
    const found = await falloff(['baseline', 'save', 'bad', ...resultsOf('broken')], cwd)
    expect(found).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be a baseline') })
    expect(existsSync(join(cwd, 'baselines', 'bad.json'))).toBe(false)
  })
})

describe('falloff history and trend', () => {
  test('keep each result once, and draw them', async () => {
    const add = ['history', 'add', ...resultsOf('fast'), ...resultsOf('slow')]
    expect((await falloff(add, cwd)).stderr).toContain('(6 added)')
    expect((await falloff(add, cwd)).stderr).toContain('(0 added)')
    const drawn = await falloff(['trend', '--metric', 'ttft.p50', '--out', 'trend.html'], cwd)
    expect(drawn, drawn.stderr).toMatchObject({ code: 0 })
    expect(drawn.stdout).toContain('has no boundary yet')
    expect(readFileSync(join(cwd, 'trend.html'), 'utf8')).toContain('<svg')
  })

  test('end 4 with --fail when the newest is beyond its boundary on the bad side', async () => {
    const [line = ''] = readFileSync(join(cwd, 'history.ndjson'), 'utf8').split('\n')
    const read = JSON.parse(line) as { points: [{ figures: Record<string, { value: number }> }] }
    const lines = Array.from({ length: 12 }, (_, i) => {
      const p50 = { value: i === 11 ? 90 : 60 + (i % 3), low: null, high: null }
      const startedAtUtc = `2026-01-${10 + i}T00:00:00.000Z`
      return JSON.stringify({
        ...read,
        startedAtUtc,
        points: [{ ...read.points[0], figures: { 'ttft.p50': p50 } }],
      })
    })
    writeFileSync(join(cwd, 'long.ndjson'), lines.join('\n'))
    const args = ['trend', 'long.ndjson', '--metric', 'ttft.p50', '--out', 'long.html']
    expect((await falloff(args, cwd)).code).toBe(0)
    expect((await falloff([...args, '--fail'], cwd)).code).toBe(4)
    const wrong = await falloff(['trend', '--metric', 'ttft.p5O'], cwd)
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "ttft.p50"?') })
  })
})
