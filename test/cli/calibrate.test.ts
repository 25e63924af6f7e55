import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isWhole } from '../../src/cli/commands/calibrate.js'
import { falloff, freshFolder } from './command.js'

test('every wrong flag is named, with exit code 2 and nothing measured', async () => {
  const cwd = freshFolder()
  const args = ['--streams', '1,x', '--seconds', '0', '--bound', '-1', '--workers', '1.5']
  const { code, stdout, stderr } = await falloff(['calibrate', ...args], cwd)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  for (const flag of ['--streams', '--seconds', '--bound', '--workers'])
    expect(stderr).toContain(`${flag}: expected`)
  expect(readdirSync(cwd)).toEqual([])
})

test('a wrong number is shown as it was given', async () => {
  const { stderr } = await falloff(['calibrate', '--bound', 'x', '--seconds', 'long'], freshFolder())
  expect(stderr).toContain('--bound: expected a number of ms above 0; got x')
  expect(stderr).toContain('--seconds: expected a number from 1 to 60; got long')
})

test('help says what is kept, and when', async () => {
  const { stdout } = await falloff(['calibrate', '--help'], freshFolder())
  expect(stdout.replace(/\s+/g, ' ')).toContain('done without asking only after the whole series')
})

const WHOLE = { transport: 'both', quick: false, seconds: 4, boundMs: 1, workers: 1 } as const
test.each([
  ['the whole series', {}, true],
  ['the whole series, measured for longer', { seconds: 10 }, true],
  ['one transport', { transport: 'undici' as const }, false],
  ['streams of one’s own', { streams: [1, 50] }, false],
  ['a quick look', { quick: true }, false],
  ['another bound', { boundMs: 0.1 }, false],
])('%s is kept without being asked to: %o %s', (_, change, kept) => {
  expect(isWhole({ ...WHOLE, ...change })).toBe(kept)
})
