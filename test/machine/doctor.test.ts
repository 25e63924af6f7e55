import { describe, expect, test } from 'vitest'
import type { Check, Evidence } from '../../src/machine/doctor/check.js'
import { judgeMachine } from '../../src/machine/doctor/examine.js'
import { measureLoopback, measureTimers } from '../../src/machine/doctor/measure.js'
import { DEFAULT_STREAMS, needOf } from '../../src/machine/doctor/need.js'
import { inspectMachine, type MachineState } from '../../src/machine/inspect.js'
import { loadProfile, type Setting } from '../../src/profile/index.js'

/** A machine that is fit for a thousand streams to another one. */
const FIT: Evidence = {
  facts: {
    nodeVersion: 'v22.12.0',
    cores: 8,
    quotaCores: Number.POSITIVE_INFINITY,
    openFiles: { soft: 65_536, hard: 65_536 },
    ports: { first: 32_768, last: 60_999, inUse: 10 },
    somaxconn: 4096,
    clockSource: 'tsc',
    governors: ['performance'],
    throttledNs: 0,
    thermalThrottles: 0,
    stealShare: 0.001,
    memory: { availableBytes: 8e9, swapUsedBytes: 0 },
    autogroup: false,
    load: 0.2,
    pressureShare: 0.001,
  },
  need: { streams: 1000, ratePerS: undefined, local: false, targetPort: 8000 },
  stamps: { available: true },
  workers: { wanted: 1, because: '1,000 streams' },
  timers: { timeout: { p50Ns: 1e5, p99Ns: 3e5 }, arrival: { p50Ns: 2e3, p99Ns: 8e4 } },
  loopback: { roundTripsPerS: 100_000, p50Ns: 5e4, p99Ns: 2e5 },
}

interface Change {
  readonly facts?: Partial<MachineState>
  readonly need?: Partial<Evidence['need']>
  readonly stamps?: Evidence['stamps']
  readonly workers?: Evidence['workers']
  readonly arrivalP99Ns?: number
  readonly loopback?: Evidence['loopback']
}

const evidenceWith = ({ facts, need, arrivalP99Ns, ...rest }: Change): Evidence => ({
  ...FIT,
  ...rest,
  facts: { ...FIT.facts, ...facts },
  need: { ...FIT.need, ...need },
  timers:
    arrivalP99Ns === undefined ? FIT.timers : { ...FIT.timers, arrival: { p50Ns: 2e3, p99Ns: arrivalP99Ns } },
})

const checkOf = (evidence: Evidence, name: string): Check => {
  const found = judgeMachine(evidence).checks.find((check) => check.name === name)
  if (!found) throw new Error(`no check named ${name}`)
  return found
}

const LOOP = { available: false, reason: 'not Linux' } as const

