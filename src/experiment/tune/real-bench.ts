import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type PointFindings, summariseRun, summariseTrial } from '../../analyse/index.js'
import { FalloffError, monotonicNs, nsToS, UsageError } from '../../base/index.js'
import type { Budget } from '../../drive/index.js'
import { EngineStartError } from '../../launch/index.js'
import type { MetricName, Profile } from '../../profile/index.js'
import type { TuneFigures, TuneLoad } from '../../record/index.js'
import type { Lexicon } from '../../workload/index.js'
import { disturbancesOf, remaking } from '../disturbance.js'
import { untilIdle } from '../idle.js'
import { prepareLexicon } from '../lexicon.js'
import type { RunListener } from '../listener.js'
import { type Interruption, measureRun } from '../run.js'
import { setAside } from '../set-aside.js'
import { type Consent, prepareBudget } from '../spending.js'
import { type PreparedTarget, prepareTarget } from '../target.js'
import type { Bench, FailedStart, Given, Outcome, StartedEngine, TrialAsk } from './bench.js'

export interface RealBenchOptions {
  readonly profile: Profile
  readonly folder: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  readonly consent: Consent
  /** Of the goal `p99`. */
  readonly metric: MetricName | undefined
}

/** Real engines, by whatever launches them, and runs that are recorded as any other. */
export function realBench(options: RealBenchOptions): Bench {
  let budget: Promise<Budget | undefined> | undefined
  let starts = 0
  const remake = remaking()
  return {
    nowUtc: () => new Date().toISOString(),
    async point(run) {
      const folder = join(options.folder, run)
      return existsSync(folder) ? summariseRun(folder) : undefined
    },
    async start(given) {
      const sinceNs = monotonicNs()
      const seconds = (): number => nsToS(monotonicNs() - sinceNs)
      let target: PreparedTarget | undefined
      try {
        target = await started(options, given, `start-${++starts}`)
        budget ??= prepareBudget(options.profile, target, undefined, options.consent)
        const lexicon = await prepareLexicon(options.profile, target, await budget)
        return engineOf({ ...options, target, lexicon, budget: await budget, remake }, seconds())
      } catch (thrown) {
        await target?.engine?.stop()
        return failureOf(thrown, given, seconds())
      }
    },
  }
}

function started({ profile, folder, listener, interruption }: RealBenchOptions, given: Given, name: string) {
  let log = join(folder, name)
  for (let i = 2; existsSync(log); i++) log = join(folder, `${name}-${i}`)
  const onPhase = (text: string): void => listener.onPhase(text)
  return prepareTarget(profile, given, { folder: log, onPhase, signal: interruption.now })
}

/** What the user wrote wrongly is no fault of the setting; all else that keeps an engine from serving is. */
function failureOf(thrown: unknown, given: Given, seconds: number): FailedStart {
  if (thrown instanceof UsageError && Object.keys(given).length === 0) throw thrown
  if (!(thrown instanceof FalloffError) && !(thrown instanceof UsageError)) throw thrown
  const cause =
    thrown instanceof EngineStartError ? thrown.reason : thrown instanceof UsageError ? 'bad-flag' : 'unknown'
  const hint = thrown instanceof FalloffError ? thrown.hint : undefined
  return { kind: 'failed', seconds, cause, message: thrown.message, ...(hint !== undefined && { hint }) }
}

interface RunningEngine extends RealBenchOptions {
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly budget: Budget | undefined
  readonly remake: ReturnType<typeof remaking>
}

function engineOf(running: RunningEngine, seconds: number): StartedEngine {
  const { engine, facts } = running.target
  return {
    kind: 'started',
    seconds,
    facts: engine?.facts ?? {},
    target: facts,
    forecastKvTokens: engine?.forecast?.tokens,
    async measure(ask) {
      const { measured, spoilt } = await running.remake((by) => measureTrial(running, ask, by))
      if (spoilt?.disturbed === undefined) return measured
      return { ...measured, seconds: spoilt.seconds + measured.seconds, madeAgain: spoilt.disturbed }
    },
    stop: async () => engine?.stop(),
  }
}

