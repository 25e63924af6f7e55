import { expect, test } from 'vitest'
import { maskedProxy, proxyFor } from '../../src/transport/index.js'

const P = 'http://proxy.test:3128'

test.each<[string, string, Record<string, string>, string | undefined]>([
  ['no variable', 'http://a.test', {}, undefined],
  ['plain HTTP', 'http://a.test', { HTTP_PROXY: P }, `${P}/`],
  ['TLS has a variable of its own', 'https://a.test', { HTTP_PROXY: P }, undefined],
  ['TLS', 'https://a.test', { HTTPS_PROXY: P }, `${P}/`],
  ['lower case comes first', 'http://a.test', { http_proxy: P, HTTP_PROXY: 'http://other.test' }, `${P}/`],
  ['empty is none', 'http://a.test', { http_proxy: '', HTTP_PROXY: P }, `${P}/`],
  ['a scheme may be missing', 'http://a.test', { HTTP_PROXY: 'proxy.test:3128' }, `${P}/`],
  ['excepted by name', 'http://a.test', { HTTP_PROXY: P, NO_PROXY: 'b.test, a.test' }, undefined],
  ['excepted by the name above', 'http://x.a.test', { HTTP_PROXY: P, no_proxy: '.a.test' }, undefined],
  ['excepted by a star', 'http://x.a.test', { HTTP_PROXY: P, no_proxy: '*.a.test' }, undefined],
  ['the end of a name is no domain', 'http://bana.test', { HTTP_PROXY: P, no_proxy: 'a.test' }, `${P}/`],
  ['everything is excepted', 'https://a.test', { HTTPS_PROXY: P, NO_PROXY: '*' }, undefined],
  ['excepted at its port', 'http://a.test:8000', { HTTP_PROXY: P, NO_PROXY: 'a.test:8000' }, undefined],
  ['excepted at another port', 'http://a.test:8001', { HTTP_PROXY: P, NO_PROXY: 'a.test:8000' }, `${P}/`],
  ['excepted at the usual port', 'https://a.test', { HTTPS_PROXY: P, NO_PROXY: 'a.test:443' }, undefined],
  ['names know no case', 'http://A.test', { HTTP_PROXY: P, NO_PROXY: 'a.TEST' }, undefined],
  ['loopback by name', 'http://localhost:8000', { HTTP_PROXY: P }, undefined],
  ['loopback by address', 'http://127.0.0.2:8000', { HTTP_PROXY: P }, undefined],
  ['loopback of IPv6', 'https://[::1]:8000', { HTTPS_PROXY: P }, undefined],
])('%s', (_what, origin, environment, expected) => {
  expect(proxyFor(origin, environment)?.url).toBe(expected)
})

test('the variable is told with the proxy', () => {
  expect(proxyFor('https://a.test', { HTTPS_PROXY: P })?.variable).toBe('HTTPS_PROXY')
})

test('what is no URL is an error', () => {
  expect(() => proxyFor('http://a.test', { HTTP_PROXY: 'http://' })).toThrow(TypeError)
})

test.each([
  ['http://user:secret@proxy.test:3128/', 'http://…@proxy.test:3128'],
  ['http://user@proxy.test/', 'http://…@proxy.test'],
  ['http://proxy.test:3128/x?key=1', 'http://proxy.test:3128'],
])('%s is shown as %s', (url, shown) => {
  expect(maskedProxy(url)).toBe(shown)
})
