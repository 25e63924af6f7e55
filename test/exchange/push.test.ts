import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { FalloffError, UsageError } from '../../src/base/index.js'
import { push, pushHeadersOf } from '../../src/exchange/push.js'

async function receiver(status: number, answer = '') {
  const got: { headers: IncomingHttpHeaders; body: Buffer }[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(parts) })
      response.writeHead(status).end(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  onTestFinished(close)
  return { got, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/write` }
}

it('posts the body once, with its headers', async () => {
  const { got, url } = await receiver(204)
  const environment = { KEY: 'hush-hush' }
  const headers = pushHeadersOf({ url, headers: ['Authorization: Bearer ${KEY}'], environment })
  await push(url, headers, Buffer.from('abc'))
  expect(got).toHaveLength(1)
  expect(got[0]?.headers.authorization).toBe('Bearer hush-hush')
  expect(got[0]?.body.toString()).toBe('abc')
})

it('a refusal is told with its status and words, the key not among them', async () => {
  const { got, url } = await receiver(401, 'no such key: other-key-42')
  const environment = { KEY: 'other-key-42' }
  const headers = pushHeadersOf({ url, headers: ['authorization: ${KEY}'], environment })
  const thrown = await push(url, headers, Buffer.from('abc')).catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(FalloffError)
  expect((thrown as FalloffError).message).toContain('answered 401: no such key: [secret]')
  expect(got).toHaveLength(1)
})

it('nobody there is a failure with its cause, no crash', async () => {
  const { url, close } = await receiver(204)
  await close()
  const thrown = await push(url, {}, Buffer.from('x')).catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code: 'PUSH_FAILED', message: expect.stringContaining('ECONNREFUSED') })
})

it('everything wrong with a push is told at once', () => {
  const wrong = { url: 'ftp://host', headers: ['nothing', 'a: ${MISSING_ONE}'], environment: {} }
  expect(() => pushHeadersOf(wrong)).toThrow(UsageError)
  try {
    pushHeadersOf(wrong)
  } catch (thrown) {
    expect((thrown as UsageError).problems.map((p) => p.place)).toEqual([
      '--push',
      '--header nothing',
      '--header',
    ])
  }
})
