import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Findings } from '../../src/analyse/index.js'
import { ALWAYS_LATE, falloff, filesUnder, freshFolder, onlyRun, start, startSimulator } from './command.js'

const LOADS = [1, 2, 3, 4, 5]
const SWEEP = [
  ...['sweep', '--over', `concurrency=${LOADS.join(',')}`, '--requests', '10', '--output-tokens', '4'],
  ...Object.entries(ALWAYS_LATE).flatMap(([name, value]) => ['--set', `validity.${name}=${value}`]),
  ...['--format', 'json'],
]

let simulator: Awaited<ReturnType<typeof startSimulator>> | undefined
const target = (): readonly string[] => ['--target', simulator?.url ?? '']
beforeAll(async () => {
  simulator = await startSimulator('fixed', ['--set', 'ttftMs=5', '--set', 'gapMs=1'])
})
afterAll(() => simulator?.child.kill())

const pointsWithRecords = (folder: string): readonly string[] =>
  [
    ...new Set(filesUnder(folder).flatMap((path) => /([^/]+)\/requests-0\.ndjson$/.exec(path)?.[1] ?? [])),
  ].sort()

test('points of a sweep that our own machine spoils are measured once more, three in vain, and told', async () => {
  const cwd = freshFolder()
  const { code, stdout, stderr } = await falloff([...SWEEP, ...target()], cwd)
  expect(code).toBe(6)
  const sweep = onlyRun(cwd)
  expect(pointsWithRecords(sweep)).toEqual(
    LOADS.flatMap((n) => [`concurrency=${n}`, ...(n <= 3 ? [`concurrency=${n}-disturbed`] : [])]),
  )
  expect(stderr).toContain('concurrency=1 was disturbed (generator-late): it is measured once more')

  const { points } = JSON.parse(stdout) as Findings
  expect(points.map((p) => p.setting.axes.concurrency)).toEqual(LOADS)
  const notes = points.flatMap((p) => p.validity.findings.filter((f) => f.code === 'made-again'))
  expect(notes.map((f) => f.message)).toEqual(
    [1, 2, 3].map(
      (n) => `a first measurement was spoilt (generator-late) and is kept as concurrency=${n}-disturbed`,
    ),
  )
}, 60_000)

test('nothing that is counted by a budget is asked twice', async () => {
  const cwd = freshFolder()
  const { code } = await falloff([...SWEEP, ...target(), '--set', 'budget.requests=1000'], cwd)
  expect(code).toBe(6)
  expect(pointsWithRecords(onlyRun(cwd))).toEqual(LOADS.map((n) => `concurrency=${n}`))
}, 60_000)

test('Ctrl-C while a point is measured again: the first measurement stands, since it is whole', async () => {
  const cwd = freshFolder()
  const slow = [...SWEEP, ...target(), '--output-tokens', '200']
  const { child, done, stderr } = start(slow, cwd)
  await vi.waitFor(() => expect(stderr()).toContain('measured once more'), { timeout: 30_000 })
  child.kill('SIGINT')
  const { code, stdout } = await done
  expect(code).toBe(130)
  expect(pointsWithRecords(onlyRun(cwd))).toEqual(['concurrency=1'])
  const { points } = JSON.parse(stdout) as Findings
  expect(points).toMatchObject([{ states: { completed: points[0]?.planned } }])
  expect(points[0]?.validity.findings.map((f) => f.code)).not.toContain('made-again')
}, 60_000)
