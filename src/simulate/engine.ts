import { type Batch, Scheduler, type SchedulerSettings, type Share } from './scheduler.js'
import { type EngineRequest, type FinishReason, Sequence } from './sequence.js'
import { EngineStats } from './stats.js'

/** One output token. */
export interface Emission {
  readonly id: string
  /** Position in the output, from 0. */
  readonly index: number
  readonly token: number
  /** Set on the last token. */
  readonly finish: FinishReason | undefined
  /** When the request was first scheduled, in ns. */
  readonly startedNs: number
  /** Prompt tokens that were found in the prefix cache then. */
  readonly cachedTokens: number
}

export interface StepResult {
  readonly durationNs: number
  readonly emitted: readonly Emission[]
  readonly admitted: readonly string[]
  readonly preempted: readonly string[]
  readonly finished: readonly string[]
  readonly scheduledTokens: number
  /** Tokens of the step that were no decode: prompts, and sequences computed again after a preemption. */
  readonly prefillTokens: number
}

interface StepUnderWay {
  readonly batch: Batch
  readonly durationNs: number
  readonly endNs: number
}

/** Duration in ns of a step that begins at `nowNs`. */
export type StepTimer = (shares: readonly Share[], nowNs: number) => number

/**
 * The engine as a machine without clock or I/O: the caller says when a step starts and when it is over.
 *
 *     add ─▶ waiting ─start─▶ running ─finish─▶ tokens       start(t) … finish() at t + durationNs
 *              ▲───preempted────┘
 *
 * A step that was started holds its blocks until `finish`; a request may be aborted in between and then emits nothing.
 */
export class Engine {
  readonly stats: EngineStats
  readonly scheduler: Scheduler
  readonly #sequences = new Map<string, Sequence>()
  readonly #stepNs: StepTimer
  readonly #maxModelLen: number
  #underWay: StepUnderWay | undefined

  constructor(settings: SchedulerSettings, stepNs: StepTimer) {
    this.stats = new EngineStats(settings.maxModelLen)
    this.scheduler = new Scheduler(settings, ({ queried, hit }) => {
      this.stats.prefixQueries += queried
      this.stats.prefixHits += hit
    })
    this.#stepNs = stepNs
    this.#maxModelLen = settings.maxModelLen
  }

  get running(): number {
    return this.scheduler.running.length
  }

  /** Requests that wait for admission, the preempted ones included. */
  get waiting(): number {
    return this.scheduler.waiting.length
  }

  get usage(): number {
    return this.scheduler.blocks.usage
  }

  get hasWork(): boolean {
    return this.#sequences.size > 0
  }

  /** Queues a request. Its prompt must leave room for one token in the context, and its id be new. */
  add(request: EngineRequest, nowNs: number): void {
    if (request.prompt.length < 1 || request.prompt.length >= this.#maxModelLen || request.outputTokens < 1) {
      throw new RangeError(`request ${request.id} does not fit the context of ${this.#maxModelLen} tokens`)
    }
    if (this.#sequences.has(request.id)) throw new RangeError(`request ${request.id} is already there`)
    const sequence = new Sequence(request, nowNs, this.#maxModelLen)
    this.#sequences.set(request.id, sequence)
    this.scheduler.waiting.push(sequence)
  }

  /** Forgets a request and frees its blocks; false when it is not there (any more). */
  abort(id: string): boolean {
    const sequence = this.#sequences.get(id)
    if (sequence === undefined) return false
    this.#sequences.delete(id)
    this.scheduler.remove(sequence)
    this.stats.finished.abort++
    return true
  }

  /** Schedules a step that begins at `nowNs` and returns its duration; undefined when there is nothing to schedule. */
  start(nowNs: number): number | undefined {
    if (this.#underWay !== undefined) throw new Error('a step is under way')
    const batch = this.scheduler.schedule()
    if (batch.shares.length === 0) return undefined
    for (const { sequence } of batch.shares) sequence.firstScheduledNs ??= nowNs
    const durationNs = this.#stepNs(batch.shares, nowNs)
    this.#underWay = { batch, durationNs, endNs: nowNs + durationNs }
    return durationNs
  }

  /** Ends the step under way: moves every sequence on, and hands out the tokens it produced. */
  finish(): StepResult {
    const step = this.#underWay
    if (step === undefined) throw new Error('no step is under way')
    this.#underWay = undefined
    const emitted: Emission[] = []
    const finished: string[] = []
    let prefillTokens = 0
    for (const { sequence, tokens, emits } of step.batch.shares) {
      const isDecode = emits && tokens === 1 && sequence.output.length > 0
      if (!isDecode) prefillTokens += tokens
      if (sequence.state !== 'running') continue
      sequence.computed += tokens
      if (!emits) continue
      const emission = this.#emit(sequence, step.endNs)
      emitted.push(emission)
      if (emission.finish !== undefined) finished.push(sequence.id)
    }
    this.stats.stepTokens.observe(step.batch.tokens)
    const { admitted, preempted } = step.batch
    return {
      durationNs: step.durationNs,
      emitted,
      admitted: admitted.map((s) => s.id),
      preempted: preempted.map((s) => s.id),
      finished,
      scheduledTokens: step.batch.tokens,
      prefillTokens,
    }
  }

  /** One whole step in virtual time; undefined when there is nothing to schedule. */
  step(nowNs: number): StepResult | undefined {
    return this.start(nowNs) === undefined ? undefined : this.finish()
  }

  #emit(sequence: Sequence, nowNs: number): Emission {
    const index = sequence.output.length
    const token = sequence.request.tokenAt(index)
    sequence.output.push(token)
    this.stats.token(sequence, nowNs)
    sequence.firstTokenNs ??= nowNs
    sequence.lastTokenNs = nowNs
    const { id, firstScheduledNs: startedNs = nowNs, cachedPromptTokens: cachedTokens } = sequence
    if (!sequence.isDone) return { id, index, token, finish: undefined, startedNs, cachedTokens }
    this.stats.done(sequence)
    this.#sequences.delete(sequence.id)
    this.scheduler.remove(sequence)
    return { id, index, token, finish: sequence.finish, startedNs, cachedTokens }
  }
}
