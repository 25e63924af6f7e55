import { monotonicNs, msToNs, nsToS } from '../base/index.js'
import type { Agenda } from './agenda.js'
import type { Backend, Job } from './backend.js'
import type { FixedDescription } from './description-schema.js'
import { createPeak } from './peak.js'
import { EngineStats } from './stats.js'

/**
 * No engine: token `i` of every stream is due at arrival + TTFT + i · gap, whatever else runs. The timeline of a stream is
 * fixed when it arrives, so a late token does not delay the next one. For tests of the instrument. At peak hours both are
 * longer, by the factor of the moment they begin.
 */
export class FixedBackend implements Backend {
  readonly stats: EngineStats
  readonly capacity = undefined
  readonly #agenda: Agenda
  readonly #jobs = new Map<string, Job>()
  readonly #ttftNs: number
  readonly #gapNs: number
  readonly #slowdownAt: (atNs: number) => number

  constructor(description: FixedDescription, agenda: Agenda) {
    this.stats = new EngineStats(description.timing.maxModelLen)
    this.#agenda = agenda
    this.#ttftNs = msToNs(description.timing.ttftMs)
    this.#gapNs = msToNs(description.timing.gapMs)
    this.#slowdownAt = createPeak(description.simulator.peak, monotonicNs())
  }

  gauges() {
    return { running: this.#jobs.size, waiting: 0, usage: 0 }
  }

  submit(job: Job): void {
    this.#jobs.set(job.id, job)
    this.#plan(job, 0, job.arrivalNs + this.#ttftNs * this.#slowdownAt(job.arrivalNs))
  }

  cancel(id: string): void {
    if (this.#jobs.delete(id)) this.stats.finished.abort++
  }

  #plan(job: Job, index: number, dueNs: number): void {
    this.#agenda.at(dueNs, (nowNs) => {
      if (this.#jobs.get(job.id) !== job) return
      const isLast = index === job.outputTokens - 1
      this.#count(job, index, isLast, nowNs)
      if (isLast) this.#jobs.delete(job.id)
      else this.#plan(job, index + 1, dueNs + this.#gapNs * this.#slowdownAt(dueNs))
      job.onToken(isLast ? job.finish : undefined, {
        atNs: nowNs,
        startedNs: job.arrivalNs,
        cachedTokens: 0,
      })
    })
  }

  #count(job: Job, index: number, isLast: boolean, nowNs: number): void {
    const { stats } = this
    stats.generationTokens++
    if (index === 0) {
      stats.promptTokens += job.prompt.length
      stats.firstToken.observe(nsToS(this.#ttftNs))
    } else stats.tokenGap.observe(nsToS(this.#gapNs))
    if (!isLast) return
    stats.finished[job.finish]++
    stats.endToEnd.observe(nsToS(nowNs - job.arrivalNs))
  }
}
