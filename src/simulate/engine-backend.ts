import { monotonicNs, msToNs } from '../base/index.js'
import type { Agenda } from './agenda.js'
import type { Backend, Capacity, Job } from './backend.js'
import type { EngineDescription } from './description-schema.js'
import { Engine, type StepResult, type StepTimer } from './engine.js'
import { gpuBlocks } from './memory.js'
import { createPeak } from './peak.js'
import { createStepTimer, kvBytesPerToken } from './step-time.js'

/** What a description comes to in KV blocks. */
function capacityOf(description: EngineDescription): Capacity {
  const { scheduler, model } = description
  const numGpuBlocks = gpuBlocks(description)
  const tokens = numGpuBlocks * scheduler.blockSize
  return {
    numGpuBlocks,
    blockSize: scheduler.blockSize,
    tokens,
    maxConcurrency: numGpuBlocks / Math.ceil(scheduler.maxModelLen / scheduler.blockSize),
    kvCacheGiB: (tokens * kvBytesPerToken(model)) / 2 ** 30,
    enablePrefixCaching: scheduler.enablePrefixCaching,
    gpuMemoryUtilization: scheduler.gpuMemoryUtilization,
    numGpuBlocksOverride: scheduler.numGpuBlocksOverride,
  }
}

/** The engine of a description. @param originNs when it starts, on the clock that its caller keeps */
export function createEngine(description: EngineDescription, originNs = 0): Engine {
  const settings = { ...description.scheduler, numGpuBlocks: gpuBlocks(description) }
  const stepNs = createStepTimer(description)
  const slowdownAt = createPeak(description.simulator.peak, originNs)
  const timer: StepTimer = (shares, nowNs) => stepNs(shares) * slowdownAt(nowNs)
  return new Engine(settings, timer)
}

/**
 * Runs the engine on the agenda. Steps follow each other on their planned ends, so a late process delays what clients
 * see but not the engine's own timeline.
 *
 *     arrival ─front end─▶ queue ─steps─▶ step end ─perTokenUs · tokens─▶ written
 *
 * The front end handles the tokens of a step one after the other and writes them together; while it is busy the next
 * step is already running, and a front end slower than the engine falls behind it.
 */
export class EngineBackend implements Backend {
  readonly capacity: Capacity
  readonly #engine: Engine
  readonly #agenda: Agenda
  readonly #jobs = new Map<string, Job>()
  readonly #frontEndNs: number
  readonly #perTokenNs: number
  #frontEndFreeNs = 0
  #stepping = false

  constructor(description: EngineDescription, agenda: Agenda) {
    this.capacity = capacityOf(description)
    this.#engine = createEngine(description, monotonicNs())
    this.#agenda = agenda
    this.#frontEndNs = msToNs(description.efficiency.frontEndMs)
    this.#perTokenNs = description.efficiency.perTokenUs * 1e3
  }

  get stats() {
    return this.#engine.stats
  }

  gauges() {
    const { running, waiting, usage } = this.#engine
    return { running, waiting, usage }
  }

  submit(job: Job): void {
    this.#jobs.set(job.id, job)
    this.#agenda.at(job.arrivalNs + this.#frontEndNs, (nowNs) => this.#enqueue(job, nowNs))
  }

  cancel(id: string): void {
    if (this.#jobs.delete(id)) this.#engine.abort(id)
  }

  #enqueue(job: Job, nowNs: number): void {
    if (this.#jobs.get(job.id) !== job) return
    const { id, prompt, outputTokens, finish, salt, arrivalNs } = job
    this.#engine.add({ id, prompt, outputTokens, finish, salt, arrivalNs, tokenAt: job.idAt }, nowNs)
    if (!this.#stepping) this.#step(nowNs)
  }

  #step(nowNs: number): void {
    const durationNs = this.#engine.start(nowNs)
    this.#stepping = durationNs !== undefined
    if (durationNs === undefined) return
    this.#agenda.at(nowNs + durationNs, (endNs) => {
      this.#hand(this.#engine.finish(), endNs)
      this.#step(endNs)
    })
  }

  #hand({ emitted }: StepResult, endNs: number): void {
    if (emitted.length === 0) return
    this.#frontEndFreeNs = Math.max(this.#frontEndFreeNs, endNs) + emitted.length * this.#perTokenNs
    this.#agenda.at(this.#frontEndFreeNs, (atNs) => {
      for (const { id, finish, startedNs, cachedTokens } of emitted) {
        const job = this.#jobs.get(id)
        if (finish !== undefined) this.#jobs.delete(id)
        job?.onToken(finish, { atNs, startedNs, cachedTokens })
      }
    })
  }
}
