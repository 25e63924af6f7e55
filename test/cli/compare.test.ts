import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ComparisonFindings } from '../../src/analyse/index.js'
import type { CompareManifest, RunManifest } from '../../src/record/index.js'
import { ALWAYS_LATE, falloff, freshFolder, readRecords, start, startSimulator } from './command.js'

/** Comparisons with the built command, of simulated servers whose times are fixed, on a machine that may have other work. */
vi.setConfig({ testTimeout: 120_000 })

const TTFT_MS = 40
const SLOWER_MS = 200

type Simulator = Awaited<ReturnType<typeof startSimulator>>
let fast: Simulator
let slow: Simulator

beforeAll(async () => {
  const timed = (ttftMs: number) => startSimulator('fixed', ['--set', `ttftMs=${ttftMs}`, '--set', 'gapMs=5'])
  ;[fast, slow] = await Promise.all([timed(TTFT_MS), timed(SLOWER_MS)])
})
afterAll(() => {
  fast.child.kill()
  slow.child.kill()
})

const PROFILE = {
  name: 'p',
  workload: { inputTokens: 30, outputTokens: 6 },
  load: { kind: 'closed', concurrency: 4 },
  limits: { requests: 16, warmupRequests: 4 },
}

/** A folder with `p.yaml` in it. JSON is YAML. */
function folderWith(profile: object = {}): string {
  const cwd = freshFolder()
  writeFileSync(join(cwd, 'p.yaml'), JSON.stringify({ ...PROFILE, ...profile }))
  return cwd
}

/** A busy machine makes runs invalid, which is not what is tested here. */
const QUICK = ['--cool-down', '0', '--allow', 'invalid', '--format', 'json']

const comparisonIn = (cwd: string): string => {
  const [name = ''] = readdirSync(join(cwd, 'results'))
  return join(cwd, 'results', name)
}
const manifestIn = (folder: string): CompareManifest =>
  JSON.parse(readFileSync(join(folder, 'compare.json'), 'utf8')) as CompareManifest
const runIn = (folder: string): RunManifest =>
  JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunManifest
const verdictsOf = ({ pairs }: ComparisonFindings): Record<string, string> =>
  Object.fromEntries(pairs.flatMap((p) => p.metrics.filter((m) => m.gated).map((m) => [m.key, m.verdict])))

describe('bad input', () => {
  test('is told all at once, with its place and the way out', async () => {
    const cwd = folderWith()
    const { code, stderr } = await falloff(
      [
        ...['compare', 'p.yaml@http://127.0.0.1:1', 'chatt', '--runs', '1', '--gated', 'ttft.p5'],
        ...['--margin', 'ttft.p99', '--allow', 'modle', '--over', 'concurency=1,2', '--cool-down', 'x'],
      ],
      cwd,
    )
    expect(code).toBe(2)
    for (const text of [
      /no file or shipped profile named "chatt"; did you mean "chat"/,
      /--runs: expected a whole number from 2 to 1,000; got 1/,
      /--gated: unknown figure "ttft\.p5"; did you mean "ttft\.p50"/,
      /--margin ttft\.p99: expected FIGURE=N%, such as ttft\.p99=10%/,
      /--allow: unknown check "modle"; did you mean "model"/,
      /unknown dimension "concurency"; did you mean "concurrency"/,
      /--cool-down: expected a number from 0 to 3600; got x/,
    ])
      expect(stderr).toMatch(text)
    expect(existsSync(join(cwd, 'results'))).toBe(false)
  })

  test.each([
    { args: ['p.yaml'], says: /p\.yaml: is one side alone; give two or more/ },
    { args: ['p.yaml', 'here'], says: /here: here holds no run\.json, experiment\.json, imported\.json/ },
    { args: ['a=p.yaml', 'a=p.yaml'], says: /a=: names two sides/ },
    {
      args: ['p.yaml@http://127.0.0.1:1', 'p.yaml@http://127.0.0.1:1', '--most-runs', '9'],
      says: /--most-runs: bounds --until-decided/,
    },
    {
      args: ['p.yaml@http://127.0.0.1:1', 'other.yaml@http://127.0.0.1:1'],
      says: /other: puts another load on its target than p \(limits\)/,
    },
    {
      args: ['p.yaml@http://127.0.0.1:1', 'strict.yaml@http://127.0.0.1:1'],
      says: /strict: objectives: expected those of p \(none\).*; got ttft p50 <= 1 s/,
    },
    {
      args: ['p.yaml@http://127.0.0.1:1', 'p.yaml@http://127.0.0.1:1', '--resume', 'here'],
      says: /--resume: here holds no compare\.json/,
    },
  ])('$args', async ({ args, says }) => {
    const cwd = folderWith()
    const limits = { ...PROFILE.limits, requests: 25 }
    writeFileSync(join(cwd, 'other.yaml'), JSON.stringify({ ...PROFILE, limits }))
    writeFileSync(join(cwd, 'strict.yaml'), JSON.stringify({ ...PROFILE, objectives: ['ttft p50 <= 1 s'] }))
    mkdirSync(join(cwd, 'here'))
    const { code, stderr } = await falloff(['compare', ...args], cwd)
    expect([code, stderr]).toEqual([2, expect.stringMatching(says)])
  })
})

