import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createRandom } from '../../src/base/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import type {
  InstrumentSample,
  MachineSample,
  RequestRecord,
  RunManifest,
  ServerSample,
} from '../../src/record/index.js'

export const MS = 1e6

export interface RunParts {
  readonly profile?: object
  readonly manifest?: Partial<RunManifest>
  readonly records: readonly RequestRecord[]
  readonly server?: readonly ServerSample[]
  readonly instrument?: readonly InstrumentSample[]
  readonly machine?: readonly MachineSample[]
}

export function manifestOf(profile: object = {}, over: Partial<RunManifest> = {}): RunManifest {
  return {
    format: 1,
    tool: { name: 'falloff', version: '0.0.0' },
    id: 'r',
    name: 'r',
    command: 'falloff run',
    startedAtUtc: '2026-01-01T00:00:00.000Z',
    zeroMonotonicNs: 0,
    startNs: 0,
    profile: profileSchema.parse(profile),
    workloadHash: '0',
    point: { label: 'run', axes: {} },
    workers: 1,
    plannedRequests: 0,
    machine: { node: '', platform: '', cpuModel: '', cpus: 1, memoryBytes: 0 },
    target: { url: 'http://127.0.0.1', api: 'openai-chat', model: 'm' },
    tokens: { source: 'server', exactOutput: true, chunkUsage: true },
    stopReason: 'plan-complete',
    ...over,
  }
}

/** A new folder that goes when the test is over. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'falloff-analyse-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const lines = (values: readonly object[]): string => values.map((v) => `${JSON.stringify(v)}\n`).join('')

/** Writes a run folder; records go to the file of their worker. Returns its path. */
export function writeRun(parts: RunParts, folder = tempFolder()): string {
  mkdirSync(folder, { recursive: true })
  const manifest = manifestOf(parts.profile, { plannedRequests: parts.records.length, ...parts.manifest })
  writeFileSync(join(folder, 'run.json'), JSON.stringify(manifest))
  for (const worker of new Set(parts.records.map((r) => r.worker))) {
    writeFileSync(
      join(folder, `requests-${worker}.ndjson`),
      lines(parts.records.filter((r) => r.worker === worker)),
    )
  }
  if (parts.server) writeFileSync(join(folder, 'server.ndjson'), lines(parts.server))
  if (parts.instrument) writeFileSync(join(folder, 'instrument.ndjson'), lines(parts.instrument))
  if (parts.machine) writeFileSync(join(folder, 'machine.ndjson'), lines(parts.machine))
  return folder
}

/** A completed request sent at `sentMs`, with `tokens` one-token chunks. */
export function recordOf(
  index: number,
  sentMs: number,
  ttftMs: number,
  gapMs: number,
  tokens: number,
  over: Partial<RequestRecord> = {},
): RequestRecord {
  const firstMs = sentMs + ttftMs
  const lastMs = firstMs + gapMs * (tokens - 1)
  return {
    index,
    point: 'run',
    worker: 0,
    phase: 'measured',
    state: 'completed',
    scheduledNs: sentMs * MS,
    sentNs: sentMs * MS,
    headersNs: (sentMs + 1) * MS,
    firstTokenNs: firstMs * MS,
    firstVisibleNs: firstMs * MS,
    lastTokenNs: lastMs * MS,
    endNs: (lastMs + 0.5) * MS,
    stamps: 'loop',
    inputTokensAsked: 100,
    inputTokens: 100,
    outputTokensAsked: tokens,
    outputTokens: tokens,
    tokenSource: 'usage',
    chunks: Array.from({ length: tokens }, (_, i) => [(i === 0 ? ttftMs : gapMs) * MS, 1]).flat(),
    coalescedChunks: 0,
    bytesSent: 1,
    bytesReceived: 1,
    connectionReused: index > 3,
    ...over,
  }
}

/** A closed loop at `slots` in flight: the next request of a slot starts when the one before has ended. */
export function closedLoop(
  slots: number,
  requests: number,
  seed = 1,
  make: typeof recordOf = recordOf,
): RequestRecord[] {
  const random = createRandom(seed, 'run')
  const free = new Float64Array(slots)
  return Array.from({ length: requests }, (_, index) => {
    const slot = free.indexOf(Math.min(...free))
    const record = make(
      index,
      free[slot] ?? 0,
      40 + 20 * random.uniform(),
      9 + 2 * random.uniform(),
      random.integer(4, 24),
    )
    free[slot] = record.endNs / MS + 0.1
    return { ...record, worker: slot % 2 }
  })
}

/** Makes some of the records end in every other way there is. */
export function withFaults(records: readonly RequestRecord[], seed = 2): RequestRecord[] {
  const random = createRandom(seed, 'faults')
  return records.map((r) => {
    const u = random.uniform()
    const { firstTokenNs: _f, firstVisibleNs: _v, lastTokenNs: _l, outputTokens: _o, ...bare } = r
    if (u < 0.02)
      return { ...bare, state: 'failed', chunks: [], error: { code: 'rate-limited', message: '429' } }
    if (u < 0.04)
      return {
        ...bare,
        state: 'timed-out',
        chunks: [],
        tokenSource: 'none',
        error: { code: 'deadline-ttft', message: 'no first token' },
      }
    if (u < 0.05) return { ...r, state: 'timed-out', error: { code: 'deadline-stall', message: 'stalled' } }
    if (u < 0.06) return { ...r, state: 'cut-off', error: { code: 'cut-stream', message: 'cut' } }
    if (u < 0.07)
      return { ...bare, state: 'cancelled', chunks: [], error: { code: 'stopped', message: 'stopped' } }
    if (u < 0.08) {
      const { sentNs: _s, headersNs: _h, ...unsent } = bare
      return { ...unsent, state: 'unsent', chunks: [], error: { code: 'no-slot', message: 'full' } }
    }
    // Chunks whose token count the server did not tell, in part or in whole.
    if (u < 0.3) return { ...r, chunks: r.chunks.map((v, i) => (i % 2 === 1 && (u < 0.2 || i > 5) ? -1 : v)) }
    return r
  })
}
