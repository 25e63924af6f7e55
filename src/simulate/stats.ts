import { nsToS } from '../base/index.js'
import { BucketHistogram } from './bucket-histogram.js'
import type { FinishReason, Sequence } from './sequence.js'

const FIRST_TOKEN_S = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
  2560,
]
const TOKEN_GAP_S = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
]
const REQUEST_S = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
]
const REQUEST_PREEMPTIONS = [1, 2, 3, 4, 5, 10, 20]
const STEP_TOKENS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384]

/** 1, 2, 5, 10, 20, … up to and not beyond `limit`. */
function oneTwoFive(limit: number): number[] {
  const bounds: number[] = []
  for (let decade = 1; decade <= limit; decade *= 10) {
    for (const step of [1, 2, 5]) if (step * decade <= limit) bounds.push(step * decade)
  }
  return bounds
}

/** Everything the engine counts, under the meaning (and the quirks) that vLLM V1 gives it. Times in seconds. */
export class EngineStats {
  preemptions = 0
  prefixQueries = 0
  prefixHits = 0
  promptTokens = 0
  cachedPromptTokens = 0
  generationTokens = 0
  readonly finished: Record<FinishReason | 'abort', number> = { stop: 0, length: 0, abort: 0 }
  readonly stepTokens = new BucketHistogram(STEP_TOKENS)
  readonly firstToken = new BucketHistogram(FIRST_TOKEN_S)
  readonly tokenGap = new BucketHistogram(TOKEN_GAP_S)
  readonly perOutputToken = new BucketHistogram(TOKEN_GAP_S)
  readonly endToEnd = new BucketHistogram(REQUEST_S)
  readonly queue = new BucketHistogram(REQUEST_S)
  readonly inference = new BucketHistogram(REQUEST_S)
  readonly prefill = new BucketHistogram(REQUEST_S)
  readonly decode = new BucketHistogram(REQUEST_S)
  readonly requestPreemptions = new BucketHistogram(REQUEST_PREEMPTIONS)
  readonly requestPrompt: BucketHistogram
  readonly requestGeneration: BucketHistogram

  constructor(maxModelLen: number) {
    this.requestPrompt = new BucketHistogram(oneTwoFive(maxModelLen))
    this.requestGeneration = new BucketHistogram(oneTwoFive(maxModelLen))
  }

  /** One output token of `sequence` at `nowNs`. Call before the sequence's own times are moved on. */
  token(sequence: Sequence, nowNs: number): void {
    this.generationTokens++
    this.preemptions += sequence.uncountedPreemptions
    sequence.uncountedPreemptions = 0
    if (sequence.lastTokenNs !== undefined) {
      this.tokenGap.observe(nsToS(nowNs - sequence.lastTokenNs))
      return
    }
    this.firstToken.observe(nsToS(nowNs - sequence.request.arrivalNs))
    this.promptTokens += sequence.request.prompt.length
    this.cachedPromptTokens += sequence.cachedPromptTokens
  }

  /** `sequence` has produced its last token. The queue time ends at the *first* scheduling, as the engine has it. */
  done(sequence: Sequence): void {
    const {
      request,
      queuedNs,
      firstScheduledNs = queuedNs,
      firstTokenNs = queuedNs,
      lastTokenNs = queuedNs,
    } = sequence
    this.finished[sequence.finish]++
    this.endToEnd.observe(nsToS(lastTokenNs - request.arrivalNs))
    this.queue.observe(nsToS(firstScheduledNs - queuedNs))
    this.prefill.observe(nsToS(firstTokenNs - firstScheduledNs))
    this.decode.observe(nsToS(lastTokenNs - firstTokenNs))
    this.inference.observe(nsToS(lastTokenNs - firstScheduledNs))
    const gaps = sequence.output.length - 1
    if (gaps > 0) this.perOutputToken.observe(nsToS(lastTokenNs - firstTokenNs) / gaps)
    this.requestPreemptions.observe(sequence.preemptions)
    this.requestPrompt.observe(request.prompt.length)
    this.requestGeneration.observe(sequence.output.length)
  }
}
