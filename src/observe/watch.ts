import { join } from 'node:path'
import { createLineWriter, RUN_FILES, type ServerSample } from '../record/index.js'
import { type GpuTool, watchNvidiaSmi } from './machine/nvidia-smi.js'
import { createScraper, type ScrapeOptions } from './scrape.js'

export interface WatchOptions extends ScrapeOptions {
  readonly intervalMs: number
  readonly folder: string
  readonly onSample: (sample: ServerSample) => void
}

/**
 * Reads the engine's metrics, and those of its machine, at a steady beat until stopped, and once more at the end. Never two
 * scrapes at once: a slow engine is not to be made slower.
 */
export function watchServer(options: WatchOptions): { stop(): Promise<void> } {
  const { clock, intervalMs, folder, onSample } = options
  const file = createLineWriter(join(folder, RUN_FILES.server))
  const stopping = new AbortController()
  const scrape = createScraper(options)
  const gpuTool = gpuToolFor(options)

  const readOnce = async (): Promise<void> => {
    const read = await scrape()
    const gpu = read.gpu ?? gpuTool?.latest()
    const sample = gpu === undefined ? read : { ...read, gpu }
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
    gpuTool?.stop()
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

/** Without an exporter only the GPUs of this machine can be asked, for a target on it. The simulator has none. */
const gpuToolFor = ({ baseUrl, gpuMetricsUrl, engine, intervalMs }: WatchOptions): GpuTool | undefined =>
  gpuMetricsUrl === undefined && engine !== 'falloff-simulator' && isLocal(baseUrl)
    ? watchNvidiaSmi(intervalMs)
    : undefined

const isLocal = (url: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname)
