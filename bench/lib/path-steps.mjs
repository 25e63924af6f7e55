import { runClock } from '../../dist/base/index.js'
import { assembleRecord } from '../../dist/drive/assemble.js'
import { Exchange } from '../../dist/drive/exchange.js'
import { createLiveMetrics, LIVE_METRICS } from '../../dist/drive/live.js'
import { createLatencyHistogram } from '../../dist/histogram/index.js'
import { apiOf } from '../../dist/protocol/index.js'
import { createScannedChunk, scanChunk } from '../../dist/protocol/openai/scan.js'
import { SseSplitter } from '../../dist/protocol/sse.js'
import { requestWriter } from '../../dist/record/index.js'
import { ResponseReader } from '../../dist/transport/kernel/response-reader.js'

const GAP_NS = 20_000_123.4
const API = apiOf('openai-chat')
const CONTEXT = { point: 'run', worker: 0, stamps: 'kernel' }
const BYTES_SENT = 371

const nothing = () => {}
const DEAF = {
  ...{ onEvent: nothing, onOutput: nothing, onModel: nothing, onUsage: nothing },
  ...{ onServerTimings: nothing, onFinish: nothing, onTerminal: nothing, onFailure: nothing },
}

/**
 * The path above the socket, piece by piece: each step does what the one before does, and one thing more. A step is fed the
 * packets of an answer as one read each.
 * @param {string} folder for records
 * @returns {Record<string, { begin: () => void, onData: (bytes: Buffer, from: number, to: number) => void, end: () => void, rest?: () => void }>}
 */
export function pathSteps(folder) {
  const live = createLiveMetrics()
  const writer = requestWriter(folder, 0)
  const histograms = Object.fromEntries(LIVE_METRICS.map((name) => [name, createLatencyHistogram()]))
  const recorded = (exchange, { state, atNs, failure }) =>
    writer.write(assembleRecord(exchange, CONTEXT, state, atNs, failure))
  const forget = () => void live.takeBatch()
  return {
    http: { begin: nothing, onData: nothing, end: nothing },
    decode: bodyStep(() => {
      const decoder = API.createDecoder(DEAF, false)
      return (bytes, from, to) => decoder.feed(bytes, from, to)
    }),
    exchange: exchangeStep(live, nothing, forget),
    record: exchangeStep(live, recorded, forget),
    histogram: exchangeStep(live, recorded, () => {
      const { values } = live.takeBatch()
      for (const name of LIVE_METRICS) for (const us of values[name]) histograms[name].record(us)
    }),
  }
}

/** What an event costs that is not like the one before it: not a step of the path above, but instead of its second. */
export const apart = bodyStep(() => {
  const into = createScannedChunk()
  const onData = (bytes, from, to) => void scanChunk(bytes, from, to, into)
  const splitter = new SseSplitter({ onData, onOverflow: nothing })
  return (bytes, from, to) => splitter.feed(bytes, from, to)
})

function bodyStep(open) {
  let feed = open()
  return {
    begin() {
      feed = open()
    },
    onData: (bytes, from, to) => feed(bytes, from, to),
    end: nothing,
  }
}

function exchangeStep(live, onDone, rest) {
  const setting = { api: API, live, context: CONTEXT, model: 'emitter' }
  let exchange
  let atNs = 0
  let index = 0
  return {
    begin() {
      const blueprint = { index: index++, inputTokens: 50, outputTokens: 200, messages: [] }
      const intent = { blueprint, phase: 'measured', scheduledNs: atNs, keepText: false }
      const begun = new Exchange(setting, intent, [], atNs, BYTES_SENT, (ending) => onDone(begun, ending))
      exchange = begun
      exchange.onSent(atNs, true)
      exchange.onHeaders(atNs, 200, {})
    },
    onData(bytes, from, to) {
      atNs += GAP_NS
      exchange.onData(atNs, bytes, from, to, 0)
    },
    end: () => exchange.onEnd(atNs),
    rest,
  }
}

/** Feeds whole answers to a step through the HTTP reader. @returns a function that reads one */
export function answerReader(step, { bytes, packets }) {
  const reader = new ResponseReader({
    onHead: step.begin,
    onBody: step.onData,
    onComplete: step.end,
    onViolation(message) {
      throw new Error(message)
    },
  })
  return () => {
    reader.reset()
    for (const { from, to } of packets) reader.read(bytes, from, to)
  }
}

/** The clock that stamps are compared with. */
export const clock = runClock(0)