/** One thing is changed at a time; `says` stands in what to change, or in what was seen where nothing is to be changed. */
const CASES: readonly (readonly [
  what: string,
  name: string,
  change: Change,
  verdict: string,
  says: string,
])[] = [
  [
    'a core short of a worker, the observer and the server',
    'cores',
    { facts: { cores: 2 }, need: { local: true } },
    'warning',
    'more cores',
  ],
  [
    'one core for client and server',
    'cores',
    { facts: { cores: 1 }, need: { local: true } },
    'problem',
    'more cores',
  ],
  ['one core for a client alone', 'cores', { facts: { cores: 1 } }, 'warning', 'more cores'],
  ['two cores for one worker and the observer', 'cores', { facts: { cores: 2 } }, 'ok', '2 cores'],
  [
    'ten workers on eight cores',
    'cores',
    { workers: { wanted: 10, because: '' } },
    'warning',
    'fewer streams',
  ],
  [
    'a core short of five workers and the observer',
    'cores',
    { facts: { cores: 5 }, workers: { wanted: 5, because: '1,000 streams' } },
    'warning',
    'more cores',
  ],
  ['a control group that grants half a core', 'cores', { facts: { quotaCores: 0.5 } }, 'problem', 'cpu.max'],
  ['a system without control groups', 'cores', { facts: { quotaCores: undefined } }, 'ok', '8 cores'],

  [
    'as many files as are needed',
    'open files',
    { facts: { openFiles: { soft: 1200, hard: 1200 } } },
    'ok',
    '1,200',
  ],
  [
    'one file too few, and no more to be had',
    'open files',
    { facts: { openFiles: { soft: 1199, hard: 1199 } } },
    'problem',
    'ulimit -Hn 1200',
  ],
  [
    'too few files, more to be had',
    'open files',
    { facts: { openFiles: { soft: 1024, hard: 4096 } } },
    'problem',
    'ulimit -n 1200',
  ],
  [
    'no limit',
    'open files',
    { facts: { openFiles: { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY } } },
    'ok',
    'no limit',
  ],
  [
    'a system that does not tell',
    'open files',
    { facts: { openFiles: undefined } },
    'not told',
    'does not tell',
  ],

  [
    'a range of just enough ports',
    'local ports',
    { facts: { ports: { first: 40_000, last: 40_999, inUse: 0 } } },
    'warning',
    'ip_local_port_range',
  ],
  [
    'one of them in use',
    'local ports',
    { facts: { ports: { first: 40_000, last: 40_999, inUse: 1 } } },
    'problem',
    'ip_local_port_range',
  ],
  [
    'twice as many',
    'local ports',
    { facts: { ports: { first: 40_000, last: 41_999, inUse: 0 } } },
    'ok',
    '2,000 free',
  ],

  [
    'a short backlog on this machine',
    'listen backlog',
    { facts: { somaxconn: 128 }, need: { local: true } },
    'warning',
    'somaxconn=1024',
  ],
  [
    'a short backlog here, the server elsewhere',
    'listen backlog',
    { facts: { somaxconn: 128 } },
    'ok',
    '128',
  ],
  [
    'a short backlog, and no word of where the server is',
    'listen backlog',
    { facts: { somaxconn: 128 }, need: { local: undefined } },
    'warning',
    'restart the server',
  ],

  // 200 MB, 60 MB for the one worker, 25 MB for its streams.
  [
    'memory for the load and no more',
    'memory',
    { facts: { memory: { availableBytes: 285e6, swapUsedBytes: 0 } } },
    'warning',
    'memory',
  ],
  [
    'memory for less than the load',
    'memory',
    { facts: { memory: { availableBytes: 284e6, swapUsedBytes: 0 } } },
    'problem',
    'memory',
  ],
  [
    'swap in use',
    'swap',
    { facts: { memory: { availableBytes: 8e9, swapUsedBytes: 100e6 } } },
    'warning',
    'swapoff',
  ],
  [
    'pages that nobody asks for',
    'swap',
    { facts: { memory: { availableBytes: 8e9, swapUsedBytes: 1e6 } } },
    'ok',
    'in use',
  ],

  ['the oldest Node', 'Node', { facts: { nodeVersion: 'v20.19.0' } }, 'ok', 'v20.19.0'],
  ['one before it', 'Node', { facts: { nodeVersion: 'v20.18.3' } }, 'problem', 'install'],
  [
    'a newer one with a smaller minor version',
    'Node',
    { facts: { nodeVersion: 'v24.1.0' } },
    'ok',
    'v24.1.0',
  ],

  [
    'loop stamps, the streams spread over five cores',
    'kernel stamps',
    { stamps: LOOP, workers: { wanted: 5, because: '' } },
    'warning',
    '200 streams',
  ],
  [
    'loop stamps, a thousand streams on the one core there is',
    'kernel stamps',
    { stamps: LOOP, facts: { cores: 2 }, workers: { wanted: 5, because: '' } },
    'problem',
    '200 streams',
  ],
  [
    'loop stamps, as asked',
    'kernel stamps',
    { stamps: { ...LOOP, asked: 'undici' }, need: { streams: 10 } },
    'warning',
    'leave out --transport undici',
  ],
  [
    'kernel stamps insisted upon, and not to be had',
    'kernel stamps',
    { stamps: { ...LOOP, asked: 'kernel' }, need: { streams: 10 } },
    'problem',
    'leave out --transport kernel',
  ],

  ['timers at their aim', 'timers', { arrivalP99Ns: 1e6 }, 'ok', 'p99 1 ms'],
  ['timers that make sends late', 'timers', { arrivalP99Ns: 3e6 }, 'warning', 'quieter'],
  ['timers of a machine that stands still', 'timers', { arrivalP99Ns: 30e6 }, 'problem', 'quieter'],

  [
    'a loopback that takes ten times the rate',
    'loopback',
    { need: { ratePerS: 10_000 } },
    'ok',
    '100,000 round trips/s',
  ],
  ['a loopback that does not', 'loopback', { need: { ratePerS: 10_001 } }, 'warning', 'quieter'],
  [
    'a loopback with pauses',
    'loopback',
    { loopback: { roundTripsPerS: 5e4, p50Ns: 5e4, p99Ns: 6e6 } },
    'warning',
    'quieter',
  ],
  ['no loopback', 'loopback', { loopback: null }, 'not told', 'does not tell'],

  ['a clock read from a device', 'clock source', { facts: { clockSource: 'hpet' } }, 'warning', 'tsc'],

  [
    'one core that saves power',
    'CPU governor',
    { facts: { governors: ['performance', 'powersave'] } },
    'warning',
    'cpupower',
  ],
  ['a virtual machine', 'CPU governor', { facts: { governors: [] } }, 'not told', 'does not tell'],

  ['a group that never was throttled', 'throttling', {}, 'ok', 'control group: never throttled'],
  ['a group that was throttled', 'throttling', { facts: { throttledNs: 5e8 } }, 'warning', 'CPU limit'],
  [
    'a core that was too hot',
    'throttling',
    { facts: { throttledNs: undefined, thermalThrottles: 3 } },
    'warning',
    'cool',
  ],
  [
    'neither told',
    'throttling',
    { facts: { throttledNs: undefined, thermalThrottles: undefined } },
    'not told',
    'does not tell',
  ],

  ['a hypervisor that takes its share', 'steal', { facts: { stealShare: 0.03 } }, 'warning', 'dedicated'],
  ['a machine with work to do', 'load now', { facts: { load: 5 } }, 'warning', 'top'],
  ['a machine whose tasks wait', 'load now', { facts: { pressureShare: 0.2 } }, 'warning', 'top'],

  [
    'cores shared out by session, the server here',
    'sched_autogroup',
    { facts: { autogroup: true }, need: { local: true } },
    'warning',
    'sched_autogroup_enabled=0',
  ],
  [
    'cores shared out by session, the server elsewhere',
    'sched_autogroup',
    { facts: { autogroup: true } },
    'ok',
    'on',
  ],
]

