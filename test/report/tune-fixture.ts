import type { Timeline } from '../../src/analyse/index.js'
import type {
  LaunchRecord,
  TuneCheck,
  TuneManifest,
  TuneSetting,
  TuneStart,
  TuneTrial,
  TuneVerdict,
} from '../../src/record/index.js'
import type { TuneInput } from '../../src/report/index.js'
import { manifest, pointAt, timeline } from './fixtures.js'

/** Where a made-up engine with so many sequences begins to miss its objectives, in requests/s. */
const BORDERS: Readonly<Record<number, number>> = { 16: 5.6, 32: 8.4, 48: 9.9, 64: 9.4, 96: 7.6, 256: 6.1 }
const OBJECTIVES = ['ttft p99 <= 800 ms', 'chunkGap p99 <= 60 ms', 'errorRate <= 1 %']

/** Builds the journal of a search as it goes: every start and every trial takes engine time after the one before. */
class Search {
  atS = 0
  readonly trials: TuneTrial[] = []

  start(seqs: number, seconds = 38): TuneStart {
    const atS = this.#spend(seconds)
    return {
      kind: 'started',
      startedAtUtc: utcAt(atS),
      atS,
      seconds,
      facts: {
        version: '0.12.3',
        kvCacheTokens: 20_160,
        kvBlocks: 1260,
        maxConcurrency: 4.92,
        maxModelLen: 4096,
        maxNumSeqs: seqs,
        maxNumBatchedTokens: 2048,
        dtype: 'bfloat16',
        attentionBackend: 'FLASH_ATTN',
      },
      capacity: {
        kvTokens: 20_160,
        heldTokens: 612,
        fits: 31,
        predictedRunning: Math.min(seqs, 31),
        measuredRunning: Math.min(seqs, 29),
        predictedKvTokens: 21_400,
      },
    }
  }

  fail(seconds: number): TuneStart {
    const atS = this.#spend(seconds)
    return {
      kind: 'failed',
      startedAtUtc: utcAt(atS),
      atS,
      seconds,
      cause: 'out-of-memory',
      message: 'the memory of the device was not enough for the warm-up batch',
      hint: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.\nLower max-num-seqs, or gpu-memory-utilization.',
    }
  }

  trial(
    setting: string,
    seqs: number,
    load: number,
    purpose: TuneTrial['purpose'],
    round: number | null,
    planned = 700,
  ): string {
    const seconds = planned / load + 12
    const atS = this.#spend(seconds)
    const id = `t${this.trials.length + 1}`
    const verdict = verdictAt(seqs, load)
    this.trials.push({
      id,
      setting,
      purpose,
      round,
      run: `runs/${id}`,
      startedAtUtc: utcAt(atS),
      atS,
      seconds,
      load: { kind: 'open', value: load },
      planned,
      judged: planned - 6,
      figures: figuresAt(seqs, load, planned),
      checks: OBJECTIVES.map((objective) => checkAt(objective, verdict, planned)),
      verdict,
      rising: load > (BORDERS[seqs] ?? 6) * 1.5,
      p99: null,
    })
    return id
  }

  #spend(seconds: number): number {
    const atS = this.atS
    this.atS += seconds
    return atS
  }
}

const utcAt = (atS: number): string => new Date(Date.UTC(2026, 10, 21, 9) + atS * 1000).toISOString()

function verdictAt(seqs: number, load: number): TuneVerdict {
  const strain = load / (BORDERS[seqs] ?? 6)
  if (strain > 1.06) return 'fail'
  return strain < 0.97 ? 'pass' : 'undecided'
}

