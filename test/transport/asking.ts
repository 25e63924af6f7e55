import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monotonicNs, runClock } from '../../src/base/index.js'
import { type Ending, Exchange } from '../../src/drive/exchange.js'
import { createLiveMetrics } from '../../src/drive/live.js'
import { apiOf } from '../../src/protocol/index.js'
import {
  type ConnectionSetting,
  createTransport,
  type Transport,
  type TransportName,
} from '../../src/transport/index.js'

/** What became of one request, as its record would say it. */
export interface Heard extends Pick<Ending, 'state' | 'failure'> {
  readonly text: string
  readonly chunks: number
  readonly usage: object | undefined
  readonly finishReason: string | undefined
  readonly httpStatus: number | undefined
  readonly reused: boolean | undefined
  /** Stamps in the order in which they must have been taken. */
  readonly stampsNs: readonly number[]
}

export interface Question {
  readonly api: string
  readonly prompt: string
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
}

/** Sends requests through one channel of a transport, and decodes as a run does. */
export async function asker(
  name: TransportName,
  origin: string,
  setting: ConnectionSetting = {},
  api = 'openai-chat',
): Promise<{ ask(question?: Partial<Question>): Promise<Heard>; transport: Transport }> {
  const clock = runClock(monotonicNs())
  const transport = await createTransport(name, clock, api)
  const channel = transport.open(origin, 8, setting)
  let asked = 0
  return {
    transport,
    ask: (question = {}) => {
      const spoken = apiOf(question.api ?? api)
      const body = spoken.encode({
        model: 'm',
        messages: [{ role: 'user', content: question.prompt ?? 'Name three cities.' }],
        outputTokens: 3,
        exactOutput: false,
        chunkUsage: false,
        extraBody: {},
      })
      return new Promise((resolve) => {
        const context = { point: 'run', worker: 0, stamps: transport.stamps }
        const setting = { api: spoken, live: createLiveMetrics(), model: 'm', context }
        const blueprint = { index: asked, inputTokens: 3, outputTokens: 3 }
        const intent = { blueprint, phase: 'measured', scheduledNs: 0, keepText: true } as never
        const exchange = new Exchange(
          setting,
          intent,
          [],
          clock.nowNs(),
          body.length,
          ({ state, failure, atNs }) =>
            resolve({
              state,
              ...(failure && { failure }),
              text: exchange.text,
              chunks: exchange.chunks.length / 2,
              usage: exchange.usage,
              finishReason: exchange.finishReason,
              httpStatus: exchange.httpStatus,
              reused: exchange.connectionReused,
              stampsNs: [
                exchange.sentNs,
                exchange.headersNs,
                exchange.firstTokenNs,
                exchange.lastTokenNs,
                atNs,
              ].filter((ns) => ns !== undefined),
            }),
        )
        const headers = {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...spoken.headers,
          'x-request-id': question.id ?? `test-${asked++}`,
          ...question.headers,
        }
        channel.send({ path: spoken.path, headers, body }, exchange)
      })
    },
  }
}

/** @returns where it listens, and the way to end it */
export async function serving(
  handler: RequestListener,
  server: Server = createServer(handler),
): Promise<{ origin: string; close(): void }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const sse = (event: object, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(event)}\n\n`

const WORDS = ['Oslo', ', Lima', ' and Žilina']
const CHAT = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' }
const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
const typed = (event: { type: string }): string => sse(event, event.type)

/** Whole answers of three tokens, event by event, as the vendors document them. */
export const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'openai-chat': [
    sse({ ...CHAT, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
    ...WORDS.map((content) =>
      sse({ ...CHAT, choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    ),
    sse({ ...CHAT, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    sse({ ...CHAT, choices: [], usage: USAGE }),
    'data: [DONE]\n\n',
  ],
  'openai-completions': [
    ...WORDS.map((text) =>
      sse({ ...CHAT, object: 'text_completion', choices: [{ index: 0, text, finish_reason: null }] }),
    ),
    sse({ ...CHAT, object: 'text_completion', choices: [{ index: 0, text: '', finish_reason: 'length' }] }),
    sse({ ...CHAT, object: 'text_completion', choices: [], usage: USAGE }),
    'data: [DONE]\n\n',
  ],
  'openai-responses': [
    typed({ type: 'response.created', response: { id: 'r', model: 'm', status: 'in_progress' } } as never),
    ...WORDS.map((delta) =>
      typed({
        type: 'response.output_text.delta',
        item_id: 'i',
        output_index: 0,
        content_index: 0,
        delta,
      } as never),
    ),
    typed({
      type: 'response.completed',
      response: {
        id: 'r',
        model: 'm',
        status: 'completed',
        usage: {
          input_tokens: 7,
          input_tokens_details: { cached_tokens: 2 },
          output_tokens: 3,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 10,
        },
      },
    } as never),
  ],
  'anthropic-messages': [
    typed({
      type: 'message_start',
      message: { id: 'm1', model: 'm', usage: { input_tokens: 7, output_tokens: 1 } },
    } as never),
    typed({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never),
    typed({ type: 'ping' }),
    ...WORDS.map((text) =>
      typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } } as never),
    ),
    typed({ type: 'content_block_stop', index: 0 } as never),
    typed({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 3 },
    } as never),
    typed({ type: 'message_stop' }),
  ],
}

export const TEXT = WORDS.join('')

/** A server that answers every API, each event in a packet of its own. */
export const answering: RequestListener = async (request, response) => {
  for await (const _ of request);
  const api = Object.keys(ANSWERS).find((name) => request.url === apiOf(name).path) ?? 'openai-chat'
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of ANSWERS[api] ?? []) {
    response.write(event)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  response.end()
}
