import { runClock } from '../../dist/base/index.js'
import { createChores } from '../../dist/drive/chores.js'
import { createLiveMetrics, LIVE_METRICS } from '../../dist/drive/live.js'
import { createSender } from '../../dist/drive/sender.js'
import { createLatencyHistogram } from '../../dist/histogram/index.js'
import { retrySchema } from '../../dist/profile/retry-schema.js'
import { apiOf } from '../../dist/protocol/index.js'
import { requestWriter } from '../../dist/record/index.js'
import { createTransport } from '../../dist/transport/index.js'
import { HEADERS, MESSAGES } from './ask.mjs'

const LONG_MS = 600_000
const LIMITS = { ttftMs: LONG_MS, stallMs: LONG_MS, totalMs: LONG_MS, drainS: 1, maxInFlight: 100_000 }
const NO_RETRIES = retrySchema.parse({ policy: 'none' })
const CONNECTIONS = 20_000

/**
 * What a worker does from socket to record, with the worker's own code: stamp, decode, collect, write the record, and twice
 * a second put what was collected into histograms (which a run leaves to its main thread).
 * @param {'kernel' | 'undici'} transport @param {import('./ask.mjs').Place} place
 * @returns {Promise<import('./ask.mjs').Contender>}
 */
export async function wholePath(transport, { url, model, folder }) {
  const clock = runClock(0)
  const live = createLiveMetrics()
  const file = requestWriter(folder, 0)
  const carrier = await createTransport(transport, clock)
  const emit = { ttftMs: 0, gapMs: 0 }
  let events = 0
  const sender = createSender({
    chores: createChores(),
    api: apiOf('openai-chat'),
    channel: carrier.open(url, CONNECTIONS),
    clock,
    limits: LIMITS,
    retry: NO_RETRIES,
    retrySeed: 1,
    // One token an event: those that came are those that were taken out of the batches, and those collected since.
    live: counted(live, () => events++),
    context: { point: 'run', worker: 0, stamps: carrier.stamps },
    headers: HEADERS,
    requestIdPrefix: 'bench',
    model,
    exactOutput: false,
    chunkUsage: false,
    extraBody: { emit },
    write: (record) => file.write(record),
  })
  const histograms = Object.fromEntries(LIVE_METRICS.map((name) => [name, createLatencyHistogram()]))
  return {
    async answer(index, tokens, shape) {
      Object.assign(emit, shape)
      const intent = intentOf(index, tokens, clock.nowNs())
      const { record } = await sender.send(intent, MESSAGES)
      if (record.state !== 'completed') throw new Error(`${record.state}: ${record.error?.message}`)
    },
    units: () => events,
    tick() {
      const { values } = live.takeBatch()
      for (const name of LIVE_METRICS) for (const us of values[name]) histograms[name].record(us)
    },
  }
}

const counted = (live, count) => ({
  ...live,
  chunk(tokens) {
    count()
    live.chunk(tokens)
  },
})

const intentOf = (index, tokens, scheduledNs) => ({
  blueprint: { index, inputTokens: 50, outputTokens: tokens, messages: MESSAGES, thinkTimeNs: 0 },
  phase: 'measured',
  scheduledNs,
  keepText: false,
})