function figuresAt(seqs: number, load: number, planned: number): TuneTrial['figures'] {
  const strain = load / (BORDERS[seqs] ?? 6)
  const over = Math.max(0, strain - 1)
  const good = Math.max(0.3, 1 - 1.4 * over) - 0.006
  return {
    requestsPerS: load * 0.99,
    goodputPerS: load * good,
    goodShare: good,
    outputTokensPerS: load * 198,
    ttftP50Ms: 90 + 60 * strain + 900 * over,
    ttftP99Ms: 240 + 420 * strain ** 4 + 4000 * over,
    tpotP50Ms: 18 + seqs / 14,
    tpotP99Ms: 22 + seqs / 8,
    gapP99Ms: 24 + seqs / 5 + 30 * over,
    kvUsageMax: Math.min(1, 0.2 + 0.62 * strain * Math.min(1, seqs / 40)),
    runningMax: Math.min(seqs, Math.round(4 * load)),
    waitingMean: Math.max(0, load * 3 - Math.min(seqs, 29)) / 3,
    preemptions: seqs > 40 ? Math.round(planned * 0.4 * over + (seqs > 90 ? 12 * strain : 0)) : 0,
  }
}

function checkAt(objective: string, verdict: TuneVerdict, n: number): TuneCheck {
  const missed = verdict === 'fail' ? 31 : verdict === 'pass' ? 0 : 8
  const is = objective.startsWith('ttft') ? verdict : 'pass'
  return {
    objective,
    n,
    missed: is === 'pass' ? 0 : missed,
    allowed: 0.01,
    designEffect: objective.startsWith('chunk') ? 2.4 : 1.1,
    low: is === 'fail' ? 0.026 : 0,
    high: is === 'pass' ? 0.0071 : 0.064,
    verdict: is,
  }
}

interface Planned {
  readonly id: string
  readonly seqs: number
  readonly loads: readonly number[]
  readonly purpose: TuneTrial['purpose']
  readonly round: number
}

const PLAN: readonly Planned[] = [
  { id: 's1', seqs: 256, loads: [6, 9, 7.35, 5, 6.6], purpose: 'diagnosis', round: 0 },
  { id: 's2', seqs: 16, loads: [6.18], purpose: 'race', round: 1 },
  { id: 's3', seqs: 32, loads: [6.18, 9.27, 7.57, 8.4], purpose: 'race', round: 1 },
  { id: 's4', seqs: 64, loads: [8.6, 12.9, 10.5, 9.5, 9.2], purpose: 'race', round: 1 },
  { id: 's6', seqs: 48, loads: [9.48, 10.9, 10.2, 9.5], purpose: 'race', round: 2 },
  { id: 's7', seqs: 96, loads: [9.48], purpose: 'race', round: 2 },
]

function settingOf(
  id: string,
  seqs: number,
  starts: readonly TuneStart[],
  over: Partial<TuneSetting> = {},
): TuneSetting {
  const isDefault = id === 's1'
  return {
    id,
    label: isDefault ? 'default' : `max-num-seqs ${seqs}`,
    values: { maxNumSeqs: seqs },
    given: isDefault ? {} : { maxNumSeqs: seqs },
    hash: `${id}${'0'.repeat(62)}`,
    isDefault,
    starts,
    held: null,
    value: null,
    out: null,
    ...over,
  }
}

const held = (holds: number, pass: number | null, fail: number | null, undecided: number[] = []) => ({
  load: 'open' as const,
  holds,
  pass,
  fail,
  undecided,
  nonMonotone: false,
})

