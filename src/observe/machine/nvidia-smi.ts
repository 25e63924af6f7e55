import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { GpuReading } from '../../record/index.js'
import { present } from '../series.js'

const MIB = 1024 * 1024
const FIELDS = 'index,utilization.gpu,memory.used,memory.total,power.draw,temperature.gpu'

/** Readings older than this many beats are of a tool that hangs, and are not passed off as new. */
const STALE_BEATS = 3

export interface GpuTool {
  /** The last reading of each device; undefined before the first, and without the tool. */
  latest(): readonly GpuReading[] | undefined
  stop(): void
}

/**
 * One process for the whole run, which prints a line per device at its own beat: starting one at every scrape would cost the
 * machine that measures more than it tells. Where there is no such tool nothing is told, and nothing fails.
 */
export function watchNvidiaSmi(intervalMs: number, command = 'nvidia-smi'): GpuTool {
  const beatMs = Math.max(500, intervalMs)
  const readings = new Map<string, GpuReading>()
  let readAtMs = Number.NEGATIVE_INFINITY
  const tool = start(command, beatMs)
  if (tool?.stdout) {
    createInterface({ input: tool.stdout }).on('line', (line) => {
      const reading = readLine(line)
      if (reading === undefined) return
      readings.set(reading.id, reading)
      readAtMs = performance.now()
    })
  }
  return {
    latest: () => (performance.now() - readAtMs > STALE_BEATS * beatMs ? undefined : [...readings.values()]),
    stop: () => void tool?.kill('SIGTERM'),
  }
}

function start(command: string, beatMs: number): ChildProcess | undefined {
  try {
    const tool = spawn(
      command,
      [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits', `--loop-ms=${beatMs}`],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    // Not installed: there is nothing to tell.
    tool.on('error', () => undefined)
    // The run's end does not wait for it.
    tool.unref()
    return tool
  } catch {
    return undefined
  }
}

/** `0, 37, 20480, 81559, 312.40, 55`. What a device does not tell reads `[N/A]` or `[Not Supported]`. */
export function readLine(line: string): GpuReading | undefined {
  const [id, ...fields] = line.split(',').map((field) => field.trim())
  if (id === undefined || !/^\d+$/.test(id) || fields.length !== 5) return undefined
  const [utilisation, used, total, power, temperature] = fields.map((field) =>
    /^\d+(\.\d+)?$/.test(field) ? Number(field) : undefined,
  )
  return {
    id,
    ...present({
      utilisation: utilisation === undefined ? undefined : utilisation / 100,
      memoryUsedBytes: used === undefined ? undefined : used * MIB,
      memoryTotalBytes: total === undefined ? undefined : total * MIB,
      powerW: power,
      temperatureC: temperature,
    }),
  }
}
