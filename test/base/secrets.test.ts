import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepSecrets, MASK, redact, redactAll } from '../../src/base/secrets.js'

keepSecrets(['sk-0123456789', 'a b\t"c"/d', 'no'])

test.each([
  ['as it is', 'key sk-0123456789 is wrong', `key ${MASK} is wrong`],
  ['twice', 'sk-0123456789sk-0123456789', MASK + MASK],
  ['in JSON', 'a b\\t\\"c\\"/d', MASK],
  ['in a URL', `x?k=${encodeURIComponent('a b\t"c"/d')}`, `x?k=${MASK}`],
  ['on one line', 'saw a b "c"/d there', `saw ${MASK} there`],
  ['cut short at the end', 'key sk-01234', `key ${MASK}`],
  ['not in words that share its beginning', 'task sk-01 and more', 'task sk-01 and more'],
  ['not where it is too short to be told from words', 'no note', 'no note'],
])('a secret is masked: %s', (_, text, clean) => {
  expect(redact(text)).toBe(clean)
})

test('wherever a text is cut, at least most of the secret is gone', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(60), (before, cut) => {
      const seen = redact(`${before}sk-0123456789`.slice(0, before.length + cut))
      return !seen.endsWith('sk-0') && !seen.includes('sk-0123456789')
    }),
  )
})

test('plain data keeps its shape', () => {
  expect(redactAll({ 'sk-0123456789': [1, null, { x: 'sk-0123456789!' }] })).toEqual({
    [MASK]: [1, null, { x: `${MASK}!` }],
  })
})
