import { describe, expect, test } from 'vitest'
import type { Calibration, CalibrationPoint, ErrorFigures } from '../../src/record/index.js'
import { renderCalibration } from '../../src/report/calibration.js'
import { renderCalibrationText } from '../../src/report/calibration-text.js'
import { boundSentence, estimateRatio, reservations } from '../../src/report/calibration-words.js'
import { calibrationChart } from '../../src/report/charts/calibration.js'
import { renderSvg } from '../../src/report/render-svg.js'

const errors = (p99Ms: number): ErrorFigures => ({
  n: 500,
  p50Ms: p99Ms / 4,
  p99Ms,
  maxMs: 2 * p99Ms,
  biasMs: -p99Ms / 8,
})

function pointOf(
  transport: CalibrationPoint['transport'],
  streams: number,
  over: Partial<CalibrationPoint> = {},
): CalibrationPoint {
  const scale = transport === 'kernel' ? 0.004 : 0.4
  return {
    transport,
    shape: 'plain',
    streams,
    eventsPerS: 50,
    requests: streams,
    failed: 0,
    joined: 50 * streams,
    unjoined: 0,
    stamp: errors(scale * streams),
    ttft: errors(scale * streams),
    gap: errors(2 * scale * streams),
    canary: {
      stamp: errors(scale * streams * 1.5),
      ttft: errors(scale * streams),
      gap: errors(scale * streams),
    },
    coalescedShare: 0,
    lateCoalescedShare: 0,
    latenessP99Ms: 1.5,
    load: { cpuShare: 0.2, coreWaitShare: 0.01, deliveredPerS: 45 * streams, cpuPerEventNs: 11_500 },
    truth: { arrivalsByLoop: 0, heldUpWrites: 0, slowWrites: 0, unlogged: 0 },
    ...over,
  }
}

const calibration: Calibration = {
  format: 1,
  tool: { name: 'falloff', version: '0.1.0' },
  command: 'falloff calibrate',
  madeAtUtc: '2026-11-21T05:13:00.000Z',
  machine: {
    node: 'v20.20.2',
    platform: 'linux 6.1.0 x64',
    cpuModel: 'A <Processor>',
    cpus: 2,
    memoryBytes: 8e9,
  },
  boundMs: 1,
  workers: 1,
  points: [
    pointOf('kernel', 1),
    pointOf('kernel', 100),
    pointOf('kernel', 50, { shape: 'jittered', unjoined: 3 }),
    pointOf('undici', 1),
    pointOf('undici', 100),
  ],
  bounds: {
    kernel: { streams: 100, exceeded: false, eventsPerS: 4500, cpuPerEventNs: 11_500 },
    undici: { streams: 1, exceeded: true, eventsPerS: 45, cpuPerEventNs: 900_000 },
  },
}
const at = (i: number): CalibrationPoint => calibration.points[i] ?? pointOf('kernel', 1)

describe('a calibration in words', () => {
  test.each<[string, Calibration['bounds'], string]>([
    [
      'names what each transport carries, and where that was only the most measured',
      calibration.bounds,
      'Within 1 ms a worker carries at least 100 streams with stamps of the kernel, and 1 stream with stamps of the event loop.',
    ],
    [
      'says none where one of them carries nothing',
      {
        ...calibration.bounds,
        undici: { streams: 0, exceeded: true, eventsPerS: null, cpuPerEventNs: null },
      },
      'Within 1 ms a worker carries at least 100 streams with stamps of the kernel, and none with stamps of the event loop.',
    ],
    [
      'says so where nothing stayed within the bound',
      { undici: { streams: 0, exceeded: true, eventsPerS: null, cpuPerEventNs: null } },
      'No load stayed within 1 ms.',
    ],
  ])('%s', (_, bounds, expected) => {
    expect(boundSentence({ ...calibration, bounds })).toBe(expected)
  })

  test('the canary is held against the truth at p99', () => {
    expect(estimateRatio(at(1), 'stamp')).toBeCloseTo(1.5, 12)
    expect(estimateRatio(at(1), 'gap')).toBeCloseTo(0.5, 12)
    expect(estimateRatio({ ...at(1), gap: null }, 'gap')).toBeNull()
    expect(estimateRatio({ ...at(1), gap: { ...errors(1), p99Ms: 0 } }, 'gap')).toBeNull()
  })

  test('what speaks against the figures is said', () => {
    const load = { cpuShare: 0.2, coreWaitShare: 0.3, deliveredPerS: 1, cpuPerEventNs: 1 }
    const truth = { arrivalsByLoop: 7, heldUpWrites: 1, slowWrites: 0, unlogged: 0 }
    const points = [at(0), pointOf('kernel', 10, { load, truth, failed: 2 })]
    expect(
      reservations({ ...calibration, points }).map((text) => text.split(' ').slice(0, 3).join(' ')),
    ).toEqual(['2 measured requests', '1 write of', '7 arrivals came', 'At 1 point'])
    expect(reservations({ ...calibration, points: [at(0)] })).toEqual([])
  })

  test('the terminal gets a line a point, figures in the unit that reads best', () => {
    const lines = renderCalibrationText(calibration).split('\n')
    const [first, second] = lines.filter((line) => line.startsWith('kernel, 100 × 50/s'))
    expect(first?.split(/\s{2,}/)).toEqual([
      'kernel, 100 × 50/s',
      ...['100 µs', '400 µs', '800 µs', '−50 µs'],
      ...['100 µs', '400 µs', '800 µs', '−50 µs'],
      ...['200 µs', '800 µs', '1.6 ms', '−100 µs'],
      ...['5,000', '0'],
    ])
    expect(second?.split(/\s{2,}/)).toEqual([
      'kernel, 100 × 50/s',
      ...['600 µs', '× 1.5', '400 µs', '× 1', '400 µs', '× 0.5'],
      ...['0 %', '0 %', '4,500', '20 %', '1 %', '11.5 µs', '1.5 ms'],
    ])
    expect(lines.filter((line) => line.startsWith('kernel, 50 × 50/s, jittered'))).toHaveLength(2)
    expect(lines.some((line) => line.startsWith('note') && line.includes('3 chunks'))).toBe(true)
  })
})

describe('a calibration as a page', () => {
  test('is one file that asks for nothing, the same bytes every time', async () => {
    const page = await renderCalibration(calibration)
    expect(page).toBe(await renderCalibration(calibration))
    expect(page).not.toMatch(/<(?:link|img|iframe)\b|\bsrc=|url\(/)
    expect(page).toContain('A &lt;Processor&gt;')
    expect(page).toContain('kernel, 50 × 50/s, jittered')
  })

  test('can be drawn where nothing was measured', async () => {
    const page = await renderCalibration({ ...calibration, points: [], bounds: {} })
    expect(page).toContain('Nothing was measured.')
  })

  test.each([true, false])(
    'an error of nothing, or none at all, leaves the chart whole (narrow: %s)',
    async (narrow) => {
      const points = [
        pointOf('kernel', 1, { gap: errors(0), canary: { stamp: null, ttft: null, gap: null } }),
        pointOf('kernel', 10, { ttft: null }),
      ]
      const svg = await renderSvg(calibrationChart([{ transport: 'kernel', points }], 1, narrow))
      expect(svg).toContain('kernel p99')
      expect(svg).not.toMatch(/NaN|Infinity/)
    },
  )
})
