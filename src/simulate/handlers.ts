import type { IncomingMessage, ServerResponse } from 'node:http'
import { messageOf } from '../base/index.js'
import type { Endpoint, Manners } from './dialects/dialect.js'
import { type Call, type Context, commonHeaders, generate, openCall } from './generate.js'
import { invalid, RequestError } from './request-error.js'
import type { Headers } from './shape.js'

export const json = (response: ServerResponse, status: number, body: string, headers: Headers = {}): void => {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      ...headers,
      'content-length': Buffer.byteLength(body),
    })
    .end(body)
}

/** Reads a request, lets the faults that are due strike, and has it generated; a refusal is told as the API does it. */
export async function answerGenerating(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  endpointOf: (body: unknown) => Endpoint,
): Promise<void> {
  const call = openCall(context, request, response)
  let body: Body = { value: undefined }
  try {
    body = readJson(await readBody(request))
    const endpoint = endpointOf(body.value)
    if (strike(call)) return
    requireKey(context, request)
    if (body.error !== undefined) throw body.error
    generate(context, call, endpoint, endpoint.parse(body.value, context))
  } catch (thrown) {
    // A client that leaves while its request is read gets no answer: there is nobody to give it to.
    if (response.destroyed || response.headersSent) return
    const endpoint = endpointOf(body.value)
    const error = asRequestError(thrown)
    const refusal = endpoint.refuse(error, body.value, call.id)
    json(response, refusal.status, refusal.body, {
      ...commonHeaders(context, call, endpoint, error),
      ...(refusal.contentType !== undefined && { 'content-type': refusal.contentType }),
    })
  }
}

/** Applies the faults that strike before any generation; true when the call is over. */
function strike({ request, response, faults }: Call): boolean {
  const { reset, reject } = faults
  if (reset) {
    request.socket.resetAndDestroy()
    return true
  }
  if (reject?.by === 'gateway') {
    const title = reject.status === 502 ? '502 Bad Gateway' : '504 Gateway Time-out'
    const page = `<html>\n<head><title>${title}</title></head>\n<body><h1>${title}</h1></body>\n</html>\n`
    json(response, reject.status, page, { 'content-type': 'text/html' })
    return true
  }
  if (reject === undefined) return false
  const { kind, retryAfterMs } = reject
  throw new RequestError(kind, `injected fault: ${kind}`, retryAfterMs === undefined ? {} : { retryAfterMs })
}

/** Any key will do, as long as there is one. */
function requireKey({ settings }: Context, { headers }: IncomingMessage): void {
  if (!settings.requireKey) return
  const given = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer(\s+|$)/i, '')
  if (typeof given !== 'string' || given.trim() === '')
    throw new RequestError(
      'no-key',
      'No API key was given. Send one as `Authorization: Bearer KEY` or `x-api-key: KEY`.',
    )
}

export type Tell = (
  context: Context,
  asked: { readonly body: unknown; readonly query: URLSearchParams },
) => object

/** Tells something that needs no engine. */
export async function answerSideDoor(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  manners: Manners,
  tell: Tell,
): Promise<void> {
  try {
    requireKey(context, request)
    const body = request.method === 'POST' ? readJson(await readBody(request)) : { value: undefined }
    if (body.error !== undefined) throw body.error
    const query = new URL(request.url ?? '/', 'http://host').searchParams
    json(response, 200, JSON.stringify(tell(context, { body: body.value, query })))
  } catch (thrown) {
    if (response.destroyed || response.headersSent) return
    const { status, body } = manners.refuse(asRequestError(thrown), undefined, 'none')
    json(response, status, body)
  }
}

const asRequestError = (thrown: unknown): RequestError =>
  thrown instanceof RequestError ? thrown : new RequestError('failed', messageOf(thrown))

interface Body {
  readonly value: unknown
  readonly error?: RequestError
}

function readJson(text: string): Body {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return { value: undefined, error: invalid('the body is no JSON') }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
