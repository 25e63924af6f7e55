import { basename } from 'node:path'
import { keptSecrets, monotonicNs, nsToS, redact, redactAll, runClock } from '../base/index.js'
import { type Assignment, type Budget, type Drive, overBudget, startDrive } from '../drive/index.js'
import { type RunningEmitter, startEmitter } from '../emitter/index.js'
import { createMachineWatch } from '../machine/index.js'
import { watchServer } from '../observe/index.js'
import type { Profile } from '../profile/index.js'
import {
  createRunFolder,
  type MadeAgain,
  type PointSetting,
  type RunManifest,
  type StopReason,
  writeManifest,
} from '../record/index.js'
import type { Lexicon } from '../workload/index.js'
import { connectionWords } from './connection.js'
import { launchRecordOf } from './engine.js'
import { publicProfile } from './keys.js'
import type { RunListener } from './listener.js'
import { createLiveView } from './live.js'
import { machineFacts, TOOL_VERSION, workloadHash } from './machine.js'
import { planRun, type RunPlan } from './plan.js'
import type { PreparedTarget } from './target.js'

export interface RunOptions {
  readonly profile: Profile
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly folder: string
  readonly setting: PointSetting
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  /** Shared by all runs of a command. */
  readonly budget?: Budget | undefined
  /** Known-time streams beside the load, which tell our own error; left out only where their own cost would show. */
  readonly canary?: boolean
  /** Takes the place of a salt of the run's own: runs with the same one send the same prompts. */
  readonly salt?: string | undefined
  /** A first measurement that was spoilt. */
  readonly madeAgain?: MadeAgain | undefined
  /** The target is still to come up: that it refuses connections does not end the run. Called when the plan has begun. */
  readonly duringStart?: () => void
}

/** The user's wish to end early. `soon`: let open requests end. `now`: end them. */
export interface Interruption {
  readonly soon: AbortSignal
  readonly now: AbortSignal
}

const LIVE_INTERVAL_MS = 500

/** One run at one point: plan, drive, watch, write. Resolves with why it ended. */
export async function measureRun(options: RunOptions): Promise<StopReason> {
  const { folder, profile, target, listener, setting } = options
  const plan = await planRun(profile, target)
  listener.onNote(noteOf(plan, profile))
  const startedAt = new Date()
  const zeroNs = Math.round(monotonicNs())
  const clock = runClock(zeroNs)
  createRunFolder(folder)
  const manifest = manifestOf(options, plan, startedAt, zeroNs)
  writeManifest(folder, manifest)

  const live = createLiveView(folder, clock, startedAt.getTime(), boundsOf(plan))
  const watch = watchServer({
    baseUrl: target.baseUrl,
    metricsUrl: target.metricsUrl,
    gpuMetricsUrl: profile.target.gpuMetricsUrl,
    hostMetricsUrl: profile.target.hostMetricsUrl,
    engine: target.facts.engine,
    headers: target.headers,
    intervalMs: profile.scrapeIntervalMs,
    clock,
    folder,
    onSample: live.onSample,
  })
  const machine = createMachineWatch(clock, folder)
  const emitter = options.canary === false ? undefined : await startCanaryEmitter()
  const stop = createStopper()
  const drive = await startDrive(assignmentOf(options, plan, zeroNs, emitter), clock, {
    onProgress: live.onProgress,
    onTargetLost() {
      if (!options.duringStart) stop.because('target-lost')
    },
    onBudget(cap) {
      if (options.budget) listener.onNote(`${overBudget(cap, options.budget).message}: the run ends`)
      stop.because('budget')
    },
  })
  writeManifest(folder, { ...manifest, startNs: Math.round(drive.startNs) })
  stop.attach(drive, options.interruption)
  options.duringStart?.()
  const ticker = setInterval(() => listener.onLive(live.state(drive.startNs)), LIVE_INTERVAL_MS)

  const endNs = await drive.ended.finally(() => clearInterval(ticker))
  await Promise.all([watch.stop(), emitter?.stop()])
  machine.stop()
  stop.release()
  live.close()
  const stopReason = stop.reason ?? naturalEnd(plan, endNs - drive.startNs)
  writeManifest(folder, {
    ...manifest,
    startNs: Math.round(drive.startNs),
    endNs: Math.round(endNs),
    endedAtUtc: new Date().toISOString(),
    plannedRequests: plan.counted ? plan.requests : drive.drawn(),
    stopReason,
  })
  listener.onPointDone(setting, stopReason)
  return stopReason
}

