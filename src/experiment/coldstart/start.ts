import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  arrivalOf,
  arrivalsDuring,
  coldPhases,
  coldRequests,
  didArrive,
  steadiness,
} from '../../analyse/index.js'
import { FalloffError, monotonicNs, sToNs } from '../../base/index.js'
import { launch, type RunningEngine } from '../../launch/index.js'
import type { CacheState, ColdStart } from '../../record/index.js'
import { firstToken } from './first-token.js'
import { beginLoad, loadFor, type RecordedLoad, type RunningLoad } from './load.js'
import { pageCache } from './page-cache.js'
import { untilOpen } from './port.js'
import { type ColdSetup, isOpenLoad, knowsPort, portFor, targetAt, ttftObjective, windowNs } from './setup.js'

/** Stamps of one start, in ns on the machine's monotonic clock. */
interface Stamps {
  readonly commandNs: number
  readonly portOpenNs: number | undefined
  readonly healthyNs: number
  readonly firstTokenNs: number
  /** When the load was told to end. */
  readonly untilNs: number
}

/**
 * One cold start: the load begins, then the command is run; when it is healthy a first request is sent, and the load goes on
 * for the time in which it is to become steady. A load that cannot wait for nobody begins with the first token.
 *
 * @throws EngineStartError, or FalloffError FIRST_REQUEST; nothing is left running
 */
export async function coldStart(setup: ColdSetup, number: number): Promise<ColdStart> {
  const { choice, files, dropPageCache, listener, profile, settleS, interruption } = setup
  const folder = join(setup.folder, `start-${number}`)
  const cache = files.length === 0 && !dropPageCache ? null : await pageCache(files, dropPageCache)
  const port = await portFor(choice)
  const over = new AbortController()
  let load: RunningLoad | undefined
  let engine: RunningEngine | undefined
  try {
    if (isOpenLoad(profile) && knowsPort(choice) && port !== undefined) {
      load = await beginOn(setup, folder, `http://127.0.0.1:${port}`, setup.mostLoadS)
    }
    const opened =
      choice.place.kind === 'local' && port !== undefined ? untilOpen(port, over.signal) : undefined
    const first = promised<number>()
    const onReady = (url: string): void => first.keep(firstToken(profile, targetAt(setup, url)))
    engine = await launch(
      { ...choice, ...(port !== undefined && { port }) },
      {},
      { folder, onPhase: listener.onPhase, signal: interruption.soon, onReady },
    )
    const firstTokenNs = await first.value
    load ??= await beginOn(setup, folder, engine.url, settleS)
    listener.onPhase(`watching it settle for ${settleS} s`)
    await watch(settleS, interruption.soon)
    const untilNs = monotonicNs()
    const recorded = await load.end()
    over.abort()
    const { commandNs, readyS } = engine
    const healthyNs = commandNs + sToNs(readyS)
    const stamps = { commandNs, portOpenNs: await opened, healthyNs, firstTokenNs, untilNs }
    return startOf(setup, { engine, recorded, stamps, run: basename(folder), cache })
  } finally {
    over.abort()
    await load?.drop()
    await engine?.stop()
  }
}

/** A value that comes of a promise which is made later on. */
function promised<T>(): { readonly value: Promise<T>; readonly keep: (later: Promise<T>) => void } {
  let keep: (later: Promise<T>) => void = () => {}
  const value = new Promise<T>((resolve) => {
    keep = resolve
  })
  // Who asks for it hears of its failure.
  value.catch(() => undefined)
  return { value, keep }
}

/** @throws FalloffError INTERRUPTED: half a watch tells nothing of when it is steady */
async function watch(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1_000, undefined, { signal }).catch(() => {
    throw new FalloffError('INTERRUPTED', 'the start was not watched to its end: interrupted')
  })
}

const beginOn = (
  { profile, target, lexicon, command, listener, interruption, budget }: ColdSetup,
  folder: string,
  url: string,
  seconds: number,
): Promise<RunningLoad> =>
  beginLoad({
    profile: loadFor(profile, seconds),
    target: targetAt({ profile, target }, url),
    label: basename(folder),
    ...{ lexicon, folder, command, listener, interruption, budget },
  })

interface Measured {
  readonly engine: RunningEngine
  readonly recorded: RecordedLoad
  readonly stamps: Stamps
  readonly run: string
  readonly cache: CacheState | null
}

function startOf(setup: ColdSetup, { engine, recorded, stamps, run, cache }: Measured): ColdStart {
  const { profile, settleS } = setup
  const since = (atNs: number): number => Math.round(atNs - stamps.commandNs)
  const healthyNs = since(stamps.healthyNs)
  const firstTokenNs = since(stamps.firstTokenNs)
  // Records count from the zero of their run.
  const inRun = (atNs: number): number => atNs - recorded.zeroNs
  const records = recorded.records.filter(didArrive)
  const steady = steadiness(records.map(arrivalOf), {
    fromNs: inRun(stamps.firstTokenNs),
    untilNs: inRun(stamps.untilNs),
    windowNs: windowNs(settleS),
  })
  const commandNs = inRun(stamps.commandNs)
  const moments = {
    commandNs,
    healthyNs: inRun(stamps.healthyNs),
    missedUntilNs: steady.atNs ?? inRun(stamps.untilNs),
  }
  const duringStart = isOpenLoad(profile) && knowsPort(setup.choice)
  return {
    run,
    commandNs: Math.round(commandNs),
    phases: coldPhases(weighed(engine), healthyNs, firstTokenNs),
    // Nobody can be healthy behind a closed port: the two are looked at by different means.
    portOpenNs: stamps.portOpenNs === undefined ? null : Math.min(healthyNs, since(stamps.portOpenNs)),
    healthyNs,
    firstTokenNs,
    steady: { ...steady, atNs: steady.atNs === null ? null : Math.round(steady.atNs - commandNs) },
    arrivals: duringStart ? arrivalsDuring(records, moments, ttftObjective(profile)?.limit) : null,
    requests: coldRequests(records, commandNs, inRun(stamps.untilNs)),
    cache,
  }
}

/** Weights that are made up are not read: what they weigh tells no speed. */
function weighed({ phases, settings, commandLine }: RunningEngine): RunningEngine['phases'] {
  const isDummy = settings.loadFormat === 'dummy' || /--load-format[ =]dummy\b/.test(commandLine)
  return isDummy ? phases.map(({ bytes: _, ...phase }) => phase) : phases
}