describe('one server against itself', () => {
  test('is never better or worse; its blocks hold both sides with the same load', async () => {
    const cwd = folderWith()
    const side = `p.yaml@${fast.url}`
    const { code, stdout, stderr } = await falloff(['compare', side, side, '--runs', '3', ...QUICK], cwd)
    expect(stderr).toContain('after 2 runs a side')
    expect(code).toBe(0)
    const findings = JSON.parse(stdout) as ComparisonFindings
    expect(findings.sides.map(({ name }) => name)).toEqual(['p-a', 'p-b'])
    expect(['equivalent', 'not-shown']).toContain(findings.pairs[0]?.answer)
    expect(findings.design).toMatchObject({ interleaved: true, paired: true, runs: [3, 3] })

    const folder = comparisonIn(cwd)
    const { runs, stopReason, sides, plan } = manifestIn(folder)
    expect(stopReason).toBe('complete')
    expect(plan).toMatchObject({ runs: 3, mostRuns: 3, looks: [3], levelPerLook: 0.05 })
    expect(sides.every(({ connect }) => connect?.attempts === 5)).toBe(true)
    expect(runs.map(({ block }) => block)).toEqual([0, 0, 1, 1, 2, 2])
    const hashes = [0, 1, 2].map((block) =>
      runs.filter((r) => r.block === block).map((r) => runIn(join(folder, r.folder)).workloadHash),
    )
    for (const [a, b] of hashes) expect(a).toBe(b)
    expect(new Set(hashes.flat()).size).toBe(3)

    // Judged anew from its records it says the same; so does the report of its folder.
    for (const command of ['compare', 'report']) {
      const again = await falloff([command, folder, '--format', 'json'], cwd)
      expect(again.code).toBe(0)
      expect(JSON.parse(again.stdout)).toEqual(findings)
    }

    // The same runs, as results that just lie there.
    const list = (name: string): string =>
      runs
        .filter((r) => r.folder.startsWith(name))
        .map((r) => join(folder, r.folder))
        .join(',')
    const loose = ['compare', `one=${list('p-a')}`, `two=${list('p-b')}`, '--allow', 'invalid']
    const there = await falloff([...loose, '--format', 'json'], cwd)
    const unpaired = JSON.parse(there.stdout) as ComparisonFindings
    expect(unpaired.sides.map(({ name, runs }) => [name, runs.length])).toEqual([
      ['one', 3],
      ['two', 3],
    ])
    expect(unpaired.design).toMatchObject({ interleaved: false, stopReason: null })
    expect(unpaired.checks.map(({ code }) => code)).toContain('not-interleaved')
    const measuring = await falloff([...loose, '--runs', '4'], cwd)
    expect([measuring.code, measuring.stderr]).toEqual([2, expect.stringMatching(/--runs: is for measuring/)])
    const reset = await falloff(['compare', folder, '--margin', 'ttft.p50=50%'], cwd)
    expect(reset.code).toBe(2)
    expect(reset.stderr).toMatch(/--margin ttft\.p50=50%: was set before measuring/)
  })
})