/** A search over max_num_seqs that found 48 better than the default of 256, with one start that failed. */
export function tuned(): TuneManifest {
  const search = new Search()
  const starts = new Map<string, TuneStart[]>()
  const up = (id: string, seqs: number) =>
    starts.set(id, [...(starts.get(id) ?? []), search.start(seqs, 36 + seqs / 40)])
  for (const { id, seqs, loads, purpose, round } of PLAN) {
    if (id === 's6') starts.set('s5', [search.fail(21)])
    up(id, seqs)
    for (const load of loads) search.trial(id, seqs, load, purpose, round)
  }
  const pairs = [0, 1, 2, 3].map((i) => {
    up('s1', 256)
    const defaultTrial = search.trial('s1', 256, 5.9, 'confirm', null, 1400)
    up('s6', 48)
    const bestTrial = search.trial('s6', 48, 9.5, 'confirm', null, 1400)
    const first = i % 2 === 0 ? ('default' as const) : ('best' as const)
    return {
      defaultTrial,
      bestTrial,
      defaultValue: 5.8 + 0.05 * i,
      bestValue: 9.3 + 0.08 * ((i * 2) % 3),
      first,
    }
  })
  const of = (id: string): readonly TuneStart[] => starts.get(id) ?? []
  const beaten = (round: number, text: string) => ({
    round,
    reason: 'beaten' as const,
    text,
    interval: { value: 5.6, low: 0, high: 6.18 },
    leader: { setting: 's1', interval: { value: 6, low: 5, high: 6.6 } },
  })
  return {
    format: 1,
    tool: { name: 'falloff', version: '0.1.0' },
    name: 'chat',
    command: 'falloff tune chat --engine vllm --vary max-num-seqs=16..512 --budget 90',
    startedAtUtc: utcAt(0),
    endedAtUtc: utcAt(search.atS + 40),
    workloadHash: 'c0ffee'.repeat(10),
    engine: { kind: 'vllm', model: 'mistral-7b', settings: { gpuMemoryUtilization: 0.9 } },
    goal: { kind: 'goodput', unit: 'requests/s', more: true },
    objectives: OBJECTIVES,
    plan: 'adaptive',
    level: 0.05,
    budgetS: 5400,
    knobs: [
      { name: 'maxNumSeqs', flag: '--max-num-seqs', values: [16, 32, 48, 64, 96, 256, 512], default: 256 },
    ],
    settings: [
      settingOf('s1', 256, of('s1'), {
        held: held(6, 5, 6.6),
        value: { value: 5.96, low: 4.97, high: 6.56 },
      }),
      settingOf('s2', 16, of('s2'), {
        held: { load: 'open', holds: null, pass: null, fail: 6.18, undecided: [], nonMonotone: false },
        out: beaten(1, 'fails at 6.18 requests/s: 31 of 700 missed ttft p99 <= 800 ms'),
      }),
      settingOf('s3', 32, of('s3'), {
        held: held(8.4, 7.57, 9.27, [8.4]),
        value: { value: 8.26, low: 7.4, high: 9.1 },
        out: {
          round: 1,
          reason: 'worse',
          text: 'holds 8.4, no better than 64 with 9.2',
          interval: null,
          leader: null,
        },
      }),
      settingOf('s4', 64, of('s4'), {
        held: held(9.2, 8.6, 10.5, [9.5, 9.2]),
        value: { value: 9.1, low: 8.5, high: 10.4 },
        out: {
          round: 2,
          reason: 'worse',
          text: 'holds 9.2, no better than 48 with 9.5',
          interval: null,
          leader: null,
        },
      }),
      settingOf('s5', 512, of('s5'), {
        out: {
          round: 2,
          reason: 'no-start',
          text: 'did not start: out-of-memory',
          interval: null,
          leader: null,
        },
      }),
      settingOf('s6', 48, of('s6'), {
        held: held(9.5, 9.5, 10.9, [10.2]),
        value: { value: 9.4, low: 9.4, high: 10.6 },
      }),
      settingOf('s7', 96, of('s7'), {
        held: { load: 'open', holds: null, pass: null, fail: 9.48, undecided: [], nonMonotone: false },
        out: beaten(2, 'fails at 9.48 requests/s: 31 of 700 missed ttft p99 <= 800 ms'),
      }),
      settingOf('s8', 40, []),
    ],
    trials: search.trials,
    rounds: [
      {
        index: 0,
        purpose: 'diagnosis',
        settings: ['s1'],
        requests: 700,
        leader: 's1',
        out: [],
        note: 'requests are preempted',
      },
      {
        index: 1,
        purpose: 'race',
        settings: ['s2', 's3', 's4'],
        requests: 700,
        leader: 's4',
        out: ['s2', 's3'],
        note: 'max-num-seqs 64 leads',
      },
      {
        index: 2,
        purpose: 'neighbours',
        settings: ['s5', 's6', 's7'],
        requests: 700,
        leader: 's6',
        out: ['s4', 's5', 's7'],
        note: 'max-num-seqs 48 leads',
      },
    ],
    diagnosis: {
      cause: 'kv-cache',
      sentence: 'The KV cache is full: requests are preempted and computed again.',
      strength: 0.9,
      evidence: [
        { text: 'KV cache at 100 % from 6.6 requests/s on (82 % at 5)', supports: true },
        { text: '0.09 preemptions per request at 7.35 requests/s', supports: true },
        { text: 'the queue in the engine is short', supports: false },
      ],
      runnerUp: { cause: 'prefill-interference', strength: 0.4 },
      knobs: [{ name: 'maxNumSeqs', helps: true, why: 'it can mend kv-cache' }],
    },
    result: {
      answer: 'change',
      text: 'With max-num-seqs 48 the engine holds 9.5 requests/s within the objectives, where the default holds 6.',
      best: 's6',
      holds: { load: { kind: 'open', value: 9.5 }, failsAt: 10.9 },
      limitedBy: {
        cause: 'max-num-seqs',
        sentence: 'All 48 places of the batch are taken and requests wait for one.',
      },
      confirmation: {
        at: 'own-load',
        defaultLoad: { kind: 'open', value: 5.9 },
        bestLoad: { kind: 'open', value: 9.5 },
        pairs,
        ratio: { value: 1.58, low: 1.43, high: 1.77 },
        confidence: 0.95,
        morePairs: null,
        morePairsS: null,
      },
      notToldApart: [
        {
          setting: 's4',
          text: 'holds 9.2 requests/s, 48 holds 9.5: their intervals overlap; about 6 more pairs would tell, 38 min of engine time',
        },
      ],
      paste: {
        flags: '--max-num-seqs 48',
        compose:
          'services:\n  vllm:\n    image: vllm/vllm-openai\n    command: >\n      --model mistral-7b\n      --max-num-seqs 48\n',
        helm: 'vllm:\n  extraArgs:\n    - --max-num-seqs\n    - "48"\n',
      },
    },
    engineS: search.atS,
    stopReason: 'complete',
  }
}

