import { expect, test } from 'vitest'
import { stampOf } from '../../src/transport/kernel/stamp.js'

const MS = 1e6
/** The look began at 100 ms; it is 101 ms now; the connection's last stamp is 90 ms. */
const cases: readonly (readonly [what: string, stampNs: number, expectedNs: number, unstamped: number])[] = [
  ['a packet that came before the look', 95 * MS, 95 * MS, 0],
  ['a packet that came during the look', 100.5 * MS, 100.5 * MS, 0],
  ['a packet of the future: the wall clock was set forward', 5000 * MS, 101 * MS, 1],
  ['no stamp at all', Number.NaN, 101 * MS, 1],
  ['a packet that overtook the one before', 89.5 * MS, 90 * MS, 0],
  ['a packet from before the last: the wall clock was set back', 20 * MS, 100 * MS, 1],
]

test.each(cases)('%s', (_what, stampNs, expectedNs, unstamped) => {
  const tally = { unstamped: 0 }
  const receiver = { stampNs: () => stampNs } as never
  expect(stampOf({ receiver, atNs: 100 * MS, awayNs: 0, tally }, 90 * MS, () => 101 * MS)).toBe(expectedNs)
  expect(tally.unstamped).toBe(unstamped)
})