test('a server whose first tokens take five times as long is worse at the first planned look', async () => {
  const cwd = folderWith()
  const sides = [`fast=p.yaml@${fast.url}`, `slow=p.yaml@${slow.url}`]
  const plan = ['--runs', '4', '--most-runs', '10', '--until-decided', '--gated', 'ttft.p50']
  const { code, stdout } = await falloff(['compare', ...sides, ...plan, ...QUICK, '--out', 'page.html'], cwd)
  expect(code).toBe(4)
  const findings = JSON.parse(stdout) as ComparisonFindings
  expect(verdictsOf(findings)).toEqual({ 'ttft.p50': 'worse' })
  expect(findings.pairs[0]?.metrics[0]?.effect?.value).toBeGreaterThan(2)
  const { design } = findings
  expect(design).toMatchObject({ runs: [4, 4], stopReason: 'decided', looks: { taken: 1, planned: 4 } })
  expect(design.level).toBeLessThan(0.05)
  expect(existsSync(join(cwd, 'page.html'))).toBe(true)
  // What it says on a terminal, and in a pull request.
  const folder = comparisonIn(cwd)
  const text = (await falloff(['compare', folder], cwd)).stdout
  expect(text).toMatch(/^slow is worse than fast: /)
  expect(text).toMatch(/^TTFT p50, ms .* ▼ worse$/m)
  const markdown = (await falloff(['compare', folder, '--format', 'markdown'], cwd)).stdout
  expect(markdown).toMatch(/^\| Time to first token p50 \| ❌ worse \|/m)
})

test('sweeps as units are compared at every load', async () => {
  const cwd = folderWith()
  const side = `p.yaml@${fast.url}`
  const over = ['--over', 'concurrency=1,2', '--runs', '2', '--gated', 'ttft.p50']
  const { code, stdout, stderr } = await falloff(['compare', side, side, ...over, ...QUICK], cwd)
  expect([code, stderr]).toEqual([0, expect.stringContaining('p-a, sweep 1 of 2')])
  const { pairs, design } = JSON.parse(stdout) as ComparisonFindings
  expect(design.unit).toBe('sweep')
  const points = (pairs[0]?.metrics ?? []).filter((m) => m.gated).map(({ at }) => at)
  expect(points).toEqual(['concurrency=1', 'concurrency=2'])
})

describe('prompts', () => {
  const LOADED_TOKENS = 3
  const SERVER = fileURLToPath(new URL('./prompt-log.mjs', import.meta.url))

  /** Prompts of the load, by the server process that got them, in the order in which they were started. */
  async function promptsOf(
    keep: readonly string[],
    validity: object = {},
  ): Promise<readonly (readonly string[])[]> {
    const engine = { kind: 'command', command: ['node', SERVER, '{port}', 'prompts.ndjson'], stopTimeoutS: 5 }
    const workload = { inputTokens: 30, outputTokens: LOADED_TOKENS }
    const cwd = folderWith({ engine, workload, validity, target: { tokenizer: 'calibrate', model: 'm' } })
    const args = [
      'compare',
      'p.yaml',
      'p.yaml',
      '--runs',
      '2',
      '--allow',
      'output-tokens,invalid',
      ...keep,
      ...QUICK,
    ]
    const { code, stderr } = await falloff(args, cwd)
    if (code !== 0) throw new Error(stderr)
    const lines = readFileSync(join(cwd, 'prompts.ndjson'), 'utf8').trim().split('\n')
    const byProcess = new Map<number, string[]>()
    for (const line of lines) {
      const { pid, outputTokens, prompt } = JSON.parse(line) as {
        pid: number
        outputTokens: number
        prompt: string
      }
      if (outputTokens === LOADED_TOKENS) byProcess.set(pid, [...(byProcess.get(pid) ?? []), prompt])
    }
    return [...byProcess.values()]
  }

  test('are the same on all sides of a block, to the letter, where falloff starts an engine for each run', async () => {
    const [a = [], b = [], c = [], d = [], ...others] = await promptsOf([])
    expect(others).toEqual([])
    // 16 and 4 to warm up.
    expect(a).toHaveLength(20)
    expect(new Set(a).size).toBe(20)
    expect(a.toSorted()).toEqual(b.toSorted())
    expect(c.toSorted()).toEqual(d.toSorted())
    expect(c.filter((prompt) => a.includes(prompt))).toEqual([])
  })

  test('are so as well where two engines stay up, which see none twice', async () => {
    const [a = [], b = [], ...others] = await promptsOf(['--keep-engines'])
    expect(others).toEqual([])
    expect(a.toSorted()).toEqual(b.toSorted())
    expect(new Set(a).size).toBe(40)
  })

  test('of a point that is measured again are new, and the same on all sides', async () => {
    const [a = [], b = []] = await promptsOf(['--over', 'concurrency=1,2'], ALWAYS_LATE)
    expect(new Set(a).size).toBe(a.length)
    expect(a.toSorted()).toEqual(b.toSorted())
    // Two points, each measured twice, of 16 requests and a few to warm up.
    expect(a.length).toBeGreaterThanOrEqual(64)
  })
})