/** The same search, killed in its second round. */
export function killed(): TuneManifest {
  const { endedAtUtc, stopReason, ...rest } = tuned()
  const trials = rest.trials.filter((t) => t.round !== null && t.round < 2)
  const last = trials.at(-1)
  return {
    ...rest,
    trials,
    settings: rest.settings.slice(0, 4).map((s) => ({ ...s, starts: s.starts.slice(0, 1), out: null })),
    rounds: rest.rounds.slice(0, 1),
    result: null,
    engineS: (last?.atS ?? 0) + (last?.seconds ?? 0),
  }
}

/** Nothing can help: the default alone was measured. */
export function left(): TuneManifest {
  const all = tuned()
  const trials = all.trials.filter((t) => t.round === 0)
  const [standard] = all.settings
  if (standard === undefined || all.result === null || all.diagnosis === null) throw new Error('no default')
  return {
    ...all,
    trials,
    settings: [{ ...standard, starts: standard.starts.slice(0, 1) }],
    rounds: all.rounds.slice(0, 1),
    diagnosis: {
      ...all.diagnosis,
      cause: 'compute',
      sentence: 'Compute is used up: every step takes longer as the batch grows.',
      knobs: [{ name: 'maxNumSeqs', helps: false, why: 'it does nothing about compute' }],
    },
    result: {
      ...all.result,
      answer: 'leave-it',
      text: 'Compute is used up, and no knob that was to be varied does anything about it.',
      best: 's1',
      holds: { load: { kind: 'open', value: 5 }, failsAt: 6.6 },
      limitedBy: { cause: 'compute', sentence: 'Compute is used up.' },
      confirmation: null,
      notToldApart: [],
      paste: null,
    },
    engineS: 700,
    stopReason: 'nothing-helps',
  }
}

