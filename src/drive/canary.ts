import { apiOf, type Decoder, type DecodeSink } from '../protocol/index.js'
import type { CanaryErrors } from '../record/index.js'
import type { Channel, ResponseSink } from '../transport/index.js'

/**
 * A few streams whose true times are known, read beside the load by the same loop, transport and decoder. Each event says
 * when it was written, on the clock that all processes of a machine share; what our stamp says beyond that is our error.
 *
 *     our send ──▶ arrival ──ttft──▶ write ─────▶ write ─────▶ …   as the emitter tells them
 *         └────────── ours ──────────▶ stamp ─────▶ stamp          as we saw them
 */
export interface Canary {
  /** Errors since the last call. */
  take(): CanaryErrors
  stop(): void
}

const STREAMS = 8
/** Short answers, so that there are enough first tokens to judge TTFT by. */
const TOKENS = 10
/**
 * As far apart as the tokens of a common load, so that a stall swallows as many of them; and out of step with the round
 * numbers at which loads beat, so that every phase of them is seen.
 */
const SHAPE = { ttftMs: 41, gapMs: 21 } as const
/** The emitter is gone or out of reach: no more than a try a second. */
const RETRY_MS = 1000

interface Errors {
  stampNs: number[]
  gapNs: number[]
  ttftNs: number[]
}
const noErrors = (): Errors => ({ stampNs: [], gapNs: [], ttftNs: [] })

/**
 * @param model the emitter's
 * @param zeroNs the run's zero on the machine's monotonic clock, on which the emitter tells its times
 */
export function startCanary(channel: Channel, zeroNs: number, model: string): Canary {
  let errors = noErrors()
  let stopped = false
  const flights = new Map<number, { cancel(): void }>()

  const sing = (stream: number, song: number): void => {
    if (stopped) return
    const next = (): void => sing(stream, song + 1)
    const later = (): void => void setTimeout(next, RETRY_MS).unref()
    const sink = new CanarySink(zeroNs, () => errors, next, later)
    flights.set(stream, channel.send(request(model, `canary-${stream}-${song}`), sink))
  }
  for (let stream = 0; stream < STREAMS; stream++) sing(stream, 0)

  return {
    take() {
      const taken = errors
      errors = noErrors()
      return taken
    },
    stop() {
      stopped = true
      for (const flight of flights.values()) flight.cancel()
    },
  }
}

const request = (model: string, id: string) => ({
  path: '/v1/chat/completions',
  headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-request-id': id },
  body: JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'sing' }],
    max_tokens: TOKENS,
    stream: true,
    emit: SHAPE,
  }),
})

/** One canary answer. */
class CanarySink implements ResponseSink, DecodeSink {
  readonly #zeroNs: number
  readonly #errors: () => Errors
  readonly #onEnd: () => void
  readonly #onBroken: () => void
  readonly #decoder: Decoder = apiOf('openai-chat').createDecoder(this, true)
  #status = 0
  #sentNs = 0
  #readNs = 0
  // Of the last event, not judged yet; of its request, where it was the first; and of the event before, where that was judged.
  #errorNs = Number.NaN
  #ttftErrorNs = Number.NaN
  #previousErrorNs = Number.NaN

  constructor(zeroNs: number, errors: () => Errors, onEnd: () => void, onBroken: () => void) {
    this.#zeroNs = zeroNs
    this.#errors = errors
    this.#onEnd = onEnd
    this.#onBroken = onBroken
  }

  onSent(atNs: number): void {
    this.#sentNs = atNs
  }

  onData(atNs: number, bytes: Buffer, from: number, to: number): void {
    this.#readNs = atNs
    this.#decoder.feed(bytes, from, to)
  }

  /**
   * The text holds the time of the write; that of the first event the request's arrival before it. An exclamation mark
   * before the time says that the send of the event before was slow: when its bytes went out is then not known. So an event
   * is judged when the next one comes, and the last never.
   */
  onOutput(_tokens: number, _visible: boolean, text: string): void {
    if (!text.startsWith('!')) this.#judge()
    const times = text.slice(1).split(' ').map(Number)
    const writeNs = times.at(-1) ?? Number.NaN
    const arrivalNs = times.length > 1 ? (times[0] ?? Number.NaN) : Number.NaN
    this.#previousErrorNs = text.startsWith('!') ? Number.NaN : this.#errorNs
    this.#errorNs = Math.round(this.#readNs + this.#zeroNs - writeNs)
    this.#ttftErrorNs = Math.round(this.#readNs - this.#sentNs - (writeNs - arrivalNs))
  }

  #judge(): void {
    const errors = this.#errors()
    if (Number.isNaN(this.#errorNs)) return
    errors.stampNs.push(this.#errorNs)
    if (!Number.isNaN(this.#ttftErrorNs)) errors.ttftNs.push(this.#ttftErrorNs)
    if (!Number.isNaN(this.#previousErrorNs)) errors.gapNs.push(this.#errorNs - this.#previousErrorNs)
  }

  onEnd(): void {
    if (this.#status === 200) this.#onEnd()
    else this.#onBroken()
  }

  onBroken(): void {
    this.#onBroken()
  }

  onHeaders(_atNs: number, status: number): void {
    this.#status = status
  }

  onEvent(): void {}
  onModel(): void {}
  onUsage(): void {}
  onFinish(): void {}
  onServerTimings(): void {}
  onTerminal(): void {}
  onFailure(): void {}
}
