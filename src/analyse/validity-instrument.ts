import { formatNumber } from '../base/index.js'
import type { MetricName } from '../profile/index.js'
import type { PointFindings } from './findings.js'
import { instrumentError } from './instrument-error.js'
import { type Evidence, gradeOf, type Judgement, ms, type Rule } from './validity-rule.js'

type Own = Pick<Evidence, 'point' | 'allow'>

/** A measure of our own error, beyond which latency is ours and not the target's. */
function ownError(seen: number | null, allowed: number, invalidFrom: number, what: string): Judgement | null {
  if (seen === null || seen <= allowed) return null
  const message = `${what}: ${ms(seen)} at p99, ${ms(allowed)} allowed`
  return { severity: gradeOf(seen, invalidFrom), message, seen, allowed, unit: 'ms' }
}

const medianTtftMs = (point: Own['point']): number => point.metrics.ttft.p50?.value ?? 0

/**
 * An open loop's late send adds to what a user waits for the first token. In a closed loop it leaves a slot empty, which
 * counts by what part of a request's life that is.
 */
function delayedMs(point: Own['point']): number {
  const lifeMs = point.metrics.e2e.p50?.value
  return point.throughput.offeredPerS === null && lifeMs !== undefined ? lifeMs : medianTtftMs(point)
}

export function generatorLate({ point, allow }: Own): Judgement | null {
  const wholeMs = delayedMs(point)
  const allowed = Math.max(allow.latenessMs, allow.latenessShare * wholeMs)
  const invalidFrom = Math.max(allow.latenessInvalidMs, allow.latenessInvalidShare * wholeMs)
  return ownError(point.instrument.latenessP99Ms, allowed, invalidFrom, 'our own sends were late')
}

/** So many canary events make a p99 that is not simply the largest. */
const ENOUGH_EVENTS = 100

/**
 * Event-loop delay: what a stamp taken in the loop can be late by. It speaks only where nothing better does: stamps of the
 * kernel do not suffer from it, and a canary tells the error itself.
 */
export function loopDelay({ point, allow }: Own): Judgement | null {
  const { stamps, canary, loopDelayP99Ms } = point.instrument
  if (stamps === 'kernel' || (canary !== null && canary.events >= ENOUGH_EVENTS)) return null
  const ttftMs = medianTtftMs(point)
  const gapMs = point.metrics.tpot.p50?.value ?? point.metrics.chunkGap.p50?.value
  const finestMs = gapMs === undefined ? ttftMs : Math.min(ttftMs, gapMs)
  const allowed = Math.max(allow.loopDelayMs, allow.loopDelayShare * finestMs)
  const invalidFrom = Math.max(allow.loopDelayInvalidMs, allow.loopDelayInvalidShare * ttftMs)
  return ownError(loopDelayP99Ms, allowed, invalidFrom, 'our event loop was held up')
}

interface Bound {
  readonly what: string
  readonly seenMs: number
  readonly allowedMs: number
  readonly invalidFromMs: number
}

const JUDGED: readonly MetricName[] = ['ttft', 'tpot', 'chunkGap']

/** Against the medians of what is measured, objective or not. */
const metricBounds = ({ point, allow }: Own): readonly Bound[] =>
  JUDGED.flatMap((metric) => {
    const seenMs = instrumentError(point, metric)
    const median = point.metrics[metric].p50?.value
    if (seenMs === null || median === undefined) return []
    return [
      {
        what: `${metric} has a median of ${ms(median)}`,
        seenMs,
        allowedMs: Math.max(allow.stampErrorMs, allow.stampErrorMetricShare * median),
        invalidFromMs: Math.max(10 * allow.stampErrorMs, allow.stampErrorMetricInvalidShare * median),
      },
    ]
  })

type ObjectiveFinding = PointFindings['objectives'][number]

