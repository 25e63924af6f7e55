import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FalloffError, messageOf } from '../base/index.js'
import { Agenda } from './agenda.js'
import type { Backend, Capacity } from './backend.js'
import type { Description } from './description-schema.js'
import { EngineBackend } from './engine-backend.js'
import { exposition } from './exposition.js'
import { createFaultSource, type FaultRule } from './faults.js'
import { FixedBackend } from './fixed-backend.js'
import { type Context, generate, openCall, refuse } from './generate.js'
import { HttpError } from './http-error.js'
import { type GenerateRequest, parseChat, parseCompletion, parseTokenize } from './openai-request.js'
import { createSendLog } from './send-log.js'

export interface SimulatorOptions {
  readonly description: Description
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly faults: readonly FaultRule[]
  /** File for the NDJSON log of every event sent, written when the server closes. */
  readonly sendLog?: string | undefined
  /** Called once per line that the engine would log at start. */
  readonly onLogLine?: (line: string) => void
}

export interface Simulator {
  readonly url: string
  /** Requests that the server still works on. */
  active(): number
  /** Cuts every connection, stops the engine and writes the send log. */
  close(): Promise<void>
}

/** Starts a simulated server; resolves once it listens. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { description, onLogLine = () => {} } = options
  const agenda = new Agenda()
  const backend = backendOf(description, agenda)
  const context = contextOf(options, agenda, backend)
  if (backend.capacity)
    for (const line of capacityLines(backend.capacity, context.maxModelLen)) onLogLine(line)
  const server = createServer({ keepAlive: true }, (request, response) => route(context, request, response))
  server.keepAliveTimeout = 75_000
  server.requestTimeout = 0
  await listen(server, options)
  const { address, family, port } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    active: () => backend.gauges().running + backend.gauges().waiting,
    close: async () => {
      agenda.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      context.log.close()
    },
  }
}

const backendOf = (description: Description, agenda: Agenda): Backend =>
  description.kind === 'fixed'
    ? new FixedBackend(description, agenda)
    : new EngineBackend(description, agenda)

function contextOf(
  { description, faults, sendLog }: SimulatorOptions,
  agenda: Agenda,
  backend: Backend,
): Context {
  const { simulator } = description
  const isFixed = description.kind === 'fixed'
  let serial = 0
  return {
    backend,
    agenda,
    model: isFixed ? description.timing.servedModel : description.model.servedModel,
    maxModelLen: isFixed ? description.timing.maxModelLen : description.scheduler.maxModelLen,
    settings: simulator,
    log: createSendLog(sendLog),
    nextFaults: createFaultSource(faults, simulator.seed),
    nextSerial: () => ++serial,
  }
}

/** The lines by which the engine's log reveals its capacity. */
function capacityLines(capacity: Capacity, maxModelLen: number): string[] {
  const grouped = (n: number) => n.toLocaleString('en-US')
  const { kvCacheGiB, tokens, maxConcurrency } = capacity
  return [
    `Available KV cache memory: ${kvCacheGiB.toFixed(2)} GiB`,
    `GPU KV cache size: ${grouped(tokens)} tokens`,
    `Maximum concurrency for ${grouped(maxModelLen)} tokens per request: ${maxConcurrency.toFixed(2)}x`,
  ]
}

function listen(server: Server, { host, port }: SimulatorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const hint =
        cause.code === 'EADDRINUSE'
          ? 'Choose another --port, or 0 for any free one.'
          : 'Check --host and --port.'
      reject(
        new FalloffError('CANNOT_LISTEN', `cannot listen on ${host}:${port}: ${cause.message}`, {
          hint,
          cause,
        }),
      )
    })
    server.listen({ host, port, backlog: 4096 }, resolve)
  })
}

type Handler = (context: Context, request: IncomingMessage, response: ServerResponse) => void | Promise<void>

const json = (response: ServerResponse, status: number, body: string): void => {
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

const generating =
  (parse: (body: string) => GenerateRequest): Handler =>
  async (context, request, response) => {
    const call = openCall(context, request, response)
    const body = await readBody(request)
    if (!refuse(call)) generate(context, call, parse(body))
  }

const empty: Handler = (_context, _request, response) =>
  void response.writeHead(200, { 'content-length': 0 }).end()

const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/v1/chat/completions': { POST: generating(parseChat) },
  '/v1/completions': { POST: generating(parseCompletion) },
  '/tokenize': {
    POST: async ({ maxModelLen }, request, response) => {
      const tokens = [...parseTokenize(await readBody(request))]
      json(
        response,
        200,
        JSON.stringify({ count: tokens.length, max_model_len: maxModelLen, tokens, token_strs: null }),
      )
    },
  },
  '/v1/models': {
    GET: ({ model, maxModelLen }, _request, response) => json(response, 200, modelList(model, maxModelLen)),
  },
  '/version': {
    GET: ({ settings }, _request, response) =>
      json(response, 200, JSON.stringify({ version: settings.vllmVersion })),
  },
  '/health': { GET: empty },
  '/ping': { GET: empty, POST: empty },
  '/metrics': {
    GET: ({ backend, model, settings, agenda }, _request, response) => {
      const options = { model, names: settings.metricNames, maxLateS: agenda.maxLateNs / 1e9 }
      response
        .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        .end(exposition(backend, options))
    },
  },
}

/** `owned_by` is how a client tells the simulator from the engine it plays. */
const modelList = (id: string, maxModelLen: number): string =>
  JSON.stringify({
    object: 'list',
    data: [
      {
        id,
        object: 'model',
        created: 0,
        owned_by: 'falloff-simulator',
        root: id,
        parent: null,
        max_model_len: maxModelLen,
      },
    ],
  })

function route(context: Context, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
  const handler = methods?.[request.method ?? 'GET']
  if (methods === undefined) json(response, 404, '{"detail":"Not Found"}')
  else if (handler === undefined) json(response, 405, '{"detail":"Method Not Allowed"}')
  else void handle(handler, context, request, response)
}

async function handle(
  handler: Handler,
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await handler(context, request, response)
  } catch (thrown) {
    // A client that leaves while its request is read gets no answer: there is nobody to give it to.
    if (response.destroyed || response.headersSent) return
    const error =
      thrown instanceof HttpError ? thrown : new HttpError(500, 'InternalServerError', messageOf(thrown))
    json(response, error.status, error.body)
  }
}
