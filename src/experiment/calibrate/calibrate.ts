import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { usageError } from '../../base/index.js'
import { type RunningEmitter, startEmitter } from '../../emitter/index.js'
import type { Calibration, CalibrationPoint, CalibrationSetting } from '../../record/index.js'
import { kernelStampsAvailable, type RawTransportName } from '../../transport/index.js'
import type { RunListener } from '../listener.js'
import { machineFacts, TOOL_VERSION } from '../machine.js'
import type { Interruption } from '../run.js'
import { boundsOf } from './bounds.js'
import { measurePoint } from './measure.js'
import { type SeriesOptions, seriesOf } from './series.js'

export interface CalibrateOptions {
  /** `both`: the kernel's where it can be had. */
  readonly transport: 'both' | RawTransportName
  /** Instead of the usual series. */
  readonly streams?: readonly number[]
  /** A few points only. */
  readonly quick: boolean
  /** Measured at each point. */
  readonly seconds: number
  readonly workers: number
  readonly boundMs: number
  /** Receives the runs and the emitter's log of each; without it they are discarded. */
  readonly folder?: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
}

/**
 * Measures how far off our own stamps are, under load after load, by runs like any other against an emitter in a process of
 * its own that logs what it does. Interrupted, it returns what was measured by then.
 * @throws UsageError when kernel stamps are asked for and cannot be had
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const transports = transportsFor(options.transport)
  const { streams, quick, boundMs, workers, command } = options
  const series: SeriesOptions = { transports, quick, ...(streams && { streams }) }
  const madeAtUtc = new Date().toISOString()
  const emitter = await startEmitter()
  const points = await measureSeries(seriesOf(series), emitter, options).finally(() => emitter.stop())
  return {
    format: 1,
    tool: { name: 'falloff', version: TOOL_VERSION },
    command,
    madeAtUtc,
    machine: machineFacts(),
    boundMs,
    workers,
    points,
    bounds: boundsOf(points, boundMs, workers),
  }
}

function transportsFor(asked: CalibrateOptions['transport']): readonly RawTransportName[] {
  const kernel = kernelStampsAvailable()
  if (asked === 'kernel' && !kernel.available) {
    throw usageError('--transport', `kernel stamps cannot be had: ${kernel.reason}; use undici`)
  }
  if (asked !== 'both') return [asked]
  return kernel.available ? ['kernel', 'undici'] : ['undici']
}

async function measureSeries(
  settings: readonly CalibrationSetting[],
  emitter: RunningEmitter,
  options: CalibrateOptions,
): Promise<readonly CalibrationPoint[]> {
  const keep = options.folder !== undefined
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'falloff-calibrate-'))
  mkdirSync(folder, { recursive: true })
  const points: CalibrationPoint[] = []
  try {
    for (const [i, setting] of settings.entries()) {
      if (options.interruption.soon.aborted) break
      options.listener.onPhase(`${describe(setting)} (${i + 1} of ${settings.length})`)
      const point = await measurePoint({ ...options, setting, emitter, folder, keep })
      if (point) points.push(point)
    }
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true })
  }
  return points
}

const describe = ({ transport, shape, streams, eventsPerS }: CalibrationSetting): string =>
  `${transport}: ${streams === 1 ? '1 stream' : `${streams} streams`} of ${eventsPerS} events/s, ${shape}`
