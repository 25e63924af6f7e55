import { join } from 'node:path'
import { type ColdPrices, coldCosts, coldFigures } from '../../analyse/index.js'
import { FalloffError, messageOf, redact, redactAll, usageError } from '../../base/index.js'
import type { Profile } from '../../profile/index.js'
import type { ColdStart, ColdStartReport, FailedColdStart, ScaleOut } from '../../record/index.js'
import { engineChoiceOf, preparing } from '../engine.js'
import { prepareLexicon } from '../lexicon.js'
import type { RunListener } from '../listener.js'
import { machineFacts, TOOL_VERSION } from '../machine.js'
import type { Interruption } from '../run.js'
import { type Consent, prepareBudget } from '../spending.js'
import { prepareTarget } from '../target.js'
import { loadWords, notesOf } from './notes.js'
import { modelFiles } from './page-cache.js'
import { scaleOut } from './scale-out.js'
import { type ColdSetup, isOpenLoad, knowsPort, ttftObjective } from './setup.js'
import { coldStart } from './start.js'

interface ColdStartOptions {
  readonly profile: Profile
  readonly repeats: number
  readonly dropPageCache: boolean
  /** How long the load goes on after the first token, in s. */
  readonly settleS: number
  readonly scaleOut: boolean
  readonly prices: ColdPrices | undefined
  /** Receives the runs and the engine's logs. */
  readonly folder: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  readonly consent: Consent
}

/**
 * Starts the engine again and again, one start after the other, and measures each. A start that fails is kept as one; the
 * first one, a rehearsal, has to succeed: it tells how the target counts tokens, which cannot be asked of an engine that
 * is still to come up.
 *
 * @throws EngineStartError when the rehearsal fails; FalloffError INTERRUPTED before the first start was measured
 */
export async function measureColdStarts(options: ColdStartOptions): Promise<ColdStartReport> {
  const startedAtUtc = new Date().toISOString()
  const { setup, commandLine, version } = await rehearse(options)
  const starts: ColdStart[] = []
  const failedStarts: FailedColdStart[] = []
  const { interruption, listener, repeats } = options
  for (let number = 1; number <= repeats && !interruption.soon.aborted; number++) {
    listener.onPhase(`start ${number} of ${repeats}`)
    try {
      starts.push(await coldStart(setup, number))
    } catch (thrown) {
      if (!(thrown instanceof FalloffError)) throw thrown
      if (thrown.code !== 'INTERRUPTED') failedStarts.push({ number, message: redact(messageOf(thrown)) })
    }
  }
  const figures = coldFigures(starts)
  if (figures === null && interruption.soon.aborted) {
    throw new FalloffError('INTERRUPTED', 'interrupted before the first start was measured')
  }
  const scaled = options.scaleOut && !interruption.soon.aborted ? await tryScaleOut(setup) : undefined
  const { profile, settleS, prices, dropPageCache } = options
  return redactAll({
    format: 1,
    tool: { name: 'falloff', version: TOOL_VERSION },
    ...{ name: profile.name, command: redact(options.command), startedAtUtc },
    endedAtUtc: new Date().toISOString(),
    machine: machineFacts(),
    engine: { kind: setup.choice.kind, commandLine, ...(version !== undefined && { version }) },
    load: {
      words: loadWords(profile),
      duringStart: isOpenLoad(profile) && knowsPort(setup.choice),
      retry: profile.retry.policy,
    },
    objective: ttftObjective(profile)?.text ?? null,
    ...{ settleS, dropped: dropPageCache, starts, failedStarts, figures },
    scaleOut: scaled?.result ?? null,
    costs: prices === undefined ? null : coldCosts(prices, figures?.missed?.mean ?? null),
    notes: [...notesOf(setup, starts), ...(scaled?.notes ?? [])],
    interrupted: interruption.soon.aborted,
  })
}

interface Rehearsal {
  readonly setup: ColdSetup
  readonly commandLine: string
  readonly version: string | undefined
}

/** Times the rehearsal's own: what a start may take until its load has nothing left to send. */
const LONGER = 3
const SLACK_S = 30

async function rehearse(options: ColdStartOptions): Promise<Rehearsal> {
  const { profile, folder, listener, interruption, command, settleS, dropPageCache } = options
  const { engine: own } = profile
  if (own === undefined) {
    throw usageError('--engine', 'a cold start is that of an engine which falloff starts; name one')
  }
  const choice = engineChoiceOf(own)
  if (options.scaleOut && !knowsPort(choice)) {
    throw usageError(
      '--scale-out',
      `a second replica is started on this machine; engine.place is ${choice.place.kind}`,
    )
  }
  listener.onPhase(`rehearsal: ${preparing(profile)}`)
  const logs = join(folder, 'rehearsal')
  const { engine, ...target } = await prepareTarget(
    profile,
    {},
    { folder: logs, onPhase: listener.onPhase, signal: interruption.soon },
  )
  try {
    const budget = await prepareBudget(profile, target, undefined, options.consent)
    listener.onPhase('rehearsal: learning how the target counts tokens')
    const lexicon = await prepareLexicon(profile, target, budget)
    const mostLoadS = Math.min(choice.readyTimeoutS, LONGER * (engine?.readyS ?? 0) + SLACK_S) + settleS
    const files = choice.kind === 'simulator' ? [] : modelFiles(choice.model)
    const shared = { profile, choice, target, lexicon, budget, files, dropPageCache, settleS, mostLoadS }
    return {
      setup: { ...shared, folder, command, listener, interruption },
      commandLine: engine?.commandLine ?? '',
      version: engine?.facts.version ?? target.facts.version,
    }
  } finally {
    await engine?.stop()
  }
}

/** That the second replica does not come up says nothing against the starts measured before. */
async function tryScaleOut(setup: ColdSetup): Promise<{ result?: ScaleOut; notes: readonly string[] }> {
  try {
    return { result: await scaleOut(setup), notes: [] }
  } catch (thrown) {
    if (!(thrown instanceof FalloffError)) throw thrown
    return { notes: [`Scale-out was not measured: ${redact(messageOf(thrown))}.`] }
  }
}
