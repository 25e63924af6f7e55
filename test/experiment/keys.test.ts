import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { publicProfile, resolveAccess, withoutUser } from '../../src/experiment/keys.js'
import { profileSchema } from '../../src/profile/schema.js'

const targetOf = (target: object) => profileSchema.parse({ target }).target
const keyFile = join(mkdtempSync(join(tmpdir(), 'falloff-keys-')), 'key')
writeFileSync(keyFile, 'sk-from-file\n')

function access(target: object, environment: Record<string, string> = {}): object {
  return { ...resolveAccess(targetOf(target), environment) }
}

test.each([
  ['the variable’s value', { keyEnv: 'K' }, { K: 'sk-1234' }, { authorization: 'Bearer sk-1234' }],
  [
    'the file that a variable names',
    { keyEnv: 'K' },
    { K_FILE: keyFile },
    { authorization: 'Bearer sk-from-file' },
  ],
  [
    'the variable before the file',
    { keyEnv: 'K' },
    { K: 'sk-1234', K_FILE: keyFile },
    { authorization: 'Bearer sk-1234' },
  ],
  [
    'a key that looks like a variable is left as it is',
    { keyEnv: 'K' },
    { K: 'sk-${X}' },
    { authorization: 'Bearer sk-${X}' },
  ],
  ['the user of the URL', { url: 'http://me:p%40ss@h' }, {}, { authorization: `Basic ${btoa('me:p@ss')}` }],
])('we are let in by %s', (_, target, environment, headers) => {
  expect(access(target, environment)).toEqual(headers)
})

test.each([
  ['no variable', { keyEnv: 'K' }, {}, 'target.keyEnv: neither K nor K_FILE is set'],
  [
    'no file',
    { keyEnv: 'K' },
    { K_FILE: '/nowhere/at/all' },
    'target.keyEnv: the file that K_FILE names cannot be read',
  ],
  [
    'two keys',
    { keyEnv: 'K', headers: { Authorization: 'x' } },
    { K: 'sk-1234' },
    'target.keyEnv: header authorization is given too',
  ],
  [
    'a user and a key',
    { keyEnv: 'K', url: 'http://me:word@h' },
    { K: 'sk-1234' },
    'target.url: header authorization is given too',
  ],
  ['a line break in the key', { keyEnv: 'K' }, { K: 'sk-1\n2' }, 'target.keyEnv: character'],
  ['a user elsewhere', { metricsUrl: 'http://me:word@h/metrics' }, {}, 'target.metricsUrl: names a user'],
])('%s is one clear error, without a value', (_, target, environment, message) => {
  expect(() => access(target, environment)).toThrow(UsageError)
  try {
    access(target, environment)
  } catch (thrown) {
    expect(String(thrown)).toContain(message)
    expect(String(thrown)).not.toMatch(/sk-1|word/)
  }
})

test('what files may hold of a profile: variables by their names, no user, no key that was written out', () => {
  const profile = profileSchema.parse({
    target: {
      url: 'http://me:word@h:1/base',
      headers: { authorization: 'Bearer ${K}', 'x-api-key': 'sk-written-out', 'x-team': 'blue' },
    },
  })
  expect(publicProfile(profile).target).toMatchObject({
    url: 'http://h:1/base',
    headers: { authorization: 'Bearer ${K}', 'x-api-key': '…', 'x-team': 'blue' },
  })
  expect(withoutUser('http://h:1/base')).toBe('http://h:1/base')
})
