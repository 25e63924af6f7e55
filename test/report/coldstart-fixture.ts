import { coldCosts, coldFigures, coldPhases } from '../../src/analyse/coldstart.js'
import type { ColdStart, ColdStartReport, ScaleStretch, StartPhase } from '../../src/record/index.js'

const S = 1e9

const TOLD = [
  ['process', 0.4],
  ['import', 8],
  ['weights', 2],
  ['profiling', 3],
  ['compile', 1],
  ['kv-cache', 0.5],
  ['serving', 0.6],
] as const

/** A start whose phases all take so many times as long. */
export function coldStartOf(times: number, over: Partial<ColdStart> = {}): ColdStart {
  let fromS = 0
  const phases: StartPhase[] = TOLD.map(([name, lengthS]) => {
    const phase = { name, fromS, toS: fromS + lengthS * times, ...(name === 'weights' && { bytes: 4e9 }) }
    fromS = phase.toS
    return phase
  })
  const healthyNs = Math.round(fromS * S)
  const firstTokenNs = healthyNs + 0.25 * S
  const requests = Array.from({ length: 60 }, (_, i) => {
    const atNs = (i / 2) * S
    const answered = atNs >= healthyNs
    return { atNs, tookNs: answered ? 0.08 * S : 0.002 * S, answered }
  })
  const arrived = requests.filter(({ answered }) => !answered).length
  return {
    run: 'start-1',
    commandNs: 0.5 * S,
    phases: coldPhases(phases, healthyNs, firstTokenNs),
    portOpenNs: healthyNs - 0.02 * S,
    healthyNs,
    firstTokenNs,
    steady: {
      atNs: firstTokenNs + 2 * S,
      ...{ finalP95Ns: 0.09 * S, finalN: 40, boundNs: 0.099 * S, rising: false, windowNs: 4 * S },
    },
    arrivals: {
      ...{ arrived, failed: arrived, failures: [{ code: 'refused', count: arrived }], answered: 0 },
      ...{ waitP50Ns: null, waitMaxNs: null, attempts: arrived, refusedAttempts: arrived },
      misses: { arrived: arrived + 4, failed: arrived, late: 1 },
    },
    requests,
    cache: { files: 3, bytes: 4e9, residentBytes: 0, drop: { done: true } },
    ...over,
  }
}

const stretch = (over: Partial<ScaleStretch>): ScaleStretch => ({
  ...{ fromS: 0, toS: 10, arrived: 40, failed: 0, ttftP95Ms: 900, completedPerS: 4, outputTokensPerS: 64 },
  ...over,
})

export function coldReport(over: Partial<ColdStartReport> = {}): ColdStartReport {
  const starts = [coldStartOf(1), coldStartOf(1.1), coldStartOf(1.3)]
  const figures = coldFigures(starts)
  return {
    format: 1,
    tool: { name: 'falloff', version: '0.0.0' },
    name: 'chat',
    command: 'falloff coldstart chat --engine vllm --model m',
    startedAtUtc: '2026-01-01T00:00:00.000Z',
    endedAtUtc: '2026-01-01T00:10:00.000Z',
    machine: { node: 'v20', platform: 'linux', cpuModel: 'a processor', cpus: 2, memoryBytes: 8e9 },
    engine: { kind: 'vllm', commandLine: 'vllm serve m', version: '0.32.0' },
    load: { words: 'poisson arrivals, 2 a second', duringStart: true, retry: 'none' },
    objective: 'ttft p95 <= 500 ms',
    settleS: 20,
    dropped: true,
    starts,
    failedStarts: [{ number: 4, message: 'vLLM did not start: it ended with code 1' }],
    figures,
    scaleOut: {
      run: 'scale-out',
      front: [{ connections: 1, p50Ns: 300_000, p99Ns: 700_000 }],
      ...{ commandS: 10, joinedS: 26, helpedAfterS: 18, windowS: 4 },
      before: stretch({}),
      during: stretch({ fromS: 10, toS: 26, ttftP95Ms: 1_200 }),
      after: stretch({ fromS: 26, toS: 46, ttftP95Ms: 95, completedPerS: 6 }),
      course: [1, 5, 10, 20, 30, 40].map((atS) => ({ atS, p95Ms: atS < 27 ? 1_000 : 95, n: 12 })),
      ...{ passed: [80, 40], retried: 0 },
    },
    costs: coldCosts({ usdPerHour: 2, usdPerMiss: 0.01, startsPerDay: 10 }, figures?.missed?.mean ?? null),
    notes: ['A rehearsal came first.'],
    interrupted: false,
    ...over,
  }
}
