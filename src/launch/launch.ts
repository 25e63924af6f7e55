import { setTimeout as sleep } from 'node:timers/promises'
import { FalloffError, monotonicNs, nsToS, UsageError } from '../base/index.js'
import { createDiagnosis, type Diagnosis } from './causes.js'
import { commandLineOf } from './command-line.js'
import type {
  EngineChoice,
  EngineKind,
  EngineSettings,
  LaunchCommand,
  LogReader,
  Placed,
  PlaceOutput,
  RunningEngine,
} from './contract.js'
import { type EngineLog, openEngineLog } from './engine-log.js'
import { engineKind } from './engines/index.js'
import { resolveEnv } from './environment.js'
import { EngineStartError } from './failure.js'
import { sendFirstRequest } from './first-request.js'
import { wholeStart } from './phases.js'
import { placeOf } from './places/index.js'
import { untilReady } from './ready.js'
import { settingProblems } from './settings.js'

const LOG_SETTLES_MS = 100

export interface LaunchOptions {
  /** Receives `engine.log`; the log is not kept when left out. */
  readonly folder?: string | undefined
  /** Told what is being done and what the user is to know, in a few words. */
  readonly onPhase?: ((text: string) => void) | undefined
  /** Aborted: the start is given up, and the engine ended. */
  readonly signal?: AbortSignal | undefined
  /** Called the moment it is ready, which is a little before its start is read to the end. */
  readonly onReady?: ((url: string) => void) | undefined
}

/**
 * Starts an engine and resolves once it serves. Whatever goes wrong, nothing of it is left running.
 *
 * @param settings laid over those of the choice
 * @throws UsageError with every setting that the engine does not take
 * @throws EngineStartError with the cause, as far as it is known, the way out, and the engine's last words
 */
export async function launch(
  choice: EngineChoice,
  settings: EngineSettings = {},
  options: LaunchOptions = {},
): Promise<RunningEngine> {
  const kind = engineKind(choice.kind)
  const inForce = { ...choice.settings, ...settings }
  const problems = settingProblems(kind, inForce)
  if (problems.length > 0) throw new UsageError(problems)
  const env = resolveEnv(choice.env, process.env)
  const place = placeOf(choice.place.kind)
  const obstacle = await place.obstacle(choice)
  if (obstacle !== undefined) throw unavailable(kind, obstacle)
  const listen = await place.listen(choice)
  const command = kind.command(choice, inForce, listen)
  const start = openStart({ ...kind, causes: [...(place.causes ?? []), ...kind.causes] }, command, options)
  const placed = await place.start(choice, { ...command, env: { ...command.env, ...env } }, start.output)
  const { commandNs, readyS } = await start.untilReady(placed, choice.readyTimeoutS)
  const facts = start.reader.facts()
  const forecast = kind.forecast?.(choice, inForce, facts)
  const known = { kind: choice.kind, settings: inForce, commandNs, readyS, facts, forecast }
  return running(start, placed, known)
}

const unavailable = (kind: EngineKind, obstacle: string): EngineStartError =>
  new EngineStartError({
    reason: 'not-installed',
    message: `${kind.title} cannot be started there: ${obstacle}`,
    hint: 'Choose another engine.place, or install what is missing.',
  })

