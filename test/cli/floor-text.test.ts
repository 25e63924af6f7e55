import { describe, expect, test } from 'vitest'
import { floorText } from '../../src/cli/floor-text.js'
import type { Floor, FloorFigures } from '../../src/experiment/index.js'

const figuresOf = (place: FloorFigures['place'], non2xx: number): FloorFigures => ({
  ...{ place, connections: 1, answers: 10, non2xx, errors: 0, requestsPerS: 100 },
  latencyNs: non2xx > 0 ? null : { n: 10, p50: 2e6, p99: 3e6 },
})

const floorOf = (non2xx: number, p99Ns: number | null): Floor =>
  ({
    asked: 'GET /health',
    places: { target: 'http://a.test', direct: 'http://b.test' },
    figures: [figuresOf('direct', 0), figuresOf('target', non2xx)],
    gateway: [{ connections: 1, p50Ns: p99Ns === null ? null : 1e6, p99Ns, requestsPerSShare: 0.9 }],
  }) as unknown as Floor

describe('the table of a gateway', () => {
  test('shows differences with their sign', () => {
    expect(floorText(floorOf(0, -2e6), 100)).toMatch(/target − direct +1 +\+1 ms +−2 ms +90 %/)
  })

  test('claims no share of requests/s where the gateway refused them, and says what to do', () => {
    const text = floorText(floorOf(10, null), 100)
    expect(text).toMatch(/target − direct +1 +– +– +–$/m)
    expect(text).toContain('choose a --path that every place serves')
    expect(floorText(floorOf(0, 1e6), 100)).not.toContain('choose a --path')
  })
})