/** Its times travel in its text: no log. Without it the run goes on, and says that its own error was not measured. */
const startCanaryEmitter = (): Promise<RunningEmitter | undefined> =>
  startEmitter({ logRoom: 0 }).catch(() => undefined)

/** What was decided for the user, and may be decided otherwise by flags. */
function noteOf({ workers, workersReason, transport, connection }: RunPlan, { target }: Profile): string {
  const reached = connectionWords(connection, target.http2)
  const first = `${workers} ${workers === 1 ? 'worker' : 'workers'}: ${workersReason}; ${transport.words}`
  return reached === '' ? first : `${first}; ${reached}`
}

/** The first reason to stop wins, and is written down. */
function createStopper() {
  let drive: Drive | undefined
  // Many runs of a sweep listen to one interruption: each lets go of it.
  const listening = new AbortController()
  const stopper = {
    reason: undefined as StopReason | undefined,
    because(reason: StopReason): void {
      stopper.reason ??= reason
      drive?.stop()
    },
    attach(running: Drive, { soon, now }: Interruption): void {
      drive = running
      const interrupted = (): void => stopper.because('interrupted')
      if (soon.aborted || stopper.reason) interrupted()
      const { signal } = listening
      soon.addEventListener('abort', interrupted, { once: true, signal })
      now.addEventListener('abort', () => running.abort(), { once: true, signal })
    },
    release: () => listening.abort(),
  }
  return stopper
}

function naturalEnd({ schedule }: RunPlan, tookNs: number): StopReason {
  return schedule.kind === 'closed' && tookNs >= schedule.endNs ? 'max-duration' : 'plan-complete'
}

function boundsOf({ schedule, counted, requests }: RunPlan) {
  const endNs = schedule.kind === 'closed' ? schedule.endNs : (schedule.arrivalsNs.at(-1) ?? 0)
  return { planned: counted ? requests : null, endsAtS: Number.isFinite(endNs) ? nsToS(endNs) : null }
}

/** Engines known to obey `ignore_eos` and `min_tokens`, and to count tokens on every chunk when asked. */
const KNOWN_TO_OBEY: readonly string[] = ['vllm', 'sglang', 'falloff-simulator']

function asks(choice: 'auto' | 'on' | 'off', { facts }: PreparedTarget): boolean {
  return choice === 'on' || (choice === 'auto' && KNOWN_TO_OBEY.includes(facts.engine ?? ''))
}

function assignmentOf(
  options: RunOptions,
  plan: RunPlan,
  zeroNs: number,
  emitter: RunningEmitter | undefined,
): Omit<Assignment, 'worker' | 'ledger'> {
  const { profile, target, lexicon, folder, setting } = options
  const { pathname } = new URL(target.baseUrl)
  const runId = basename(folder)
  return {
    profile,
    ...plan,
    transport: plan.transport.name,
    ...(emitter && { canary: { url: emitter.url, model: emitter.model } }),
    lexicon,
    salt: profile.workload.salt ? (options.salt ?? `${runId}:${zeroNs}`) : '',
    basePath: pathname.replace(/\/$/, ''),
    headers: target.headers,
    secrets: keptSecrets(),
    ...(options.budget && { budget: options.budget }),
    model: target.facts.model,
    exactOutput: asks(profile.target.exactOutput, target),
    chunkUsage: asks(profile.target.chunkUsage, target),
    folder,
    runId,
    point: setting.label,
    zeroNs,
  }
}

function manifestOf(options: RunOptions, plan: RunPlan, startedAt: Date, zeroNs: number): RunManifest {
  const { profile, target, lexicon, folder, setting, command } = options
  return {
    format: 1,
    tool: { name: 'falloff', version: TOOL_VERSION },
    id: basename(folder),
    name: profile.name,
    command: redact(command),
    startedAtUtc: startedAt.toISOString(),
    zeroMonotonicNs: zeroNs,
    startNs: 0,
    profile: publicProfile(profile),
    workloadHash: workloadHash(profile),
    point: setting,
    workers: plan.workers,
    workersReason: plan.workersReason,
    transport: {
      name: plan.transport.name,
      reason: plan.transport.reason,
      ...(plan.connection && { connection: plan.connection }),
    },
    plannedRequests: plan.counted ? plan.requests : null,
    machine: machineFacts(),
    target: redactAll(target.facts),
    ...(target.engine && { launch: redactAll(launchRecordOf(target.engine)) }),
    tokens: {
      source: lexicon.source,
      exactOutput: asks(profile.target.exactOutput, target),
      chunkUsage: asks(profile.target.chunkUsage, target),
    },
    ...(options.madeAgain && { madeAgain: options.madeAgain }),
  }
}
