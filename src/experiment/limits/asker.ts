import type { RateLimits, RequestFailure } from '../../base/index.js'
import { type ResponseHeaders, redact } from '../../base/index.js'
import { type Api, type Decoder, type DecodeSink, readHeaders, type Usage } from '../../protocol/index.js'
import type { Channel, ResponseSink } from '../../transport/index.js'

/** What came of one small request. */
export interface Asked {
  readonly sentNs: number
  /** Missing: it was answered in full. */
  readonly failure?: RequestFailure
  readonly usage?: Usage
  readonly rateLimits?: RateLimits
}

/** Sends one request and sees it to its end. Never rejects. */
export function ask(
  channel: Channel,
  api: Api,
  headers: Readonly<Record<string, string>>,
  request: { readonly path: string; readonly body: string },
  timeoutMs: number,
): Promise<Asked> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      flight.cancel()
      sink.giveUp(`no answer within ${timeoutMs} ms`)
    }, timeoutMs)
    const sink = new Answer(api, (asked) => {
      clearTimeout(timer)
      resolve(asked)
    })
    const flight = channel.send(
      {
        path: request.path,
        body: request.body,
        headers: { 'content-type': 'application/json', ...api.headers, ...headers },
      },
      sink,
    )
  })
}

const MAX_ERROR_BODY = 8 * 1024

class Answer implements ResponseSink, DecodeSink {
  readonly #api: Api
  readonly #onEnd: (asked: Asked) => void
  #decoder: Decoder | undefined
  #sentNs = 0
  #status = 0
  #headers: ResponseHeaders = {}
  #body = ''
  #usage: Usage | undefined
  #failure: RequestFailure | undefined
  #over = false

  constructor(api: Api, onEnd: (asked: Asked) => void) {
    this.#api = api
    this.#onEnd = onEnd
  }

  onSent(atNs: number): void {
    this.#sentNs = atNs
  }

  onHeaders(_atNs: number, status: number, headers: ResponseHeaders): void {
    this.#status = status
    this.#headers = headers
    if (status < 300) this.#decoder = this.#api.createDecoder(this, false)
  }

  onData(_atNs: number, bytes: Buffer, from: number, to: number): void {
    if (this.#decoder) this.#decoder.feed(bytes, from, to)
    else if (this.#body.length < MAX_ERROR_BODY) this.#body += bytes.toString('utf8', from, to)
  }

  onEnd(): void {
    this.#decoder?.end()
    this.#finish(this.#decoder ? this.#failure : this.#api.failureOf(this.#status, this.#body, this.#headers))
  }

  onBroken(_atNs: number, failure: RequestFailure): void {
    this.#finish(failure)
  }

  giveUp(message: string): void {
    this.#finish({ code: 'deadline-total', message })
  }

  #finish(failure: RequestFailure | undefined): void {
    if (this.#over) return
    this.#over = true
    const { rateLimits } = readHeaders(this.#headers)
    this.#onEnd({
      sentNs: this.#sentNs,
      ...(failure && { failure: { ...failure, message: redact(failure.message) } }),
      ...(this.#usage && { usage: this.#usage }),
      ...(rateLimits && { rateLimits }),
    })
  }

  onUsage(usage: Usage): void {
    this.#usage = usage
  }

  onFailure(failure: RequestFailure): void {
    this.#failure ??= failure
  }

  onEvent(): void {}
  onOutput(): void {}
  onModel(): void {}
  onFinish(): void {}
  onServerTimings(): void {}
  onTerminal(): void {}
}
