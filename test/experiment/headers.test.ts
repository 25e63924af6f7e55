import { expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { resolveHeaders } from '../../src/experiment/headers.js'

function problemsOf(headers: Record<string, string>, environment: Record<string, string> = {}) {
  try {
    resolveHeaders(headers, environment)
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.problems
    throw thrown
  }
  return []
}

test('names become lower-case, variables their values, and a host of one’s own is let through', () => {
  const headers = { Authorization: 'Bearer ${KEY}', Host: 'models.test', 'X-Team': 'émile\tb' }
  expect({ ...resolveHeaders(headers, { KEY: 'k-1' }) }).toEqual({
    authorization: 'Bearer k-1',
    host: 'models.test',
    'x-team': 'émile\tb',
  })
})

test.each([
  'Connection',
  'content-length',
  'Transfer-Encoding',
  'keep-alive',
  'upgrade',
  'TE',
  'trailer',
  'Expect',
  'two words',
  'colon:',
  'naïve',
  'line\nbreak',
  '',
])('the name %j is refused', (name) => {
  expect(problemsOf({ [name]: 'x' }).map((p) => p.place)).toEqual([`target.headers.${name}`])
})

test.each([
  ['a line break that ends it', 'secret\n', 'ends with a line break'],
  ['a line break inside', 'secret\r\nx-more: 1', 'character 7 of its value is a control character'],
  ['a null character', '\0secret', 'character 1 of its value is a control character'],
  ['a delete character', 'secret\x7f', 'character 7 of its value is a control character'],
  ['a character that latin1 lacks', 'secretž', 'character 7 of its value is above U+00FF'],
])('a value with %s is refused, and not shown', (_what, value, said) => {
  const [problem, ...others] = problemsOf({ 'x-key': '${KEY}' }, { KEY: value })
  expect(others).toEqual([])
  expect(problem?.place).toBe('target.headers.x-key')
  expect(problem?.message).toContain(said)
  expect(problem?.message).not.toContain('secret')
})

test('all problems are told at once', () => {
  const problems = problemsOf({ te: 'x', authorization: '${NOT_SET}', 'x-a': 'ž', 'X-B': '1', 'x-b': '2' })
  expect(problems.map((p) => p.place)).toEqual([
    'target.headers.te',
    'target.headers.authorization',
    'target.headers.x-a',
    'target.headers.x-b',
  ])
})
