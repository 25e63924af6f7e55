import { formatNumber } from '../../base/index.js'
import type { PointFigures, RunFigures, ServerFigures } from '../../record/index.js'
import { meanOf } from '../stats/index.js'

/** A side, as far as its engine told of itself. */
interface Told {
  readonly name: string
  readonly server: ServerFigures
  /** Mean of the runs' TTFT, in ms. */
  readonly ttftMs: number | null
}

type Rule = (a: Told, b: Told) => string | null

/** Fewer waiting than this on average is no queue. */
const QUEUE = 0.5
/** From this share on a cache counts as full. */
const FULL = 0.9
/** Preemptions per request that can be felt. */
const PREEMPTED = 0.02
/** How often more a side must have of something for it to be told. */
const MORE = 1.3

/**
 * Why two sides differ, as far as the engines' own metrics tell: who queued and behind what, how many shared a step, what was
 * computed twice, what came from the cache. Of the point with the most requests waiting, where there are several.
 */
export function reasonsBetween(
  a: { readonly name: string; readonly runs: readonly RunFigures[] },
  b: { readonly name: string; readonly runs: readonly RunFigures[] },
): readonly string[] {
  const at = hardestPoint([...a.runs, ...b.runs])
  const [one, other] = [told(a, at), told(b, at)]
  if (one === null || other === null) return []
  const sentences = RULES.flatMap((rule) => rule(one, other) ?? [])
  return at === 'run' || sentences.length === 0 ? sentences : [`At ${at}:`, ...sentences]
}

/** Each rule looks from both sides; the first says more. */
const RULES: readonly Rule[] = [queueOf, cacheOf, stepOf, ttftOf, prefixOf]

/** Who lets requests wait, and whether for the batch limit or for the cache. */
function queueOf(a: Told, b: Told): string | null {
  const [waits, other] = more(a, b, 'waitingMean')
  const waiting = waits.server.waitingMean ?? 0
  if (waiting < QUEUE || waiting < MORE * (other.server.waitingMean ?? 0)) return null
  const { runningMax, kvUsageMax } = waits.server
  const behind =
    kvUsageMax === null
      ? ''
      : kvUsageMax < FULL
        ? ` with ${kvUsageMax < 0.01 ? 'less than 1 %' : `no more than ${percent(kvUsageMax)}`} of its KV cache in use: its batch limit holds it back, not its memory`
        : ` with its KV cache full (${percent(kvUsageMax)})`
  return (
    `${waits.name} let ${count(waiting)} requests wait on average while ${count(runningMax ?? waits.server.runningMean ?? 0)} ran at most,${behind}; ` +
    `${other.name} let ${count(other.server.waitingMean ?? 0)} wait while ${count(other.server.runningMax ?? other.server.runningMean ?? 0)} ran at most.`
  ).replace(',;', ';')
}

/** What was thrown out of the cache is computed again. */
function cacheOf(a: Told, b: Told): string | null {
  const [hit, other] = more(a, b, 'preemptionsPerRequest')
  const times = hit.server.preemptionsPerRequest ?? 0
  const rest = other.server.preemptionsPerRequest ?? 0
  if (times < PREEMPTED || times < MORE * rest) return null
  return `${hit.name} preempted ${formatNumber(times)} times per request and computed that work again; ${other.name} ${formatNumber(rest)} times.`
}

/** More streams in a step make each of them slower, and all of them together faster. */
function stepOf(a: Told, b: Told): string | null {
  const [wide, narrow] = more(a, b, 'runningMean')
  const [many, few] = [wide.server.runningMean ?? 0, narrow.server.runningMean ?? 0]
  if (few <= 0 || many < MORE * few) return null
  return `${count(many)} streams shared a step on ${wide.name} and ${count(few)} on ${narrow.name}: each of them is slower there, and a step yields more tokens.`
}

/** What the difference in TTFT is made of, by the engines' clocks. */
function ttftOf(a: Told, b: Told): string | null {
  if (a.ttftMs === null || b.ttftMs === null) return null
  const [slow, fast] = a.ttftMs > b.ttftMs ? [a, b] : [b, a]
  const apart = (slow.ttftMs ?? 0) - (fast.ttftMs ?? 0)
  if ((slow.ttftMs ?? 0) < MORE * (fast.ttftMs ?? 0)) return null
  const queue = between(slow.server.queueMs, fast.server.queueMs)
  const prefill = between(slow.server.prefillMs, fast.server.prefillMs)
  if (queue === null || prefill === null) return null
  return `Of the ${ms(apart)} by which the mean TTFT of ${slow.name} is longer, the engines’ clocks count ${ms(queue)} as queue and ${ms(prefill)} as prefill.`
}

function prefixOf(a: Told, b: Told): string | null {
  const [hits, other] = more(a, b, 'prefixHitShare')
  const [share, rest] = [hits.server.prefixHitShare ?? 0, other.server.prefixHitShare ?? 0]
  if (share - rest < 0.05) return null
  return `${percent(share)} of the prompt tokens of ${hits.name} came from its prefix cache, and ${percent(rest)} of those of ${other.name}.`
}

/** The side that has more of it comes first; one that does not tell has none. */
const more = (a: Told, b: Told, key: keyof ServerFigures): readonly [Told, Told] =>
  (a.server[key] ?? 0) >= (b.server[key] ?? 0) ? [a, b] : [b, a]

const between = (more: number | null, less: number | null): number | null =>
  more === null || less === null ? null : more - less

const count = (value: number): string =>
  formatNumber(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))
const percent = (share: number): string => `${formatNumber(Math.round(share * 100))} %`
const ms = (value: number): string => `${value < 0 ? '−' : ''}${formatNumber(Math.abs(value))} ms`

/** Means over the runs; null where an engine told nothing. */
function told(
  { name, runs }: { readonly name: string; readonly runs: readonly RunFigures[] },
  at: string,
): Told | null {
  const points = runs.flatMap((run) => run.points.filter(({ label }) => label === at))
  const servers = points.flatMap(({ server }) => server ?? [])
  if (servers.length === 0) return null
  const mean = (key: keyof ServerFigures): number | null => meanOrNull(servers.map((server) => server[key]))
  return {
    name,
    ttftMs: meanOrNull(points.map(({ figures }) => finite(figures['ttft.mean']?.value))),
    server: {
      runningMean: mean('runningMean'),
      runningMax: mean('runningMax'),
      waitingMean: mean('waitingMean'),
      kvUsageMean: mean('kvUsageMean'),
      kvUsageMax: mean('kvUsageMax'),
      preemptionsPerRequest: mean('preemptionsPerRequest'),
      prefixHitShare: mean('prefixHitShare'),
      queueMs: mean('queueMs'),
      prefillMs: mean('prefillMs'),
      decodeMs: mean('decodeMs'),
    },
  }
}

const finite = (value: number | 'endless' | undefined): number | null =>
  typeof value === 'number' ? value : null

function meanOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : meanOf(known)
}

/** Label of the point at which most requests waited, of those that were measured at all. */
function hardestPoint(runs: readonly RunFigures[]): string {
  const points: readonly PointFigures[] = runs.flatMap((run) => run.points)
  const waiting = ({ server }: PointFigures): number => server?.waitingMean ?? -1
  return (
    points.reduce<PointFigures | undefined>(
      (most, point) => (most === undefined || waiting(point) > waiting(most) ? point : most),
      undefined,
    )?.label ?? 'run'
  )
}
