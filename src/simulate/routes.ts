import type { IncomingMessage, ServerResponse } from 'node:http'
import { anthropicManners, anthropicMessages, countTokens } from './dialects/anthropic/index.js'
import type { Endpoint, Manners } from './dialects/dialect.js'
import { completion, llamaCppManners, props, slotList } from './dialects/llamacpp/index.js'
import {
  ollamaChat,
  ollamaGenerate,
  ollamaManners,
  running,
  show,
  tags,
  version,
} from './dialects/ollama/index.js'
import { chatLike, completions, modelList, openAiManners, tokenizeAnswer } from './dialects/openai/index.js'
import { responses } from './dialects/responses/index.js'
import { modelInfo, serverInfo, sglangGenerate } from './dialects/sglang/index.js'
import { generateEither, generateStream, generateWhole, info } from './dialects/tgi/index.js'
import { exposition } from './exposition.js'
import type { Context } from './generate.js'
import { answerGenerating, answerSideDoor, json, type Tell } from './handlers.js'

type Handler = (context: Context, request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A generating endpoint, chosen by the body where two APIs have the same path. */
const generating =
  (endpointOf: (body: unknown, context: Context) => Endpoint): Handler =>
  (context, request, response) =>
    answerGenerating(context, request, response, (body) => endpointOf(body, context))

/** An endpoint that tells something in JSON. */
const telling =
  (tell: Tell, manners: Manners = openAiManners): Handler =>
  (context, request, response) =>
    answerSideDoor(context, request, response, manners, tell)

const empty: Handler = (_context, _request, response) =>
  void response.writeHead(200, { 'content-length': 0 }).end()

const metrics: Handler = ({ backend, model, settings, agenda }, _request, response) => {
  const options = { model, names: settings.metricNames, maxLateS: agenda.maxLateNs / 1e9 }
  response
    .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    .end(exposition(backend, options))
}

/** TGI calls its prompt `inputs`, SGLang has `text` or `input_ids`. */
const isTgi = (body: unknown): boolean => typeof body === 'object' && body !== null && 'inputs' in body

const tokensOf = ({ backend, maxModelLen }: Context): number => backend.capacity?.tokens ?? maxModelLen

type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>

const SERVER: Routes = {
  '/health': { GET: empty },
  '/ping': { GET: empty, POST: empty },
  '/metrics': { GET: metrics },
  '/version': { GET: telling(({ settings }) => ({ version: settings.vllmVersion })) },
}

const OPENAI: Routes = {
  '/v1/chat/completions': { POST: generating((_body, { settings }) => chatLike[settings.chatLike]) },
  '/v1/completions': { POST: generating(() => completions) },
  '/v1/responses': { POST: generating(() => responses) },
  '/v1/models': { GET: telling(modelList) },
  '/tokenize': { POST: telling((context, { body }) => tokenizeAnswer(body, context)) },
}

const ANTHROPIC: Routes = {
  '/v1/messages': { POST: generating(() => anthropicMessages) },
  '/v1/messages/count_tokens': { POST: telling((_context, { body }) => countTokens(body), anthropicManners) },
}

const TGI: Routes = {
  '/generate_stream': { POST: generating(() => generateStream) },
  '/generate': { POST: generating((body) => (isTgi(body) ? generateWhole : sglangGenerate)) },
  '/info': { GET: telling((context) => info(context, context.slots)) },
}

const GREETING = 'Ollama is running'

const OLLAMA: Routes = {
  '/': {
    GET: (_context, _request, response) => void response.writeHead(200, TEXT).end(GREETING),
    HEAD: (_context, _request, response) => void response.writeHead(200, TEXT).end(),
    POST: generating(() => generateEither),
  },
  '/api/chat': { POST: generating(() => ollamaChat) },
  '/api/generate': { POST: generating(() => ollamaGenerate) },
  '/api/tags': { GET: telling(tags, ollamaManners) },
  '/api/ps': { GET: telling((context) => running(context, context.loader.isLoaded), ollamaManners) },
  '/api/version': { GET: telling(version, ollamaManners) },
  '/api/show': { POST: telling((context, { body }) => show(body, context), ollamaManners) },
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

const LLAMA_CPP: Routes = {
  '/completion': { POST: generating(() => completion) },
  '/completions': { POST: generating(() => completion) },
  '/props': { GET: telling((context) => props(context, context.slots), llamaCppManners) },
  '/slots': {
    GET: telling((context, { query }) => {
      const busy = context.backend.gauges().running
      return slotList(context, context.slots, busy, query.get('fail_on_no_slot') === '1')
    }, llamaCppManners),
  },
}

const about = telling((context) => serverInfo(context, context.slots, tokensOf(context)))
const model = telling(modelInfo)

const SGLANG: Routes = {
  '/server_info': { GET: about },
  '/get_server_info': { GET: about },
  '/model_info': { GET: model },
  '/get_model_info': { GET: model },
}

const ROUTES: Routes = { ...SERVER, ...OPENAI, ...ANTHROPIC, ...TGI, ...OLLAMA, ...LLAMA_CPP, ...SGLANG }

/** Whether a path is served where only some are: named itself, or below a name that ends in `/`. */
const isServed = (path: string, routes: readonly string[] | undefined): boolean =>
  routes === undefined ||
  routes.some((route) => route === path || (route.endsWith('/') && path.startsWith(route)))

export function createRouter(context: Context): (request: IncomingMessage, response: ServerResponse) => void {
  const { routes } = context.settings
  return (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const methods = Object.hasOwn(ROUTES, path) && isServed(path, routes) ? ROUTES[path] : undefined
    const handler = methods?.[request.method ?? 'GET']
    if (methods === undefined) json(response, 404, '{"detail":"Not Found"}')
    else if (handler === undefined) json(response, 405, '{"detail":"Method Not Allowed"}')
    else void handler(context, request, response)
  }
}
