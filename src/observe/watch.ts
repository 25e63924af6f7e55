import { join } from 'node:path'
import { type Clock, messageOf } from '../base/index.js'
import { createLineWriter, RUN_FILES, type ServerSample } from '../record/index.js'
import { ENGINES } from './engines.js'
import { call } from './http.js'
import { parseExposition } from './prometheus.js'

export interface WatchOptions {
  readonly metricsUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly intervalMs: number
  readonly clock: Clock
  readonly folder: string
  readonly onSample: (sample: ServerSample) => void
}

/** Gauges miss what happens between two scrapes; a scrape that takes longer than this is as good as lost. */
const SCRAPE_TIMEOUT_MS = 5_000

/**
 * Reads the engine's metrics at a steady beat until stopped, and once more at the end. Never two scrapes at once: a slow
 * engine is not to be made slower.
 */
export function watchServer(options: WatchOptions): { stop(): Promise<void> } {
  const { clock, intervalMs, folder, onSample } = options
  const file = createLineWriter(join(folder, RUN_FILES.server))
  const stopping = new AbortController()

  const readOnce = async (): Promise<void> => {
    const sample = await scrape(options)
    file.write(sample)
    onSample(sample)
  }
  const beat = async (): Promise<void> => {
    let nextNs = clock.nowNs()
    while (!stopping.signal.aborted) {
      await readOnce()
      // Missed beats are left out, not made up for.
      do nextNs += intervalMs * 1e6
      while (nextNs <= clock.nowNs())
      await clock.until(nextNs, stopping.signal)
    }
    await readOnce()
    file.close()
  }
  const over = beat()
  return {
    stop() {
      stopping.abort()
      return over
    },
  }
}

async function scrape({ metricsUrl, headers, clock }: WatchOptions): Promise<ServerSample> {
  const atNs = Math.round(clock.nowNs())
  const tookNs = () => Math.round(clock.nowNs() - atNs)
  try {
    const { status, text } = await call(metricsUrl, { headers, timeoutMs: SCRAPE_TIMEOUT_MS })
    if (status >= 300) return { atNs, tookNs: tookNs(), error: `HTTP ${status}` }
    const exposition = parseExposition(text)
    const engine = ENGINES.find((candidate) => candidate.recognises(exposition))
    if (!engine) return { atNs, tookNs: tookNs(), error: 'no engine known here exposes these metrics' }
    return { atNs, tookNs: tookNs(), ...engine.read(exposition) }
  } catch (thrown) {
    return { atNs, tookNs: tookNs(), error: messageOf(thrown).slice(0, 200) }
  }
}