/** One start: what it says, and how it ends. */
function openStart(
  kind: EngineKind,
  command: LaunchCommand,
  { folder, onPhase, signal, onReady }: LaunchOptions,
) {
  const commandLine = commandLineOf(command.words)
  const log = openEngineLog(folder, commandLine)
  const reader = kind.createReader()
  const diagnosis = createDiagnosis(kind)
  let begunNs = monotonicNs()
  const nowS = (): number => Math.max(0, nsToS(monotonicNs() - begunNs))
  let starting = true
  const output: PlaceOutput = {
    onRun() {
      begunNs = monotonicNs()
    },
    onLine(text) {
      const atS = nowS()
      log.line(text, atS)
      // Once it serves its lines are many, and tell of the load.
      if (!starting) return
      reader.line(text, atS)
      diagnosis.line(text)
    },
    onNote(text) {
      log.note(text, nowS())
      onPhase?.(text)
    },
  }

  async function giveUp(placed: Placed, end: Exclude<End, { kind: 'ready' }>): Promise<Error> {
    const afterS = nowS()
    await placed.stop()
    if (end.kind === 'ended') diagnosis.line(end.how)
    log.note(end.kind === 'ended' ? `the engine ${end.how}` : end.kind, afterS)
    log.close()
    if (end.kind === 'aborted')
      return new FalloffError('INTERRUPTED', `interrupted while ${kind.title} was starting`)
    const found = end.kind === 'timeout' ? timedOut(end.limitS) : (diagnosis.found() ?? unknown(end.how))
    return failureOf(kind, found, log, afterS)
  }

  return {
    commandLine,
    log,
    reader,
    output,
    /** @returns when the command was run, and s since then */
    async untilReady(placed: Placed, limitS: number): Promise<Pick<RunningEngine, 'commandNs' | 'readyS'>> {
      const end = await firstEnd(placed, command, limitS, signal)
      if (end.kind !== 'ready') throw await giveUp(placed, end)
      const readyS = nowS()
      onReady?.(placed.url)
      // What it wrote until then may still be on its way, from another machine the longer.
      await sleep(LOG_SETTLES_MS)
      starting = false
      return { commandNs: begunNs, readyS }
    },
  }
}

/** How waiting for an engine can end. */
type End =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ended'; readonly how: string }
  | { readonly kind: 'timeout'; readonly limitS: number }
  | { readonly kind: 'aborted' }

async function firstEnd(
  placed: Placed,
  { readyPath, firstRequest }: LaunchCommand,
  limitS: number,
  asked?: AbortSignal,
): Promise<End> {
  const over = new AbortController()
  const limit = AbortSignal.timeout(limitS * 1_000)
  const waiting = AbortSignal.any([over.signal, limit, ...(asked ? [asked] : [])])
  const serves = async (): Promise<string | undefined> => {
    await untilReady(`${placed.url}${readyPath}`, waiting)
    if (firstRequest === undefined || waiting.aborted) return undefined
    return sendFirstRequest(`${placed.url}${firstRequest.path}`, firstRequest.body, waiting)
  }
  const ready = serves().then((refused): End => {
    if (asked?.aborted) return { kind: 'aborted' }
    if (limit.aborted) return { kind: 'timeout', limitS }
    return refused === undefined ? { kind: 'ready' } : { kind: 'ended', how: refused }
  })
  const ended = placed.ended.then((how): End => ({ kind: 'ended', how }))
  try {
    return await Promise.race([ended, ready])
  } finally {
    over.abort()
  }
}

const timedOut = (limitS: number): Diagnosis => ({
  reason: 'timeout',
  says: `it was not ready within ${limitS} s`,
  wayOut: 'Raise engine.readyTimeoutS if it was still at work, as when it fetches a model.',
})

const unknown = (how: string): Diagnosis => ({
  reason: 'unknown',
  says: `it ${how}`,
  wayOut: 'Its last words may tell why.',
})

function failureOf(kind: EngineKind, found: Diagnosis, log: EngineLog, afterS: number): Error {
  const where = log.path === undefined ? [] : [`All of them: ${log.path}`]
  return new EngineStartError({
    reason: found.reason,
    afterS,
    message: `${kind.title} did not start: ${found.says}`,
    hint: [found.wayOut, ...quoted(found, log), ...where].join('\n'),
  })
}

/** The end of what it said, and before it the line that tells the cause, where that stands further up. */
function quoted({ line }: Diagnosis, log: EngineLog): readonly string[] {
  const lines = log.end()
  if (lines.length === 0) return ['It said nothing.']
  const telling = line === undefined ? undefined : log.asQuoted(line)
  const further = telling === undefined || lines.includes(telling) ? [] : ['It said:', `  ${telling}`]
  return [...further, 'Its last lines:', ...lines.map((last) => `  ${last}`)]
}

function running(
  { reader, commandLine, log }: { reader: LogReader; commandLine: string; log: EngineLog },
  placed: Placed,
  known: Pick<RunningEngine, 'kind' | 'settings' | 'commandNs' | 'readyS' | 'facts' | 'forecast'>,
): RunningEngine {
  return {
    ...known,
    url: placed.url,
    phases: wholeStart(reader.phases(), known.readyS),
    commandLine,
    log: log.path,
    ended: placed.ended,
    async stop() {
      await placed.stop()
      log.close()
    },
  }
}
