import { FalloffError, monotonicNs, type ResponseHeaders, redact, runClock } from '../../base/index.js'
import type { Profile } from '../../profile/index.js'
import { type Api, apiOf, type Decoder, type DecodeSink } from '../../protocol/index.js'
import { createTransport, type ResponseSink } from '../../transport/index.js'
import type { PreparedTarget } from '../target.js'

const OUTPUT_TOKENS = 8
const PROMPT = 'Say a few words.'

/**
 * Sends one small request and resolves with the moment of its first token, in ns on the machine's monotonic clock. Its
 * answer is not waited for.
 *
 * @throws FalloffError FIRST_REQUEST when there is none
 */
export async function firstToken(profile: Profile, target: PreparedTarget): Promise<number> {
  const clock = runClock(0)
  const api = apiOf(profile.target.api)
  const transport = await createTransport('undici', clock, profile.target.api)
  const [way] = target.ways
  if (way === undefined) throw new Error('a target without a place')
  const path = new URL(target.baseUrl).pathname.replace(/\/$/, '') + api.path
  const body = api.encode({
    ...{ model: target.facts.model, messages: [{ role: 'user', content: PROMPT }] },
    outputTokens: Math.max(OUTPUT_TOKENS, api.minOutputTokens ?? 1),
    ...{ exactOutput: false, chunkUsage: false, extraBody: profile.target.extraBody },
  })
  const headers = { 'content-type': 'application/json', ...api.headers, ...target.headers }
  const sink = new FirstOutput(api)
  const timer = setTimeout(
    () => sink.fail(`no token within ${profile.limits.ttftMs} ms`),
    profile.limits.ttftMs,
  )
  const flight = transport.open(way.origin, 1, way.connection).send({ path, body, headers }, sink)
  try {
    return await sink.came
  } finally {
    clearTimeout(timer)
    flight.cancel()
    await transport.close()
  }
}

const MAX_ERROR_BODY = 8 * 1024

class FirstOutput implements ResponseSink, DecodeSink {
  readonly came: Promise<number>
  readonly #api: Api
  #resolve: (atNs: number) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #decoder: Decoder | undefined
  #atNs = 0
  #status = 0
  #headers: ResponseHeaders = {}
  #body = ''

  constructor(api: Api) {
    this.#api = api
    this.came = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  fail(message: string): void {
    const hint = 'The engine answered its health check, and then not its first request; its log may tell why.'
    this.#reject(new FalloffError('FIRST_REQUEST', `the first request failed: ${redact(message)}`, { hint }))
  }

  onHeaders(_atNs: number, status: number, headers: ResponseHeaders): void {
    this.#status = status
    this.#headers = headers
    if (status < 300) this.#decoder = this.#api.createDecoder(this, false)
  }

  onData(_atNs: number, bytes: Buffer, from: number, to: number): void {
    this.#atNs = monotonicNs()
    if (this.#decoder) this.#decoder.feed(bytes, from, to)
    else if (this.#body.length < MAX_ERROR_BODY) this.#body += bytes.toString('utf8', from, to)
  }

  onEnd(): void {
    this.#decoder?.end()
    if (this.#decoder) this.fail('it was answered without a token')
    else this.fail(this.#api.failureOf(this.#status, this.#body, this.#headers).message)
  }

  onBroken(_atNs: number, { message }: { readonly message: string }): void {
    this.fail(message)
  }

  onOutput(): void {
    this.#resolve(this.#atNs)
  }

  onFailure({ message }: { readonly message: string }): void {
    this.fail(message)
  }

  onSent(): void {}
  onEvent(): void {}
  onUsage(): void {}
  onModel(): void {}
  onFinish(): void {}
  onServerTimings(): void {}
  onTerminal(): void {}
}
