import type { Arrival, Serve } from './connection.js'
import type { LogEntry, WriteLog } from './log.js'
import { LogAnswer } from './log-answer.js'
import { type Outlet, sendWhole } from './outlet.js'
import type { Request } from './request-reader.js'
import { chunkedHead, errorBytes, jsonBytes } from './response.js'
import { MODEL, PacketBook, Script, usageOf } from './script.js'
import { type EmitterShape, resolveShape } from './shape.js'
import { Stream } from './stream.js'
import { createTimeline } from './timeline.js'

const MOST_TOKENS = 1_000_000
const STREAM_HEAD = chunkedHead('text/event-stream; charset=utf-8')
const MODELS = `{"object":"list","data":[{"id":"${MODEL}","object":"model","created":1,"owned_by":"falloff","max_model_len":${MOST_TOKENS}}]}`

interface Asked {
  readonly tokens: number
  readonly promptTokens: number
  readonly stream: boolean
  readonly shape: EmitterShape
}

/** Routes of the emitter. */
export function createServe(defaults: EmitterShape, log: WriteLog, nowNs: () => number): Serve {
  const book = new PacketBook()

  const complete: Serve = (request, arrival, outlet) => {
    const asked = parseAsked(request, defaults)
    if (typeof asked === 'string') {
      sendWhole(outlet, errorBytes('400 Bad Request', asked))
      return undefined
    }
    if (asked.stream) return beginStream(asked, request.id, arrival, outlet)
    sendWhole(outlet, jsonBytes('200 OK', completionOf(asked, arrival)))
    return undefined
  }

  const beginStream = (asked: Asked, id: string, { atNs, stamped }: Arrival, outlet: Outlet): Stream => {
    const { shape, tokens, promptTokens } = asked
    const script = new Script(shape, { tokens, promptTokens, arrivalNs: atNs }, book)
    const tokensIn = (events: number): number => script.tokensIn(events)
    const entry: LogEntry | undefined = log.begin({ id, arrivalNs: atNs, stamped }, script.events, tokensIn)
    sendWhole(outlet, Buffer.from(STREAM_HEAD + script.opening(), 'latin1'))
    return new Stream({
      script,
      timeline: createTimeline(shape, atNs, id),
      packetsPerEvent: shape.packetsPerEvent,
      entry,
      nowNs,
      onEnd: (whole) => entry && log.end(entry, whole),
    })
  }

  const routes: Readonly<Record<string, Serve>> = {
    'POST /v1/chat/completions': complete,
    'GET /v1/models': (_request, _arrival, outlet) => void sendWhole(outlet, jsonBytes('200 OK', MODELS)),
    'GET /health': (_request, _arrival, outlet) => void sendWhole(outlet, jsonBytes('200 OK', '')),
    'GET /log': (_request, _arrival, outlet) => {
      sendWhole(outlet, Buffer.from(chunkedHead('application/x-ndjson')))
      return new LogAnswer(log.drain(), nowNs)
    },
  }
  return (request, arrival, outlet) => {
    const name = `${request.method} ${request.path}`
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined
    if (route) return route(request, arrival, outlet)
    sendWhole(outlet, errorBytes('404 Not Found', `${name} is not served here`))
    return undefined
  }
}

/** @returns what the request asks for, or what is wrong with it */
function parseAsked(request: Request, defaults: EmitterShape): Asked | string {
  const body = parseObject(request.body)
  if (!body) return 'expected a JSON object as the body'
  const tokens = body.max_tokens ?? body.max_completion_tokens
  if (typeof tokens !== 'number' || !Number.isInteger(tokens) || tokens < 1 || tokens > MOST_TOKENS) {
    return `max_tokens: expected a whole number from 1 to ${MOST_TOKENS}, got ${JSON.stringify(tokens)}`
  }
  const { shape, problems } = resolveShape(defaults, body.emit, 'emit')
  if (problems) return problems.map((p) => `${p.place}: ${p.message}`).join('; ')
  return { tokens, promptTokens: Math.floor(request.size / 4), stream: body.stream === true, shape }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** A request that does not stream only wants its tokens counted. */
function completionOf({ tokens, promptTokens }: Asked, { atNs }: Arrival): string {
  const message = `{"role":"assistant","content":" ${atNs}"}`
  const choice = `{"index":0,"message":${message},"logprobs":null,"finish_reason":"length"}`
  return `{"id":"chatcmpl-${MODEL}","object":"chat.completion","created":1,"model":"${MODEL}","choices":[${choice}],${usageOf(promptTokens, tokens)}}`
}
