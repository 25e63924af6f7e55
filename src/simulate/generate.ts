import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hash32, monotonicNs } from '../base/index.js'
import type { Agenda } from './agenda.js'
import { type Answer, type AnswerHost, type AnswerParts, StreamedAnswer, WholeAnswer } from './answer.js'
import type { Backend } from './backend.js'
import type { SimulatorSettings } from './description-schema.js'
import type { Ask, Endpoint, GenerateRequest, Served } from './dialects/dialect.js'
import { EventWriter } from './event-writer.js'
import type { FaultPlan } from './faults.js'
import type { Loader } from './loader.js'
import { type OutputPlan, planOutput } from './output.js'
import type { RateLimiter } from './rate-limits.js'
import { invalid, RequestError } from './request-error.js'
import type { SendLog } from './send-log.js'
import type { Headers } from './shape.js'
import { Tally } from './tally.js'

/** What every request of a server shares. */
export interface Context extends Served {
  readonly backend: Backend
  readonly agenda: Agenda
  /** Requests that run at once. */
  readonly slots: number
  readonly settings: SimulatorSettings
  readonly log: SendLog
  readonly limiter: RateLimiter | undefined
  readonly loader: Loader
  nextFaults(): FaultPlan
  /** 1 for the first request of this server. */
  nextSerial(): number
}

/** One call of a generating endpoint, from its headers on. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly arrivalNs: number
  /** From `x-request-id` if the client sent one. */
  readonly id: string
  readonly faults: FaultPlan
}

export function openCall(context: Context, request: IncomingMessage, response: ServerResponse): Call {
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && given !== '' ? given : randomUUID().replaceAll('-', '')
  const arrivalNs = monotonicNs()
  context.log.add(id, arrivalNs, -1, 0)
  return { request, response, arrivalNs, id, faults: context.nextFaults() }
}

/** Headers that every answer to a call has, whatever comes of it. */
export function commonHeaders(
  context: Context,
  call: Call,
  endpoint: Endpoint,
  error?: RequestError,
): Headers {
  const nowNs = monotonicNs()
  return {
    ...endpoint.headers?.(call.id, (nowNs - call.arrivalNs) / 1e6),
    ...retryAfter(error),
    ...(context.limiter && endpoint.limitHeaders?.(context.limiter.standing(nowNs), error)),
  }
}

/** In whole seconds, rounded up. */
const retryAfter = (error: RequestError | undefined): Headers => {
  const ms = error?.particulars.retryAfterMs
  return ms === undefined ? {} : { 'retry-after': String(Math.ceil(ms / 1000)) }
}

/** Puts a request to the backend and its tokens on the wire. @throws RequestError when it cannot be served */
export function generate(context: Context, call: Call, endpoint: Endpoint, { request, shape }: Ask): void {
  const { backend, agenda, model, settings } = context
  checkRequest(request, context)
  context.limiter?.take(request.prompt.length + (request.maxTokens ?? 0), call.arrivalNs)
  const loadNs = context.loader.waitNs(call.arrivalNs)
  const serial = context.nextSerial()
  const key = `${call.id}-${serial}`
  const output = outputOf(context, call, request, serial)
  const host: AnswerHost = {
    abandon: () => backend.cancel(key),
    after: (ns, act) => agenda.at(monotonicNs() + ns, () => call.response.destroyed || act()),
    headers: () => commonHeaders(context, call, endpoint),
  }
  const answer = createAnswer(context, call, {
    request,
    output,
    shape: shape({
      id: call.id,
      model: call.faults.otherModel ? `${model}-other` : model,
      created: Math.floor(Date.now() / 1000),
    }),
    faults: call.faults,
    host,
    tally: new Tally({
      promptTokens: request.prompt.length,
      reasoningTokens: request.reasons ? reasoningOf(output.tokens, settings.reasoningShare) : 0,
      arrivalNs: call.arrivalNs,
      loadNs,
      factor: call.faults.countFactor,
    }),
  })
  // The connection may close long before the last token: the engine must not go on for nobody.
  call.response.once('close', host.abandon)
  const job = {
    id: key,
    prompt: request.prompt,
    outputTokens: output.tokens,
    finish: output.finish,
    salt: request.salt,
    arrivalNs: call.arrivalNs + loadNs,
    idAt: output.idAt,
    onToken: answer.onToken.bind(answer),
  }
  if (loadNs > 0) host.after(loadNs, () => backend.submit(job))
  else backend.submit(job)
}

/** At least one token is left for the answer itself. */
const reasoningOf = (tokens: number, share: number): number =>
  Math.min(Math.round(tokens * share), tokens - 1)

function outputOf(
  { settings, maxModelLen }: Context,
  { faults: { shortAfter } }: Call,
  request: GenerateRequest,
  serial: number,
): OutputPlan {
  const room = maxModelLen - request.prompt.length
  const seed = (request.outputSeed ?? hash32(`${settings.seed} ${serial}`)) ^ settings.seed
  const wish = { ...request, maxTokens: Math.min(request.maxTokens ?? room, room), seed }
  const output = planOutput(wish, settings)
  return shortAfter < output.tokens ? { ...output, tokens: shortAfter, finish: 'stop' } : output
}

function createAnswer(context: Context, { response, faults, id }: Call, parts: AnswerParts): Answer {
  const { shape, host } = parts
  if (!parts.request.stream) return new WholeAnswer(parts, response)
  const headers = () => ({
    ...host.headers(),
    'content-type': shape.contentType,
    'cache-control': 'no-cache',
    ...shape.headers,
  })
  const { coalesce, split } = faults
  const writer = new EventWriter(response, { id, log: context.log, coalesce, split, headers })
  if (faults.slowNs > 0) {
    writer.hold()
    host.after(faults.slowNs, () => writer.release())
  }
  return new StreamedAnswer(parts, writer)
}

/** What is wrong with a request that is well formed: an unknown model, or a prompt that leaves no room to answer. */
function checkRequest(request: GenerateRequest, { model, maxModelLen }: Served): void {
  if (request.model !== undefined && request.model !== model) {
    const message = `The model \`${request.model}\` does not exist. Served here: ${model}.`
    throw new RequestError('no-model', message, { param: 'model' })
  }
  const { prompt, maxTokens, minTokens } = request
  if (prompt.length >= maxModelLen) {
    const lengths = { prompt: prompt.length, context: maxModelLen }
    const message = `The maximum context length of this model is ${maxModelLen} tokens, the prompt has ${prompt.length}. Send a shorter prompt.`
    throw new RequestError('too-long', message, { param: 'input_tokens', lengths })
  }
  if (maxTokens !== undefined && maxTokens > maxModelLen) {
    const message = `max_tokens=${maxTokens} is above the context of ${maxModelLen} tokens. Ask for fewer.`
    throw invalid(message, 'max_tokens')
  }
  if (maxTokens === 0) throw invalid('max_tokens must be at least 1, got 0', 'max_tokens')
  if (maxTokens !== undefined && minTokens > maxTokens) {
    throw invalid(`min_tokens (${minTokens}) must not be above max_tokens (${maxTokens})`, 'min_tokens')
  }
}
