import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FalloffError } from '../../base/index.js'
import type { Budget } from '../../drive/index.js'
import { type RunningEmitter, startEmitter } from '../../emitter/index.js'
import { loadProfile, type Profile } from '../../profile/index.js'
import type { MachineFacts } from '../../record/index.js'
import type { TransportName } from '../../transport/index.js'
import type { Lexicon } from '../../workload/index.js'
import { streamPlan } from '../calibrate/shapes.js'
import type { RunListener } from '../listener.js'
import { machineFacts, TOOL_VERSION } from '../machine.js'
import { assertTransport } from '../plan.js'
import { type Interruption, measureRun } from '../run.js'
import { type PreparedTarget, prepareTarget } from '../target.js'
import { type Cost, costOf, figuresOf, type TransportFigures } from './figures.js'
import { readTurn, type Turn } from './turn.js'

/** Against whom the transports are compared. */
export interface Opponent {
  readonly profile: Profile
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  /** Tells when each token was written. */
  readonly emitter?: RunningEmitter
  readonly budget?: Budget | undefined
  close(): Promise<void>
}

export interface CompareTransportsOptions {
  readonly opponent: Opponent
  /** In the order of the table; the last is set against each of the others. */
  readonly transports: readonly TransportName[]
  readonly streams: readonly number[]
  /** Of each transport at each load. */
  readonly turns: number
  /** Measured in each turn. */
  readonly seconds: number
  /** Receives every run; they are discarded when left out. */
  readonly folder?: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
}

export interface TransportComparison {
  readonly format: 1
  readonly tool: { readonly name: 'falloff'; readonly version: string }
  readonly command: string
  readonly madeAtUtc: string
  readonly machine: MachineFacts
  /** `emitter`, or the target's URL without credentials. */
  readonly against: string
  readonly api: string
  readonly seconds: number
  readonly figures: readonly TransportFigures[]
  readonly costs: readonly Cost[]
}

/** Compiled code and connections are there after it. */
const WARMUP_S = 2

/** Load by load, turn by turn, transport by transport: what disturbs one disturbs its neighbours, too. */
export async function compareTransports(options: CompareTransportsOptions): Promise<TransportComparison> {
  const { opponent, transports, streams, turns, folder: kept } = options
  for (const transport of transports) assertTransport(profileAt(opponent.profile, options, 1, transport))
  const madeAtUtc = new Date().toISOString()
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'falloff-transports-'))
  mkdirSync(folder, { recursive: true })
  const found: (readonly [number, TransportName, Turn])[] = []
  const plan = streams.flatMap((n) =>
    Array.from({ length: turns }, (_, turn) =>
      inTurn(transports, turn).map((name) => ({ n, turn, name })),
    ).flat(),
  )
  try {
    for (const [i, { n, turn, name }] of plan.entries()) {
      if (options.interruption.soon.aborted) break
      options.listener.onPhase(
        `${name}: ${n === 1 ? '1 stream' : `${n} streams`} (${i + 1} of ${plan.length})`,
      )
      const one = await measureTurn(options, join(folder, `${name}-${n}-${turn + 1}`), n, name)
      if (one) found.push([n, name, one])
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
  return { ...headOf(options), madeAtUtc, ...tableOf(options, found) }
}

/** Each begins as often as the others. */
const inTurn = (names: readonly TransportName[], turn: number): readonly TransportName[] =>
  names.map((_, i) => names[(i + turn) % names.length] ?? names[0] ?? 'undici')

const headOf = ({ command, opponent, seconds }: CompareTransportsOptions) => ({
  format: 1 as const,
  tool: { name: 'falloff' as const, version: TOOL_VERSION },
  command,
  machine: machineFacts(),
  against: opponent.emitter ? 'emitter' : opponent.target.facts.url,
  api: opponent.profile.target.api,
  seconds,
})

function tableOf(
  { streams, transports }: CompareTransportsOptions,
  found: readonly (readonly [number, TransportName, Turn])[],
): Pick<TransportComparison, 'figures' | 'costs'> {
  const figures = streams.flatMap((n) =>
    transports.map((transport) => {
      const turns = found.filter(([at, name]) => at === n && name === transport).map(([, , turn]) => turn)
      return figuresOf({ transport, streams: n }, turns)
    }),
  )
  const last = transports.at(-1)
  const costs = streams.flatMap((n) => {
    const here = figures.filter((one) => one.streams === n)
    const costly = here.find(({ transport }) => transport === last)
    return costly ? here.filter((one) => one !== costly).map((base) => costOf(costly, base)) : []
  })
  return { figures, costs }
}

/** Undefined when the user ended it early. */
async function measureTurn(
  options: CompareTransportsOptions,
  folder: string,
  streams: number,
  transport: TransportName,
): Promise<Turn | undefined> {
  const { target, lexicon, emitter, budget } = options.opponent
  const reason = await measureRun({
    profile: profileAt(options.opponent.profile, options, streams, transport),
    target,
    lexicon,
    folder,
    setting: { label: `${transport}, ${streams}`, axes: { concurrency: streams } },
    command: options.command,
    listener: options.listener,
    interruption: options.interruption,
    budget,
    // It would be read by the same worker, and its work taken for the load's.
    canary: false,
  })
  const log = await emitter?.log()
  if (reason === 'interrupted') return undefined
  if (reason === 'target-lost' || reason === 'budget') {
    throw new FalloffError('TARGET_LOST', `${transport} with ${streams} streams ended early: ${reason}`)
  }
  return readTurn(folder, log)
}

function profileAt(
  profile: Profile,
  { seconds }: CompareTransportsOptions,
  streams: number,
  transport: TransportName,
): Profile {
  const { requests: _requests, warmupRequests: _warmup, ...limits } = profile.limits
  return {
    ...profile,
    load: { kind: 'closed', concurrency: streams },
    limits: { ...limits, durationS: seconds, warmupS: WARMUP_S },
    target: { ...profile.target, transport },
    workers: 1,
  }
}

/** The emitter counts no tokens of a prompt: any word will do. */
const LEXICON: Lexicon = { source: 'calibrated', baseTokens: 0, words: [{ text: 'sing', tokens: 1 }] }

/** An emitter in a process of its own, which knows when it wrote each token. @param eventsPerS of each stream */
export async function emitterOpponent(eventsPerS: number): Promise<Opponent> {
  const emitter = await startEmitter()
  const { shape, outputTokens, lifeS } = streamPlan('plain', eventsPerS)
  const values: Readonly<Record<string, unknown>> = {
    name: 'compare-transports',
    'target.url': emitter.url,
    'target.model': emitter.model,
    'target.exactOutput': 'off',
    'target.chunkUsage': 'off',
    'target.extraBody': { emit: shape },
    'workload.inputTokens': 8,
    'workload.outputTokens': outputTokens,
    'workload.salt': false,
    'limits.durationS': 1,
    'limits.drainS': 10 + 3 * lifeS,
    // There is nothing to scrape.
    scrapeIntervalMs: 3_600_000,
  }
  const settings = Object.entries(values).map(([path, value]) => ({ path, value, flag: path }))
  const profile = loadProfile(undefined, settings)
  return {
    profile,
    target: await prepareTarget(profile),
    lexicon: LEXICON,
    emitter,
    close: () => emitter.stop(),
  }
}
