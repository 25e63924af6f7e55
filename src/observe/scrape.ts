import { type Clock, messageOf } from '../base/index.js'
import type { EngineKind, ServerSample } from '../record/index.js'
import type { EngineMetrics, Reading } from './engine-metrics.js'
import { metricsIn, metricsOf } from './engines.js'
import { callFollowing } from './http.js'
import { readDcgm } from './machine/dcgm.js'
import { readNodeExporter } from './machine/node-exporter.js'
import { parsed } from './pages.js'
import { type Exposition, parseExposition } from './prometheus.js'

export interface ScrapeOptions {
  readonly baseUrl: string
  readonly metricsUrl: string
  /** Pages of other exporters; they get no headers, for these may hold the target's key. */
  readonly gpuMetricsUrl?: string | undefined
  readonly hostMetricsUrl?: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Undefined: not known. Its metrics may still be recognised. */
  readonly engine: EngineKind | undefined
  readonly clock: Clock
}

/** Gauges miss what happens between two scrapes; a scrape that takes longer than this is as good as lost. */
const SCRAPE_TIMEOUT_MS = 5_000

type EnginePart = Reading & { readonly error?: string }

/** Reads all pages once, side by side. Resolves always; what failed is told in the sample. */
export function createScraper(options: ScrapeOptions): () => Promise<ServerSample> {
  const { clock, gpuMetricsUrl, hostMetricsUrl } = options
  let known = metricsOf(options.engine)

  const readEngine = async (): Promise<EnginePart> => {
    const reader = known
    const [metrics, beside] = await Promise.all([
      reader?.exposes === false ? undefined : exposition(options.metricsUrl, options.headers),
      pagesBeside(reader, options),
    ])
    const found = typeof metrics === 'object' ? metrics : undefined
    const engine = (found && metricsIn(found)) ?? reader
    known = engine
    if (typeof metrics === 'string' && beside.size === 0) return { error: metrics }
    if (!engine) return { error: 'no engine known here exposes these metrics' }
    if (found === undefined && beside.size === 0)
      return { error: `${engine.sources.join(', ')} did not answer` }
    return engine.read(found ?? new Map(), beside)
  }

  return async () => {
    const atNs = Math.round(clock.nowNs())
    const timed = readEngine().then((part) => ({ tookNs: Math.round(clock.nowNs() - atNs), ...part }))
    const [engine, gpu, host] = await Promise.all([
      timed,
      gpuMetricsUrl === undefined ? undefined : exposition(gpuMetricsUrl, {}),
      hostMetricsUrl === undefined ? undefined : exposition(hostMetricsUrl, {}),
    ])
    return { atNs, ...engine, ...machineParts(gpu, host) }
  }
}

type Page = Exposition | string | undefined

/** The machine's own exporters go before what an engine tells of it. */
function machineParts(gpu: Page, host: Page): Pick<ServerSample, 'gpu' | 'host' | 'besideErrors'> {
  const gpus = typeof gpu === 'object' ? readDcgm(gpu) : []
  const hostReading = typeof host === 'object' ? readNodeExporter(host) : undefined
  const errors = {
    ...errorOf('gpu', gpu, gpus.length > 0, 'no metrics of a DCGM exporter'),
    ...errorOf('host', host, hostReading !== undefined, 'no metrics of a node_exporter'),
  }
  return {
    ...(gpus.length > 0 && { gpu: gpus }),
    ...(hostReading && { host: hostReading }),
    ...(Object.keys(errors).length > 0 && { besideErrors: errors }),
  }
}

const errorOf = (name: string, page: Page, read: boolean, otherwise: string) =>
  page === undefined || read ? {} : { [name]: typeof page === 'string' ? page : otherwise }

/** The page, or why there is none. */
async function exposition(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Exposition | string> {
  try {
    const { status, text } = await callFollowing(url, { headers, timeoutMs: SCRAPE_TIMEOUT_MS })
    return status >= 300 ? `HTTP ${status}` : parseExposition(text)
  } catch (thrown) {
    return messageOf(thrown).slice(0, 200)
  }
}

async function pagesBeside(
  reader: EngineMetrics | undefined,
  { baseUrl, headers }: ScrapeOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const pages = new Map<string, unknown>()
  const ask = async (path: string): Promise<void> => {
    const answer = await callFollowing(`${baseUrl}${path}`, { headers, timeoutMs: SCRAPE_TIMEOUT_MS })
    const page = answer.status < 300 ? parsed(answer.text) : undefined
    if (page !== undefined) pages.set(path, page)
  }
  await Promise.allSettled((reader?.sources ?? []).map(ask))
  return pages
}