/** Two knobs, a closed load, and nobody could tell what is better. */
export function undecided(): TuneManifest {
  const all = tuned()
  if (all.result?.confirmation == null) throw new Error('no confirmation')
  return {
    ...all,
    plan: 'grid',
    diagnosis: null,
    knobs: [
      ...all.knobs,
      { name: 'maxNumBatchedTokens', flag: '--max-num-batched-tokens', values: [2048, 8192], default: null },
    ],
    settings: all.settings.map((s, i) => ({
      ...s,
      values: s.isDefault ? s.values : { ...s.values, maxNumBatchedTokens: i % 2 === 0 ? 2048 : 8192 },
      held: s.held && { ...s.held, load: 'closed', nonMonotone: s.id === 's3' },
    })),
    trials: all.trials.map((t) => ({
      ...t,
      load: { kind: 'closed', value: Math.round(t.load.value * 5) },
      figures: { ...t.figures, kvUsageMax: null, runningMax: null, waitingMean: null, preemptions: null },
    })),
    result: {
      ...all.result,
      answer: 'not-told-apart',
      text: 'max-num-seqs 48 looks better, but the interval of its gain takes in no change at all.',
      confirmation: {
        ...all.result.confirmation,
        at: 'same-load',
        ratio: { value: 1.04, low: 0.97, high: 1.12 },
        morePairs: 7,
        morePairsS: 4100,
      },
    },
  }
}

const PHASES: LaunchRecord['phases'] = [
  { name: 'process', fromS: 0, toS: 1.1 },
  { name: 'import', fromS: 1.1, toS: 9.4 },
  { name: 'weights', fromS: 9.4, toS: 19.2, bytes: 14.5e9 },
  { name: 'profiling', fromS: 19.2, toS: 23 },
  { name: 'kv-cache', fromS: 23, toS: 23.4 },
  { name: 'compile', fromS: 23.4, toS: 36.2 },
  { name: 'serving', fromS: 36.2, toS: 37 },
]

/** Everything takes a little longer with more sequences. */
function launchOf(seqs: number): LaunchRecord {
  const slower = 1 + seqs / 1000
  const phases = PHASES.map((p) => ({ ...p, fromS: p.fromS * slower, toS: p.toS * slower }))
  const commandLine = `vllm serve mistral-7b --max-num-seqs ${seqs}`
  return { kind: 'vllm', commandLine, readyS: 37 * slower, phases, facts: {} }
}

/** With runs for the confirmation, and launches for those settings that came up. */
export function tuneInput(tune: TuneManifest = tuned()): TuneInput {
  const point = pointAt(16)
  const course = (t: TuneTrial): Timeline => {
    const own = timeline(t.id)
    const share = t.setting === 's6' ? 0.8 : 1
    const bins = own.bins.map((b) => ({
      ...b,
      kvUsage: b.kvUsage === null ? null : b.kvUsage * share,
      preemptionsPerS: t.setting === 's6' ? 0 : b.preemptionsPerS,
    }))
    return { ...own, bins }
  }
  const confirming = tune.trials.filter((t) => t.purpose === 'confirm')
  const validity = {
    verdict: 'VALID WITH CAVEATS',
    findings: [
      {
        code: 'few-samples',
        severity: 'caveat',
        message: '1,400 requests leave p99.9 without an upper bound',
        seen: 1400,
        allowed: 3680,
        unit: 'values',
        advice: 'Raise limits.requests.',
      },
    ],
  } as const
  return {
    name: 'chat-tune',
    tune,
    runs: Object.fromEntries(
      confirming.map((t) => [t.id, { manifest: manifest(point), timeline: course(t), validity }]),
    ),
    launches: Object.fromEntries(
      tune.settings
        .filter((s) => s.starts.some((x) => x.kind === 'started'))
        .map((s) => [s.id, launchOf(Number(s.values.maxNumSeqs))]),
    ),
  }
}