describe('the checks', () => {
  test.each(CASES)('%s: %s', (_, name, change, verdict, says) => {
    const found = checkOf(evidenceWith(change), name)
    expect(found.verdict).toBe(verdict)
    expect(found.change ?? found.seen).toContain(says)
    expect(found.change === null).toBe(verdict === 'ok' || verdict === 'not told')
  })

  test('the reason for the workers stands with their number', () => {
    const workers = { wanted: 3, because: '40,000 events/s' }
    expect(checkOf(evidenceWith({ workers, need: { local: true } }), 'cores').wanted).toBe(
      '5: 3 workers, 1 observer, 1 or more for the server; 40,000 events/s',
    )
  })

  test('the machine of the table is fit, with nothing to change', () => {
    const { fit, checks } = judgeMachine(FIT)
    expect(fit).toBe(true)
    expect(checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    // Every check of it stands in the table.
    expect(new Set(checks.map(({ name }) => name))).toEqual(new Set(CASES.map(([, name]) => name)))
  })

  test.each([
    ['a problem is unfit', { openFiles: { soft: 256, hard: 256 } }, false],
    ['a warning is fit', { governors: ['powersave'] }, true],
    ['what is not told is fit', { memory: undefined, ports: undefined, openFiles: undefined }, true],
  ])('%s', (_, facts, fit) => {
    expect(judgeMachine(evidenceWith({ facts })).fit).toBe(fit)
  })

  test('a system that tells nothing is judged by what Node knows', () => {
    const facts = {
      nodeVersion: 'v22.12.0',
      cores: 8,
      governors: [],
    } as Partial<MachineState> as MachineState
    const { fit, checks } = judgeMachine({ ...FIT, facts })
    expect(fit).toBe(true)
    expect(checks.filter(({ verdict }) => verdict === 'ok').map(({ name }) => name)).toEqual([
      'cores',
      'Node',
      'kernel stamps',
      'timers',
      'loopback',
    ])
  })
})

const set = (path: string, value: unknown): Setting => ({ path, value, flag: path })
const STAGES = {
  kind: 'stages',
  stages: [
    { durationS: 1, concurrency: 4 },
    { durationS: 1, concurrency: 30 },
  ],
}
const RATES = {
  kind: 'stages',
  stages: [
    { durationS: 1, ratePerS: 4 },
    { durationS: 1, ratePerS: 2.5 },
  ],
}

describe('what a profile needs', () => {
  test.each([
    [
      'a closed loop',
      [set('load', { kind: 'closed', concurrency: 64 })],
      { streams: 64, ratePerS: undefined },
    ],
    [
      'an open loop: ten seconds of arrivals',
      [set('load', { kind: 'poisson', ratePerS: 12.5 })],
      { streams: 125, ratePerS: 12.5 },
    ],
    [
      'an open loop, up to what may be in flight',
      [set('load', { kind: 'constant', ratePerS: 900 })],
      { streams: 4096, ratePerS: 900 },
    ],
    ['the highest stage', [set('load', STAGES)], { streams: 30, ratePerS: undefined }],
    ['the fastest stage', [set('load', RATES)], { streams: 40, ratePerS: 4 }],
    [
      'a target on this machine',
      [set('target.url', 'http://localhost:8000/x')],
      { local: true, targetPort: 8000 },
    ],
    ['a target by its address', [set('target.url', 'http://[::1]')], { local: true, targetPort: 80 }],
    ['a target elsewhere', [set('target.url', 'https://api.example.com')], { local: false, targetPort: 443 }],
    [
      'a name that only begins like this machine',
      [set('target.url', 'http://127.0.0.1.example.com')],
      { local: false },
    ],
    ['no target', [], { local: undefined, targetPort: undefined }],
    [
      'an engine that falloff starts',
      [set('engine.description', 'llama-3-8b-h100')],
      { local: true, targetPort: undefined },
    ],
  ])('%s', (_, settings, expected) => {
    const profile = loadProfile(undefined, [...settings, set('limits.requests', 1)])
    expect(needOf(profile)).toMatchObject(expected)
    expect(needOf(profile, DEFAULT_STREAMS).streams).toBe(DEFAULT_STREAMS)
  })
})

describe('this machine', () => {
  test('can be read and measured, with percentiles in order', async () => {
    const facts = inspectMachine(8000)
    expect(facts.nodeVersion).toBe(process.version)
    expect(facts.cores).toBeGreaterThan(0)
    const { timeout, arrival } = await measureTimers()
    const loopback = await measureLoopback()
    if (!loopback) throw new Error('no loopback')
    // A wait that ends early would be a request sent early.
    expect(arrival.p50Ns).toBeGreaterThanOrEqual(0)
    for (const { p50Ns, p99Ns } of [timeout, arrival, loopback]) expect(p99Ns).toBeGreaterThanOrEqual(p50Ns)
    expect(loopback.p50Ns).toBeGreaterThan(0)
    expect(loopback.roundTripsPerS).toBeGreaterThan(0)
  })
})
