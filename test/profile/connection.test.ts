import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { loadProfile } from '../../src/profile/index.js'

const load = (values: Readonly<Record<string, unknown>>) =>
  loadProfile(
    undefined,
    Object.entries({ 'limits.requests': 1, ...values }).map(([path, value]) => ({ path, value, flag: path })),
  )

/** `place: message` of every problem. */
function problemsOf(values: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    load(values)
    return []
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    return thrown.problems.map(({ place, message }) => `${place}: ${message}`)
  }
}

describe('connection settings', () => {
  test('are those of a plain, kept connection when left out', () => {
    const { target } = load({ 'target.url': 'http://a.test' })
    expect(target).toMatchObject({ http2: false, proxy: 'environment', connection: 'keep-alive' })
    expect([target.urls, target.tls, target.socketPath]).toEqual([undefined, undefined, undefined])
  })

  test.each<[string, Record<string, unknown>, string]>([
    [
      'two ways to say where',
      { 'target.url': 'http://a.test', 'target.urls': ['http://b.test'] },
      'target.urls',
    ],
    [
      'URLs beside an engine',
      { engine: { description: 'x' }, 'target.urls': ['http://b.test'] },
      'target.urls',
    ],
    ['different paths', { 'target.urls': ['http://a.test/x', 'http://b.test/y'] }, 'host and port alone'],
    ['no URL', { 'target.urls': ['a.test'] }, 'expected http://host:port'],
    ['none at all', { 'target.urls': [] }, 'target.urls'],
    [
      'a socket for several',
      { 'target.urls': ['http://a.test'], 'target.socketPath': '/x' },
      'target.socketPath',
    ],
    ['TLS without TLS', { 'target.url': 'http://a.test', 'target.tls': { serverName: 'b' } }, 'target.tls'],
    ['HTTP/2 without TLS', { 'target.url': 'http://a.test', 'target.http2': true }, 'target.http2'],
    ['HTTP/2 over a socket', { 'target.socketPath': '/x', 'target.http2': true }, 'target.http2'],
    [
      'a certificate without key',
      { 'target.url': 'https://a.test', 'target.tls': { certFile: 'c' } },
      'keyFile',
    ],
    [
      'a key without certificate',
      { 'target.url': 'https://a.test', 'target.tls': { keyFile: 'c' } },
      'certFile',
    ],
    [
      'HTTP/2 over a connection for each',
      { 'target.url': 'https://a.test', 'target.http2': true, 'target.connection': 'per-request' },
      'target.connection',
    ],
    [
      'HTTP/2 from the kernel',
      { 'target.url': 'https://a.test', 'target.http2': true, 'target.transport': 'kernel' },
      'target.transport',
    ],
    ['an unknown kind of connection', { 'target.connection': 'none' }, 'keep-alive, per-request'],
  ])('%s is refused', (_what, values, words) => {
    const problems = problemsOf(values)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(words)
  })

  test.each<[string, Record<string, unknown>]>([
    ['several URLs with one path', { 'target.urls': ['http://a.test/v', 'http://b.test:1/v/'] }],
    ['a socket with a URL', { 'target.url': 'http://engine', 'target.socketPath': '/x' }],
    ['a socket alone', { 'target.socketPath': '/x' }],
    [
      'TLS with all of it',
      { 'target.url': 'https://a.test', 'target.http2': true, 'target.tls': { certFile: 'c', keyFile: 'k' } },
    ],
  ])('%s is fine', (_what, values) => {
    expect(problemsOf(values)).toEqual([])
  })

  test('files are found beside the profile that names them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'falloff-profile-'))
    const file = join(folder, 'tls.yaml')
    writeFileSync(
      file,
      'target: {url: "https://a.test", tls: {caFile: ca.pem, certFile: /etc/c.pem, keyFile: k/k.pem, serverName: b.test}}\nlimits: {requests: 1}\n',
    )
    expect(loadProfile(file, []).target.tls).toEqual({
      caFile: join(folder, 'ca.pem'),
      certFile: '/etc/c.pem',
      keyFile: join(folder, 'k/k.pem'),
      serverName: 'b.test',
    })
  })
})
