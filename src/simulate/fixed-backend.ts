import { msToNs, nsToS } from '../base/index.js'
import type { Agenda } from './agenda.js'
import type { Backend, Job } from './backend.js'
import type { FixedDescription } from './description-schema.js'
import { EngineStats } from './stats.js'

/**
 * No engine: token `i` of every stream is due at arrival + TTFT + i · gap, whatever else runs. The timeline of a stream is
 * fixed when it arrives, so a late token does not delay the next one. For tests of the instrument.
 */
export class FixedBackend implements Backend {
  readonly stats: EngineStats
  readonly capacity = undefined
  readonly #agenda: Agenda
  readonly #jobs = new Map<string, Job>()
  readonly #ttftNs: number
  readonly #gapNs: number

  constructor(description: FixedDescription, agenda: Agenda) {
    this.stats = new EngineStats(description.timing.maxModelLen)
    this.#agenda = agenda
    this.#ttftNs = msToNs(description.timing.ttftMs)
    this.#gapNs = msToNs(description.timing.gapMs)
  }

  gauges() {
    return { running: this.#jobs.size, waiting: 0, usage: 0 }
  }

  submit(job: Job): void {
    this.#jobs.set(job.id, job)
    this.#plan(job, 0)
  }

  cancel(id: string): void {
    if (this.#jobs.delete(id)) this.stats.finished.abort++
  }

  #plan(job: Job, index: number): void {
    this.#agenda.at(job.arrivalNs + this.#ttftNs + index * this.#gapNs, (nowNs) => {
      if (this.#jobs.get(job.id) !== job) return
      const isLast = index === job.outputTokens - 1
      this.#count(job, index, isLast, nowNs)
      if (isLast) this.#jobs.delete(job.id)
      else this.#plan(job, index + 1)
      job.onToken(isLast ? job.finish : undefined)
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
