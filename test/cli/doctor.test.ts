import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { doctorText } from '../../src/cli/doctor-text.js'
import type { Examination } from '../../src/machine/index.js'
import { falloff, freshFolder } from './command.js'

const CHECKS = [
  'cores',
  'open files',
  'local ports',
  'listen backlog',
  'memory',
  'swap',
  'Node',
  'kernel stamps',
  'timers',
  'loopback',
  'clock source',
  'CPU governor',
  'throttling',
  'steal',
  'load now',
  'sched_autogroup',
]

async function examined(args: readonly string[]): Promise<{ code: number | null; found: Examination }> {
  const { code, stdout, stderr } = await falloff(['doctor', ...args, '--format', 'json'], freshFolder())
  expect(stderr).toBe('')
  return { code, found: JSON.parse(stdout) as Examination }
}

describe('falloff doctor', () => {
  test('judges every check for a thousand streams where nothing is said of the load', async () => {
    const { code, found } = await examined([])
    expect(found.need).toEqual({ streams: 1000 })
    expect(found.checks.map(({ name }) => name)).toEqual(CHECKS)
    for (const { verdict, seen, wanted, change } of found.checks) {
      expect(['ok', 'warning', 'problem', 'not told']).toContain(verdict)
      expect(seen.length * wanted.length).toBeGreaterThan(0)
      expect(change === null).toBe(verdict === 'ok' || verdict === 'not told')
    }
    expect(found.fit).toBe(found.checks.every(({ verdict }) => verdict !== 'problem'))
    expect(code).toBe(found.fit ? 0 : 6)
  })

  test('takes the load from the flags of a run, and --streams before them', async () => {
    const { found } = await examined(['chat', '--target', 'http://127.0.0.1:9', '--rate', '7'])
    expect(found.need).toEqual({ streams: 70, ratePerS: 7, local: true, targetPort: 9 })
    const { found: other } = await examined(['--concurrency', '12', '--streams', '8', '--streams', '30'])
    expect(other.need.streams).toBe(30)
  })

  test('judges by the stamps that the run would have', async () => {
    const { found } = await examined(['--streams', '1', '--transport', 'undici'])
    expect(found.stamps).toMatchObject({ available: false })
    expect(found.checks.find(({ name }) => name === 'kernel stamps')).toMatchObject({
      verdict: 'warning',
      change: expect.stringContaining('leave out --transport undici') as string,
    })
  })

  test('finds a problem where kernel stamps are insisted upon and cannot be had', async () => {
    const tls = ['--transport', 'kernel', '--target', 'https://127.0.0.1:9']
    const { code, found } = await examined(['--streams', '1', ...tls])
    expect(found.checks.find(({ name }) => name === 'kernel stamps')?.verdict).toBe('problem')
    expect(code).toBe(6)
  })

  test('counts workers as a run does, the rate of an open load included', async () => {
    const { found } = await examined(['--streams', '2'])
    expect(found.workers).toEqual({ wanted: 1, because: '2 streams' })
    const fast = ['--rate', '100000', '--output-tokens', '1000']
    const { found: other } = await examined(['--streams', '40', ...fast])
    expect(other.workers.wanted).toBeGreaterThan(1)
    expect(other.workers.because).toMatch(/^100,000,000 events\/s, of which a worker carries about /)
  })

  test('shows a wrong number as it was given', async () => {
    const { code, stderr } = await falloff(['doctor', '--streams', 'many'], freshFolder())
    expect(code).toBe(2)
    expect(stderr).toContain('--streams: expected a whole number above 0; got many')
  })

  // More than there can be ports.
  test('a load that cannot be is exit code 6', async () => {
    const { code, found } = await examined(['--streams', '100000', '--target', 'https://127.0.0.1'])
    expect(code).toBe(6)
    expect(found.fit).toBe(false)
    expect(found.checks.find(({ name }) => name === 'kernel stamps')?.verdict).not.toBe('ok')
  })

  test.each([
    [['--streams', '0'], '--streams'],
    [['--streams', '1.5'], '--streams'],
    [['--rate', '3', '--concurrency', '2'], '--rate'],
    [['no-such-profile'], 'no-such-profile'],
  ])('%j is exit code 2, and nothing is measured', async (args, names) => {
    const cwd = freshFolder()
    const { code, stdout, stderr } = await falloff(['doctor', ...args], cwd)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(names)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('says it in text without colour where nobody watches', async () => {
    const { stdout } = await falloff(['doctor', '--streams', '2'], freshFolder())
    expect(stdout).toMatch(/^Is this machine fit for 2 streams at once\?\n/)
    for (const name of CHECKS)
      expect(stdout).toMatch(new RegExp(`^(ok|warning|problem|not told) +${name} `, 'm'))
    expect(stdout).not.toContain('\x1b')
  })
})

test('the text is aligned, says what to change, and is coloured for a terminal only', () => {
  const checks: Examination['checks'] = [
    { name: 'cores', verdict: 'ok', seen: '8 cores', wanted: '2', change: null },
    {
      name: 'open files',
      verdict: 'problem',
      seen: '1,024',
      wanted: '1,200: one a stream, and 200 others',
      change: 'ulimit -n 1200',
    },
    { name: 'swap', verdict: 'not told', seen: 'the system does not tell', wanted: 'none', change: null },
  ]
  const need = { streams: 1000, ratePerS: 40, local: true, targetPort: 8000 }
  const examination = { need, fit: false, checks } as Examination
  const plain = doctorText(examination, { width: 50, colour: false })
  expect(plain.split('\n')).toEqual([
    'Is this machine fit for 1,000 streams at once, 40 starts a second?',
    '',
    'ok        cores       8 cores',
    'problem   open files  1,024',
    '                      wanted  1,200: one a stream,',
    '                              and 200 others',
    '                      change  ulimit -n 1200',
    'not told  swap        the system does not tell',
    '',
    'Not fit: 1 problem, 0 warnings.',
  ])
  const coloured = doctorText(examination, { width: 50, colour: true })
  expect(coloured).toContain('\x1b[31mproblem   \x1b[0mopen files')
  const codes = [0, 31, 32, 90].map((n) => `\x1b[${n}m`)
  expect(codes.reduce((text, code) => text.replaceAll(code, ''), coloured)).toBe(plain)
})