async function measureTrial(
  running: RunningEngine,
  ask: TrialAsk,
  spoiltBy?: readonly string[],
): Promise<Outcome> {
  const sinceNs = monotonicNs()
  const run = join(running.folder, ask.label)
  const madeAgain = spoiltBy && setAside(run, 'disturbed', spoiltBy)
  // What an interrupted session left of the same trial: records are appended, and would mix.
  rmSync(run, { recursive: true, force: true })
  await untilIdle(running.target)
  const profile = profileOf(running.profile, ask)
  const { kind, value } = ask.load
  const axes = { [kind === 'open' ? 'ratePerS' : 'concurrency']: value }
  const setting = { label: ask.label, axes }
  const reason = await measureRun({ ...running, profile, folder: run, setting, madeAgain })
  const end = reason === 'interrupted' ? 'interrupted' : reason === 'target-lost' ? 'lost' : 'complete'
  const secondsOf = (): number => nsToS(monotonicNs() - sinceNs)
  return end === 'complete'
    ? outcomeOf(running, run, ask, secondsOf())
    : { ...NOTHING, seconds: secondsOf(), end }
}

const NO_FIGURES: TuneFigures = {
  ...{ requestsPerS: 0, goodputPerS: 0, goodShare: 0, outputTokensPerS: 0 },
  ...{ ttftP50Ms: null, ttftP99Ms: null, tpotP50Ms: null, tpotP99Ms: null, gapP99Ms: null },
  ...{ kvUsageMax: null, runningMax: null, waitingMean: null, preemptions: null },
}

const NOTHING = { run: null, judged: 0, counts: [], figures: NO_FIGURES, p99: null, rising: false } as const

async function outcomeOf(
  { metric }: RealBenchOptions,
  folder: string,
  ask: TrialAsk,
  seconds: number,
): Promise<Outcome> {
  const { point, counts, rising } = await summariseTrial(folder)
  const p99 = metric === undefined ? null : point.metrics[metric].p99
  const disturbed = disturbancesOf(point.validity)
  return {
    run: ask.label,
    seconds,
    judged: point.window.requests,
    counts,
    figures: figuresOf(point),
    p99: p99 && { value: p99.value, low: p99.low, high: p99.high },
    rising,
    ...(disturbed.length > 0 && { disturbed }),
    end: 'complete',
  }
}

function figuresOf({ metrics, throughput, server }: PointFindings): TuneFigures {
  const { requestsPerS, goodputPerS, goodShare, outputTokensPerS } = throughput
  return {
    ...{ requestsPerS, goodputPerS, goodShare, outputTokensPerS },
    ttftP50Ms: metrics.ttft.p50?.value ?? null,
    ttftP99Ms: metrics.ttft.p99?.value ?? null,
    tpotP50Ms: metrics.tpot.p50?.value ?? null,
    tpotP99Ms: metrics.tpot.p99?.value ?? null,
    gapP99Ms: metrics.chunkGap.p99?.value ?? null,
    kvUsageMax: server?.kvUsageMax ?? null,
    runningMax: server?.runningMax ?? null,
    waitingMean: server?.waitingMean ?? null,
    preemptions: server?.preemptions ?? null,
  }
}

/** Part of a trial's requests that go ahead of it and are not judged. */
const WARMUP_SHARE = 0.1
/** Between the seeds of two repeats; no two of a profile's own seeds are so far apart. */
const SEED_STEP = 1009

/** The profile at a load, with so many requests, and arrivals and lengths of the repeat's own. */
function profileOf(profile: Profile, { load, requests, repeat }: TrialAsk): Profile {
  const { requests: _n, durationS: _s, warmupS: _w, ...limits } = profile.limits
  const warmupRequests = Math.ceil(requests * WARMUP_SHARE) + (load.kind === 'closed' ? load.value : 0)
  const { arrivals, inputLengths, outputLengths, prompts, conversations } = profile.seeds
  const by = (seed: number): number => seed + SEED_STEP * repeat
  return {
    ...profile,
    load: loadFor(profile.load, load),
    limits: { ...limits, requests, warmupRequests },
    seeds: {
      arrivals: by(arrivals),
      inputLengths: by(inputLengths),
      outputLengths: by(outputLengths),
      prompts: by(prompts),
      conversations: by(conversations),
    },
  }
}

function loadFor(own: Profile['load'], { kind, value }: TuneLoad): Profile['load'] {
  if (kind === 'closed') return { kind: 'closed', concurrency: value }
  return own.kind === 'constant' || own.kind === 'gamma'
    ? { ...own, ratePerS: value }
    : { kind: 'poisson', ratePerS: value }
}
