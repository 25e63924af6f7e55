import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { connectionFacts, connectionWords, urlsOf, waysTo } from '../../src/experiment/connection.js'
import { loadProfile } from '../../src/profile/index.js'

const targetOf = (values: Readonly<Record<string, unknown>>) =>
  loadProfile(
    undefined,
    Object.entries({ 'limits.requests': 1, ...values }).map(([path, value]) => ({ path, value, flag: path })),
  ).target

const fixture = (name: string): string => new URL(`../fixtures/tls/${name}`, import.meta.url).pathname

describe('the ways to a target', () => {
  test('are plain where nothing was said', () => {
    const target = targetOf({ 'target.url': 'http://a.test/base' })
    const ways = waysTo(urlsOf(target), target, {})
    expect(ways).toEqual([{ origin: 'http://a.test', connection: {} }])
    expect(connectionFacts(ways, [undefined])).toBeUndefined()
    expect(connectionWords(undefined, false)).toBe('')
  })

  test('hold what the files hold', () => {
    const target = targetOf({
      'target.url': 'https://a.test',
      'target.tls': {
        caFile: fixture('ca.pem'),
        certFile: fixture('client.pem'),
        keyFile: fixture('client.key.pem'),
      },
    })
    const [way] = waysTo(urlsOf(target), target, {})
    const pem = expect.stringContaining('-----BEGIN ')
    expect(way?.connection.tls).toEqual({ ca: pem, cert: pem, key: pem })
  })

  test('every file that cannot be used is told at once, by its place', () => {
    const target = targetOf({
      'target.url': 'https://a.test',
      'target.tls': {
        caFile: fixture('README.md'),
        certFile: fixture('none.pem'),
        keyFile: fixture('client.key.pem'),
      },
    })
    expect.assertions(2)
    try {
      waysTo(urlsOf(target), target, {})
    } catch (thrown) {
      const problems = thrown instanceof UsageError ? thrown.problems : []
      expect(problems.map(({ place }) => place)).toEqual(['target.tls.caFile', 'target.tls.certFile'])
      expect(problems[0]?.message).toContain('expected a PEM file')
    }
  })

  test('each of several may have a proxy of its own, which is told without its password', () => {
    const target = targetOf({ 'target.urls': ['http://a.test', 'http://127.0.0.1:8000'] })
    const ways = waysTo(urlsOf(target), target, { HTTP_PROXY: 'http://me:sesame@proxy.test:3128' })
    expect(ways.map(({ connection }) => connection.proxy)).toEqual([
      'http://me:sesame@proxy.test:3128/',
      undefined,
    ])
    const facts = connectionFacts(ways, [undefined, undefined])
    expect(facts).toEqual({
      proxy: 'http://…@proxy.test:3128',
      origins: ['http://a.test', 'http://127.0.0.1:8000'],
    })
    expect(connectionWords(facts, false)).toBe(
      'through the proxy http://…@proxy.test:3128, 2 base URLs in turn',
    )
  })

  test('a proxy that is none is the user’s to correct, without a word of it', () => {
    const target = targetOf({ 'target.url': 'http://a.test' })
    expect(() => waysTo(urlsOf(target), target, { HTTP_PROXY: 'http://me:sesame@' })).toThrow(UsageError)
    expect(() => waysTo(urlsOf(target), target, { HTTP_PROXY: 'http://me:sesame@' })).not.toThrow(/sesame/)
  })

  test.each([
    ['is not asked where the profile says so', { 'target.url': 'http://a.test', 'target.proxy': 'none' }],
    ['has no say over a unix socket', { 'target.url': 'http://a.test', 'target.socketPath': '/run/e.sock' }],
  ])('a proxy %s', (_what, values) => {
    const target = targetOf(values)
    const [way] = waysTo(urlsOf(target), target, { HTTP_PROXY: 'http://proxy.test' })
    expect(way?.connection.proxy).toBeUndefined()
  })

  test('a socket needs no URL', () => {
    const target = targetOf({ 'target.socketPath': '/run/e.sock' })
    const ways = waysTo(urlsOf(target), target, {})
    expect(ways).toEqual([{ origin: 'http://localhost', connection: { socketPath: '/run/e.sock' } }])
    expect(connectionWords(connectionFacts(ways, [undefined]), false)).toBe('over /run/e.sock')
  })

  test.each([
    ['h2', true, 'HTTP/2 over TLSv1.3'],
    ['http/1.1', false, 'HTTP/1.1 over TLSv1.3'],
    ['http/1.1', true, 'HTTP/1.1 over TLSv1.3 (HTTP/2 was offered)'],
  ] as const)('what was agreed on is told: %s, offered %s', (http, offered, words) => {
    const ways = [{ origin: 'https://a.test', connection: {} }]
    expect(connectionWords(connectionFacts(ways, [{ http, tls: 'TLSv1.3' }]), offered)).toBe(words)
  })
})