/** A limit on a time, or on the speed of a stream, which is one on the time per token. */
function limitBound({ point, allow }: Own, o: ObjectiveFinding): readonly Bound[] {
  const isSpeed = o.metric === 'perStreamTokensPerS'
  if (!isSpeed && o.unit !== 'ms') return []
  const seenMs = instrumentError(point, isSpeed ? 'tpot' : (o.metric as MetricName))
  const limitMs = isSpeed ? 1000 / o.limit : o.limit
  if (seenMs === null || !Number.isFinite(limitMs)) return []
  return [
    {
      what: `the objective is ${o.text}`,
      seenMs,
      allowedMs: allow.stampErrorShare * limitMs,
      invalidFromMs: allow.stampErrorInvalidShare * limitMs,
    },
  ]
}

/** The instrument's own error, as the canary streams tell it, against the tightest of what is asked of the figures. */
export function stampError(own: Own): Judgement | null {
  const bounds = [...metricBounds(own), ...own.point.objectives.flatMap((o) => limitBound(own, o))]
  const broken = bounds.filter((b) => b.seenMs > b.allowedMs)
  const grave = broken.filter((b) => b.seenMs > b.invalidFromMs)
  const excess = (b: Bound): number => b.seenMs / b.allowedMs
  const [worst] = (grave.length > 0 ? grave : broken).toSorted((a, b) => excess(b) - excess(a))
  if (worst === undefined) return null
  return {
    severity: grave.length > 0 ? 'invalid' : 'caveat',
    message: `our own stamps err by ${ms(worst.seenMs)} at p99, and ${worst.what}`,
    seen: worst.seenMs,
    allowed: worst.allowedMs,
    unit: 'ms',
  }
}

/** Measured, and within bounds. */
export const isCanaryFine = (own: Own): boolean =>
  own.point.instrument.canary !== null && stampError(own) === null

/** The kernel stamps by the wall clock: a step of it moves every stamp by as much until the offset is read anew. */
function clockJump({ point, allow }: Own): Judgement | null {
  const { clockJumpMs, clockJumpAtS, stamps } = point.instrument
  if (clockJumpMs === null || !stamps.includes('kernel') || Math.abs(clockJumpMs) <= allow.clockJumpMs)
    return null
  const at = clockJumpAtS === null ? '' : ` in the interval that ended at ${formatNumber(clockJumpAtS)} s`
  return {
    severity: 'caveat',
    message: `the wall clock was set by ${ms(clockJumpMs)}${at}: stamps of that stretch may be off by as much`,
    seen: Math.abs(clockJumpMs),
    allowed: allow.clockJumpMs,
    unit: 'ms',
  }
}

/** A stamp taken in the loop passes for the kernel's: as late as any, and not known to be. */
function unstamped({ point, allow }: Own): Judgement | null {
  const { stamps, unstampedReads } = point.instrument
  const chunks = point.metrics.chunkGap.n + point.metrics.ttft.n
  const seen = chunks === 0 ? 0 : unstampedReads / chunks
  if (!stamps.includes('kernel') || seen <= allow.unstampedShare) return null
  return {
    severity: 'caveat',
    message: `${unstampedReads} reads bore no stamp of the kernel that can be true, against ${chunks} chunks: the moment of reading stands in`,
    seen,
    allowed: allow.unstampedShare,
    unit: 'share',
  }
}

const MORE_ROOM = 'Add workers, lower the load, or run falloff on a machine with free cores.'

/** On our own sends and stamps. */
export const instrumentRules: readonly Rule[] = [
  { code: 'generator-late', advice: MORE_ROOM, judge: generatorLate },
  {
    code: 'stamp-error',
    advice: `${MORE_ROOM} Stamps of the event loop err most: plain HTTP on Linux has the kernel’s.`,
    judge: stampError,
  },
  {
    code: 'loop-delay',
    advice: 'Add workers or cores; until then read gaps and TTFT as upper bounds, high by up to the delay.',
    judge: loopDelay,
  },
  {
    code: 'unstamped',
    advice: 'Use --transport undici, which does not claim more than it has, and read times as upper bounds.',
    judge: unstamped,
  },
  {
    code: 'clock-jump',
    advice:
      'Stop clock synchronisation by steps during runs, or use --transport undici, whose clock never jumps.',
    judge: clockJump,
  },
]
