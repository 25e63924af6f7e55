import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
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