test('an interrupted comparison is judged as far as it goes, and goes on without repeating a run', async () => {
  const cwd = folderWith({ limits: { ...PROFILE.limits, requests: 40 } })
  const side = `p.yaml@${fast.url}`
  const args = ['compare', side, side, '--runs', '3', ...QUICK]
  const { child, done } = start(args, cwd)
  const measured = (): number => {
    if (!existsSync(join(cwd, 'results'))) return 0
    const file = join(comparisonIn(cwd), 'compare.json')
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CompareManifest).runs.length : 0
  }
  await vi.waitFor(() => expect(measured()).toBeGreaterThanOrEqual(2), { timeout: 60_000, interval: 50 })
  child.kill('SIGINT')
  const first = await done
  expect(first.code).toBe(130)
  const folder = comparisonIn(cwd)
  const before = manifestIn(folder)
  expect(before.stopReason).toBe('interrupted')
  expect(before.runs.length).toBeLessThan(6)
  expect(first.stderr).toContain(`--resume ${folder.slice(cwd.length + 1)}`)
  expect((JSON.parse(first.stdout) as ComparisonFindings).design.stopReason).toBe('interrupted')

  const resume = ['--resume', folder.slice(cwd.length + 1)]
  const other = await falloff([...args, ...resume, '--seed', '2'], cwd)
  expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/was begun with other --seed/)])

  const second = await falloff([...args, ...resume], cwd)
  expect(second.code).toBe(0)
  expect(readdirSync(join(cwd, 'results'))).toHaveLength(1)
  const after = manifestIn(folder)
  expect(after.stopReason).toBe('complete')
  expect(after.runs.slice(0, before.runs.length)).toEqual(before.runs)
  expect(after.runs.map(({ block }) => block)).toEqual([0, 0, 1, 1, 2, 2])
  for (const { folder: run } of after.runs)
    expect(readRecords(join(folder, run)).filter((r) => r.phase === 'measured')).toHaveLength(40)
  const third = await falloff([...args, ...resume], cwd)
  expect([third.code, third.stderr]).toEqual([2, expect.stringMatching(/is complete: to measure on/)])
})

test('models of different names are refused before anything is measured', async () => {
  const other = await startSimulator('fixed', ['--set', 'servedModel=another'])
  try {
    const cwd = folderWith()
    const args = ['compare', `p.yaml@${fast.url}`, `p.yaml@${other.url}`]
    const { code, stderr } = await falloff(args, cwd)
    expect(code).toBe(2)
    expect(stderr).toMatch(/--allow: p-a serves fixed, p-b serves another; give --allow model/)
    expect(existsSync(join(cwd, 'results'))).toBe(false)
  } finally {
    other.child.kill()
  }
})
