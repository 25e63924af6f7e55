import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillTime, HOLE, packetOf, widthOf } from '../../src/emitter/packet.js'

test('a packet is an HTTP chunk of its payload, with the time wherever it is wanted', () => {
  const packet = packetOf(`ab ${HOLE} c\n${HOLE}`, 14, 2, 'tail')
  fillTime(packet, 98_765_432_109_876)
  expect(packet.bytes.toString()).toBe('22\r\nab 98765432109876 c\n98765432109876\r\ntail')
  fillTime(packet, 98_765_432_109_877)
  expect(packet.bytes.toString()).toContain('98765432109877 c')
})

test('any time of up to 104 days is told to the nanosecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1e9, max: Number.MAX_SAFE_INTEGER - 2e9 }), (ns) => {
      const packet = packetOf(` ${HOLE}`, widthOf(ns), 1)
      fillTime(packet, ns)
      const [, text = ''] = packet.bytes.toString().split('\r\n')
      return Number(text) === ns && text.length === packet.width + 1
    }),
  )
})

test.each([
  [1e13, 14],
  [99_998_999_999_999, 14],
  // A packet of that moment may be filled a second later, when the time has a digit more.
  [99_999_000_000_000, 15],
])('at %d ns a time takes %d digits', (ns, digits) => {
  expect(widthOf(ns)).toBe(digits)
})
