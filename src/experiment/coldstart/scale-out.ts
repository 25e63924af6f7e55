import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { scaleFigures } from '../../analyse/index.js'
import { FalloffError, monotonicNs, nsToS, sToNs } from '../../base/index.js'
import { freePort, launch, type RunningEngine } from '../../launch/index.js'
import type { ScaleOut } from '../../record/index.js'
import { measureFloor } from '../floor/floor.js'
import { type Front, startFront } from './front.js'
import { beginLoad, loadFor, type RunningLoad } from './load.js'
import { type ColdSetup, targetAt, windowNs } from './setup.js'

/** Before the load counts as under way, as a share of the time watched. */
const RUN_UP = 0.25

/** What costs nothing, where it is not /health. */
const PLAIN_PATH: Readonly<Record<string, string>> = { ollama: '/api/version' }

/**
 * One replica serves under load behind a front of our own; a second one is started and joins when it is healthy.
 *
 * @throws EngineStartError; nothing is left running
 */
export async function scaleOut(setup: ColdSetup): Promise<ScaleOut> {
  const { choice, settleS, interruption, listener } = setup
  const folder = join(setup.folder, 'scale-out')
  const { signal, onPhase } = { signal: interruption.soon, onPhase: listener.onPhase }
  const engines: RunningEngine[] = []
  const start = async (name: string, onReady?: (url: string) => void): Promise<RunningEngine> => {
    onPhase(`scale-out: starting the ${name} replica`)
    const port = await freePort(0)
    const engine = await launch({ ...choice, port }, {}, { folder, onPhase, signal, onReady })
    engines.push(engine)
    return engine
  }
  let front: Front | undefined
  let load: RunningLoad | undefined
  try {
    const first = await start('first')
    front = await startFront([first.url])
    const cost = await frontCost(setup, front.url, first.url)
    // What it was measured with is none of the load.
    const earlier = front.counts()
    onPhase(`scale-out: one replica under load for ${settleS * (1 + RUN_UP)} s`)
    load = await beginOn(setup, folder, front.url, first.url)
    await wait(settleS * RUN_UP, signal)
    const fromNs = monotonicNs()
    await wait(settleS, signal)
    const { commandNs, readyS } = await start('second', (url) => front?.join(url))
    const joinedNs = commandNs + sToNs(readyS)
    onPhase(`scale-out: two replicas under load for ${settleS} s`)
    await wait(settleS, signal)
    const untilNs = monotonicNs()
    const { zeroNs, records } = await load.end()
    const moments = { fromNs, commandNs, joinedNs, untilNs }
    const inRun = Object.fromEntries(Object.entries(moments).map(([name, at]) => [name, at - zeroNs]))
    const figures = scaleFigures(records, {
      ...(inRun as typeof moments),
      windowNs: windowNs(settleS),
    })
    return {
      run: basename(folder),
      front: cost,
      commandS: nsToS(commandNs - fromNs),
      joinedS: nsToS(joinedNs - fromNs),
      ...figures,
      ...since(earlier, front.counts()),
    }
  } finally {
    await load?.drop()
    await front?.close()
    await Promise.all(engines.map((engine) => engine.stop()))
  }
}

const since = (earlier: ReturnType<Front['counts']>, now: ReturnType<Front['counts']>) => ({
  passed: now.passed.map((n, i) => n - (earlier.passed[i] ?? 0)),
  retried: now.retried - earlier.retried,
})

async function wait(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1_000, undefined, { signal }).catch(() => {
    throw new FalloffError('INTERRUPTED', 'the scale-out was not measured: interrupted')
  })
}

/** @param watchedUrl of the replica whose metrics are read: through the front they would be now of one, now of the other */
const beginOn = (setup: ColdSetup, folder: string, url: string, watchedUrl: string): Promise<RunningLoad> => {
  const { profile, target, lexicon, command, listener, interruption, budget, settleS, mostLoadS } = setup
  return beginLoad({
    profile: loadFor(profile, mostLoadS + settleS * (1 + RUN_UP)),
    target: { ...targetAt({ profile, target }, url), metricsUrl: `${watchedUrl}/metrics` },
    label: 'scale-out',
    ...{ lexicon, folder, command, listener, interruption, budget },
  })
}

/** As `falloff floor` does it: the same small question, in turns, through the front and past it. */
async function frontCost(
  { choice, target, command, listener, interruption }: ColdSetup,
  frontUrl: string,
  directUrl: string,
): Promise<ScaleOut['front']> {
  listener.onPhase('scale-out: measuring what the front itself costs')
  const { gateway } = await measureFloor({
    places: { target: frontUrl, direct: directUrl },
    path: choice.readyPath ?? PLAIN_PATH[choice.kind] ?? '/health',
    headers: target.headers,
    ...{ connections: [1, 10], seconds: 1, amount: 1_000, turns: 2, command, interruption },
    onPhase: () => undefined,
  })
  return gateway.map(({ connections, p50Ns, p99Ns }) => ({ connections, p50Ns, p99Ns }))
}
