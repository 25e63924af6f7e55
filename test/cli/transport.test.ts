import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { falloff, freshFolder } from './command.js'

test.each([
  ['run', ['--concurrency', '1', '--requests', '1']],
  ['sweep', ['--over', 'concurrency=1']],
])('falloff %s refuses kernel stamps over TLS before it asks the target anything', async (command, args) => {
  const cwd = freshFolder()
  // Nobody listens there: asked first, it would be a lost target.
  const tls = ['--target', 'https://127.0.0.1:9', '--transport', 'kernel']
  const { code, stdout, stderr } = await falloff([command, ...tls, ...args], cwd)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('target.transport: kernel stamps cannot be had')
  expect(readdirSync(cwd)).toEqual([])
})
