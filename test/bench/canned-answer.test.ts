import { expect, test } from 'vitest'
import { packetsOf } from '../../bench/lib/canned-answer.mjs'

const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

test('an answer is cut where the server’s sends began: head, events, and the end with the last of them', () => {
  const sends = [HEAD, chunk('data: 1\n\n'), chunk('data: two\n\n'), `${chunk('data: [DONE]\n\n')}0\r\n\r\n`]
  const bytes = Buffer.from(sends.join(''))
  const cut = packetsOf(bytes).map(({ from, to }) => bytes.toString('latin1', from, to))
  expect(cut).toEqual(sends)
})

test('sizes are hexadecimal, and a chunk may hold what looks like the end', () => {
  const sends = [HEAD, chunk(`${'x'.repeat(300)}\r\n0\r\n\r\n`), `${chunk('y')}0\r\n\r\n`]
  const bytes = Buffer.from(sends.join(''))
  expect(packetsOf(bytes).map(({ from, to }) => to - from)).toEqual(sends.map((send) => send.length))
})
