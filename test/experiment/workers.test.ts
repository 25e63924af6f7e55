import { describe, expect, test } from 'vitest'
import { calibratedCeiling } from '../../src/experiment/ceiling.js'
import { peakEventsPerS } from '../../src/experiment/pace.js'
import { assertTransport } from '../../src/experiment/plan.js'
import { chooseWorkers, workersFor } from '../../src/experiment/workers.js'
import { loadProfile, type Profile, type Setting } from '../../src/profile/index.js'

const profileOf = (values: Readonly<Record<string, unknown>>): Profile => {
  const all = { 'limits.requests': 10, ...values }
  return loadProfile(
    undefined,
    Object.entries(all).map(([path, value]): Setting => ({ path, value, flag: path })),
  )
}

/** 0.6 s of a core a second at 20 µs an event: 30,000 events/s, or 600 streams of 50. */
const CEILING = { streams: 1000, cpuPerEventNs: 20_000, source: 'measured' }

describe('workers for a load', () => {
  test.each([
    ['streams that one carries', 600, 0, CEILING, 1, '600 streams, of which a worker carries about 600'],
    ['one stream more', 601, 0, CEILING, 2, '601 streams'],
    [
      'streams bounded by stamps, not by CPU',
      601,
      0,
      { ...CEILING, streams: 300 },
      3,
      'about 300 (measured)',
    ],
    ['a rate that one carries', 256, 30_000, CEILING, 1, '256 streams'],
    ['a rate of more', 256, 30_001, CEILING, 2, '30,000 events/s, of which a worker carries about 30,000'],
    ['a rate that takes more than the streams', 1200, 100_000, CEILING, 4, '100,000 events/s'],
    ['streams that take more than the rate', 1801, 60_000, CEILING, 4, '1,801 streams'],
    ['no more workers than streams', 3, 1e6, CEILING, 3, '1,000,000 events/s'],
    ['an event that takes all of a core', 2, 0, { ...CEILING, cpuPerEventNs: 1e9 }, 2, '2 streams'],
  ])('%s', (_, streams, eventsPerS, ceiling, workers, says) => {
    const choice = workersFor({ streams, eventsPerS }, ceiling, 64)
    expect(choice).toMatchObject({ workers, wanted: workers })
    expect(choice.reason).toContain(says)
  })

  test.each([
    [4, 3],
    [2, 1],
    [1, 1],
  ])('leave a core of %i to the main thread', (cores, workers) => {
    const choice = workersFor({ streams: 6000, eventsPerS: 0 }, CEILING, cores)
    expect(choice).toMatchObject({ workers, wanted: 10 })
    expect(choice.reason).toContain(`10 workers are wanted, and this machine has cores for ${workers}`)
    expect(choice.because).not.toContain('wanted')
  })

  test('are one, nothing measured, for few streams at a common pace', async () => {
    const choice = await chooseWorkers('auto', { streams: 50, eventsPerS: 2500 }, 'undici')
    expect(choice).toEqual({ workers: 1, wanted: 1, because: '50 streams', reason: '50 streams' })
  })

  test.each([
    [8, 100, 8],
    [8, 3, 3],
    [8, 0, 1],
  ])('are as asked: %i for %i streams are %i', async (asked, streams, workers) => {
    const choice = await chooseWorkers(asked, { streams, eventsPerS: 1e9 }, 'kernel')
    expect(choice).toMatchObject({ workers, reason: 'as asked' })
  })
})

const row = (atS: number, outputTokens: number) => ({ arrivalNs: atS * 1e9, outputTokens })

describe('events a second at the peak', () => {
  test.each<[string, Record<string, unknown>, number, number]>([
    ['none by a closed loop', { load: { kind: 'closed', concurrency: 9 } }, 0, 0],
    ['rate × tokens', { load: { kind: 'poisson', ratePerS: 20 }, 'workload.outputTokens': 50 }, 1000, 0],
    [
      'the fastest stage',
      {
        load: {
          kind: 'stages',
          stages: [
            { durationS: 1, ratePerS: 5 },
            { durationS: 1, ratePerS: 3 },
          ],
        },
        'workload.outputTokens': 10,
      },
      50,
      0,
    ],
    [
      'none by stages of a closed loop',
      { load: { kind: 'stages', stages: [{ durationS: 1, concurrency: 5 }] } },
      0,
      0,
    ],
    // Scatter of a thousand draws: standard deviation of the range / √1000 is below 1 % of the mean.
    [
      'the mean of a range',
      { load: { kind: 'constant', ratePerS: 10 }, 'workload.outputTokens': { uniform: [100, 200] } },
      1500,
      60,
    ],
    [
      'a clipped distribution',
      {
        load: { kind: 'constant', ratePerS: 10 },
        'workload.outputTokens': { normal: { mean: 100, stdDev: 1 }, max: 50 },
      },
      500,
      0,
    ],
    [
      '256 tokens from a file of short or unknown ones',
      { load: { kind: 'constant', ratePerS: 10 }, 'workload.dataset.path': 'prompts.jsonl' },
      2560,
      0,
    ],
    [
      'what the profile asks beside a file, where it is more',
      {
        load: { kind: 'constant', ratePerS: 10 },
        'workload.dataset.path': 'prompts.jsonl',
        'workload.outputTokens': 500,
      },
      5000,
      0,
    ],
  ])('are %s', (_, values, expected, within) => {
    expect(Math.abs(peakEventsPerS(profileOf(values)) - expected)).toBeLessThanOrEqual(within)
  })

  test('are those of the ten seconds of a trace that bring the most tokens', () => {
    const trace = profileOf({ load: { kind: 'trace' }, 'workload.trace.path': 'trace.csv' })
    const rows = [row(0, 100), row(9, 100), row(11, 300), row(18.9, 50), row(40, 400)]
    // From 9 to 18.9 s: 100 + 300 + 50.
    expect(peakEventsPerS(trace, rows)).toBe(45)
    expect(peakEventsPerS(trace)).toBe(0)
  })
})

describe('a calibration', () => {
  const bound = { streams: 100, exceeded: true, eventsPerS: 4500, cpuPerEventNs: 9000 }
  const none = { ...bound, streams: 0, eventsPerS: null, cpuPerEventNs: null }

  test.each([
    ['lowers what a worker carries where it met the limit', bound, 1, 100],
    ['lowers nothing where it ended before the limit', { ...bound, exceeded: false }, 1, 1000],
    ['raises it without a limit', { ...bound, streams: 5000, exceeded: false }, 1, 5000],
    ['held to a finer bound counts', bound, 0.1, 100],
    ['held to a looser bound does not', bound, 2, undefined],
    ['without any load within the bound does not', none, 1, undefined],
  ])('%s', (_, kernel, boundMs, streams) => {
    expect(calibratedCeiling({ bounds: { kernel }, boundMs }, 'kernel')?.streams).toBe(streams)
  })

  test('tells nothing of the other transport, nor does none at all', () => {
    expect(calibratedCeiling({ bounds: { kernel: bound }, boundMs: 1 }, 'undici')).toBeUndefined()
    expect(calibratedCeiling(undefined, 'kernel')).toBeUndefined()
  })
})

test('kernel stamps insisted upon over TLS are refused before the target is asked', () => {
  const tls = { 'target.url': 'https://127.0.0.1:9', 'target.transport': 'kernel' }
  expect(() => assertTransport(profileOf(tls))).toThrow(/kernel stamps cannot be had/)
  expect(() => assertTransport(profileOf({ ...tls, 'target.transport': 'auto' }))).not.toThrow()
})
