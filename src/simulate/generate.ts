import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hash32, monotonicNs } from '../base/index.js'
import type { Agenda } from './agenda.js'
import { type Answer, type AnswerHost, StreamedAnswer, WholeAnswer } from './answer.js'
import type { Backend } from './backend.js'
import type { SimulatorSettings } from './description-schema.js'
import { EventWriter } from './event-writer.js'
import type { FaultPlan } from './faults.js'
import { HttpError } from './http-error.js'
import { checkRequest, type GenerateRequest } from './openai-request.js'
import { type OutputPlan, planOutput } from './output.js'
import type { SendLog } from './send-log.js'
import { chatShape, completionShape } from './shapes.js'

/** What every request of a server shares. */
export interface Context {
  readonly backend: Backend
  readonly agenda: Agenda
  readonly model: string
  readonly maxModelLen: number
  readonly settings: SimulatorSettings
  readonly log: SendLog
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

/** Applies the faults that strike before any generation; true when the call is over. */
export function refuse({ response, faults, request }: Call): boolean {
  if (faults.reset) {
    request.socket.resetAndDestroy()
    return true
  }
  if (faults.reject === undefined) return false
  const { status, retryAfterS } = faults.reject
  if (retryAfterS !== undefined) response.setHeader('retry-after', retryAfterS)
  throw new HttpError(status, REJECTIONS[status], `injected fault: ${status}`)
}

const REJECTIONS = {
  429: 'RateLimitError',
  500: 'InternalServerError',
  503: 'ServiceUnavailableError',
} as const

/** Puts a parsed request to the backend and its tokens on the wire. */
export function generate(context: Context, call: Call, request: GenerateRequest): void {
  const { backend, agenda, model, maxModelLen, settings } = context
  checkRequest(request, model, maxModelLen)
  const serial = context.nextSerial()
  const key = `${call.id}-${serial}`
  const room = maxModelLen - request.prompt.length
  const seed = (request.outputSeed ?? hash32(`${settings.seed} ${serial}`)) ^ settings.seed
  const wish = { ...request, maxTokens: Math.min(request.maxTokens ?? room, room), seed }
  const output = shortened(planOutput(wish, settings), call.faults.shortAfter)
  const host: AnswerHost = {
    abandon: () => backend.cancel(key),
    after: (ns, act) => agenda.at(monotonicNs() + ns, () => call.response.destroyed || act()),
  }
  const answer = createAnswer(context, call, request, { request, output, faults: call.faults, host })
  // The connection may close long before the last token: the engine must not go on for nobody.
  call.response.once('close', host.abandon)
  backend.submit({
    id: key,
    prompt: request.prompt,
    outputTokens: output.tokens,
    finish: output.finish,
    salt: request.salt,
    arrivalNs: call.arrivalNs,
    idAt: output.idAt,
    onToken: (finish) => answer.onToken(finish),
  })
}

const shortened = (output: OutputPlan, tokens: number): OutputPlan =>
  tokens < output.tokens ? { ...output, tokens, finish: 'stop' } : output

type Parts = Omit<ConstructorParameters<typeof WholeAnswer>[0], 'shape'>

function createAnswer(context: Context, call: Call, request: GenerateRequest, parts: Parts): Answer {
  const { response, faults, id } = call
  const model = faults.otherModel ? `${context.model}-other` : context.model
  const identity = { model, created: Math.floor(Date.now() / 1000) }
  const shape =
    request.api === 'chat'
      ? chatShape({ id: `chatcmpl-${id}`, ...identity })
      : completionShape({ id: `cmpl-${id}`, ...identity })
  if (!request.stream) return new WholeAnswer({ ...parts, shape }, response)
  const { coalesce, split } = faults
  const writer = new EventWriter(response, { id, log: context.log, coalesce, split })
  if (faults.slowNs > 0) {
    writer.hold()
    parts.host.after(faults.slowNs, () => writer.release())
  }
  writer.open()
  return new StreamedAnswer({ ...parts, shape }, writer)
}
