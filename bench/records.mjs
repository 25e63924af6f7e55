// Run folders made up from a seed, as a closed loop would have written them: what reading and reporting are timed on.
//
//     node bench/records.mjs <folder> [requests] [chunks]     chunks: a number, or least-most; 100000 and 1-8 by default
//
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const MS = 1e6
const STREAMS = 64
const INPUT_TOKENS = 100
const FLUSH_CHARS = 1 << 20

/** Numbers in [0, 1), the same for the same seed (Marsaglia's xorshift, 32 bits). */
function uniforms(seed) {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Lines of a file, written a megabyte at a time. */
function lineWriter(path) {
  const file = openSync(path, 'w')
  let pending = ''
  const flush = () => {
    writeSync(file, pending)
    pending = ''
  }
  return {
    write(line) {
      pending += `${JSON.stringify(line)}\n`
      if (pending.length > FLUSH_CHARS) flush()
    },
    close() {
      flush()
      closeSync(file)
    },
  }
}

/**
 * Writes run.json, requests-0.ndjson, server.ndjson and instrument.ndjson. Every record has the fields, in the order, that
 * a measured one has; one in 200 requests is turned away, one in 50 chunks shares the read of the one before.
 *
 * @param least, most bounds of the number of output chunks of a request, one token each
 */
export function writeRunFolder({ folder, requests, least = 1, most = 8, seed = 1 }) {
  mkdirSync(folder, { recursive: true })
  const uniform = uniforms(seed)
  const endNs = writeRequests(join(folder, 'requests-0.ndjson'), { requests, least, most, uniform })
  writeSamples(folder, endNs, requests)
  const manifest = manifestOf({ name: basename(folder), requests, most, endNs })
  writeFileSync(join(folder, 'run.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** In the order in which requests end: whichever stream is free first takes the next. @returns the end of the last */
function writeRequests(path, { requests, least, most, uniform }) {
  const lines = lineWriter(path)
  const started = Math.min(STREAMS, requests)
  const open = Array.from({ length: started }, (_, i) => recordOf(i, 130 * MS, { least, most, uniform }))
  let endNs = 0
  for (let next = started, left = requests; left > 0; left--) {
    let first = 0
    for (let i = 1; i < open.length; i++) if (open[i].endNs < open[first].endNs) first = i
    const record = open[first]
    endNs = record.endNs
    lines.write(record)
    if (next < requests) open[first] = recordOf(next++, endNs + 1000, { least, most, uniform })
    else open.splice(first, 1)
  }
  lines.close()
  return endNs
}

function recordOf(index, scheduledNs, { least, most, uniform }) {
  const between = (low, high) => Math.floor(low + uniform() * (high - low))
  const sentNs = scheduledNs + between(20_000, 400_000)
  const headersNs = sentNs + between(0.4 * MS, 3 * MS)
  const tokens = between(least, most + 1)
  const phase = index < STREAMS ? 'warmup' : 'measured'
  // Fields one by one, not spread: copying objects would take most of the time.
  if (uniform() < 0.005) {
    return {
      index,
      phase,
      scheduledNs,
      inputTokensAsked: INPUT_TOKENS,
      outputTokensAsked: tokens,
      state: 'failed',
      error: { code: 'rate-limited', message: 'HTTP 429 too many requests', retryAfterMs: 1000 },
      sentNs,
      headersNs,
      endNs: headersNs + between(0.1 * MS, 0.3 * MS),
      tokenSource: 'none',
      chunks: [],
      coalescedChunks: 0,
      bytesReceived: 91,
      connectionReused: true,
      httpStatus: 429,
      point: 'run',
      worker: 0,
      stamps: 'loop',
      bytesSent: 371,
    }
  }
  const firstTokenNs = headersNs + between(20 * MS, 80 * MS)
  const chunks = [firstTokenNs - sentNs, 1]
  let lastTokenNs = firstTokenNs
  let coalescedChunks = 0
  for (let i = 1; i < tokens; i++) {
    const gapNs = uniform() < 0.02 ? 0 : between(9 * MS, 14 * MS)
    if (gapNs === 0) coalescedChunks++
    lastTokenNs += gapNs
    chunks.push(gapNs, 1)
  }
  return {
    index,
    phase,
    scheduledNs,
    inputTokensAsked: INPUT_TOKENS,
    outputTokensAsked: tokens,
    state: 'completed',
    sentNs,
    headersNs,
    firstEventNs: firstTokenNs - between(10_000, 400_000),
    firstTokenNs,
    firstVisibleNs: firstTokenNs,
    lastTokenNs,
    endNs: lastTokenNs + between(50_000, 300_000),
    inputTokens: INPUT_TOKENS,
    outputTokens: tokens,
    tokenSource: 'chunk-usage',
    chunks,
    coalescedChunks,
    bytesReceived: 400 + 350 * tokens,
    connectionReused: index >= STREAMS,
    httpStatus: 200,
    finishReason: 'length',
    point: 'run',
    worker: 0,
    stamps: 'loop',
    bytesSent: 371,
  }
}

/** A reading of the engine and of ourselves every half second, counters rising evenly to what the requests add up to. */
function writeSamples(folder, endNs, requests) {
  const server = lineWriter(join(folder, 'server.ndjson'))
  const instrument = lineWriter(join(folder, 'instrument.ndjson'))
  for (let atNs = 0; atNs < endNs; atNs += 500 * MS) {
    const done = Math.round((requests * atNs) / endNs)
    const gauges = { running: STREAMS, waiting: 0, waitingForCapacity: 0, kvUsage: 0.4 }
    const counters = { preemptions: 0, promptTokens: INPUT_TOKENS * done, requestsFinished: done }
    server.write({ atNs, tookNs: 3 * MS, gauges, counters, histograms: {} })
    const delays = { loopDelayP99Ns: 1.2 * MS, loopDelayMaxNs: 2.5 * MS }
    instrument.write({ atNs, worker: 0, inFlight: STREAMS, ...delays, cpuShare: 0.3 })
  }
  server.close()
  instrument.close()
}

const manifestOf = ({ name, requests, most, endNs }) => ({
  format: 1,
  tool: { name: 'falloff', version: '0.0.0' },
  id: name,
  name,
  command: 'node bench/records.mjs',
  startedAtUtc: '2026-01-01T00:00:00.000Z',
  endedAtUtc: '2026-01-01T00:10:00.000Z',
  zeroMonotonicNs: 0,
  startNs: 130 * MS,
  endNs,
  profile: {
    name,
    target: { url: 'http://127.0.0.1:8000', api: 'openai-chat', headers: {}, tokenizer: 'auto' },
    workload: { inputTokens: INPUT_TOKENS, outputTokens: most, salt: true },
    load: { kind: 'closed', concurrency: STREAMS },
    limits: { requests: requests - STREAMS, warmupRequests: STREAMS },
    objectives: ['ttft p99 <= 100 ms', 'chunkGap p99 <= 20 ms', 'errorRate <= 1 %'],
    seeds: { arrivals: 7, inputLengths: 11, outputLengths: 13, prompts: 17, conversations: 19 },
    workers: 1,
    scrapeIntervalMs: 500,
  },
  workloadHash: '0',
  point: { label: 'run', axes: {} },
  workers: 1,
  plannedRequests: requests,
  machine: { node: '', platform: '', cpuModel: '', cpus: 1, memoryBytes: 0 },
  target: { url: 'http://127.0.0.1:8000', api: 'openai-chat', model: 'made-up', engine: 'falloff-simulator' },
  tokens: { source: 'server', exactOutput: true, chunkUsage: true },
  stopReason: 'plan-complete',
})

const [script, folder, requests = '100000', chunks = '1-8'] = process.argv.slice(1)
if (script !== undefined && import.meta.url === pathToFileURL(script).href && folder !== undefined) {
  const [least = 1, most = least] = chunks.split('-').map(Number)
  writeRunFolder({ folder, requests: Number(requests), least, most })
}
