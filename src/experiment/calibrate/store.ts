import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Calibration, type MachineFacts, readJsonFile, writeJsonFile } from '../../record/index.js'
import { machineFacts } from '../machine.js'
import { boundsOf } from './bounds.js'

/** Where the last calibration of this user is kept. */
export function calibrationFile(environment: NodeJS.ProcessEnv = process.env): string {
  // The specification of XDG_CACHE_HOME says to ignore a path that is not absolute.
  const asked = environment.XDG_CACHE_HOME ?? ''
  const cache = asked.startsWith('/') ? asked : join(homedir(), '.cache')
  return join(cache, 'falloff', 'calibration.json')
}

/** A transport that was not measured keeps what was found for it before on this machine. @returns the file it was written to */
export function writeCalibration(calibration: Calibration, file: string = calibrationFile()): string {
  const before = readCalibration(file, calibration.machine)
  mkdirSync(dirname(file), { recursive: true })
  writeJsonFile(file, before ? withOthers(calibration, before) : calibration)
  return file
}

/** What was kept is held to the new bound, which the file names for all. */
function withOthers(fresh: Calibration, before: Calibration): Calibration {
  const kept = before.points.filter(({ transport }) => fresh.bounds[transport] === undefined)
  return {
    ...fresh,
    points: [...fresh.points, ...kept],
    bounds: { ...boundsOf(kept, fresh.boundMs, before.workers), ...fresh.bounds },
  }
}

/**
 * What was found on this machine with this Node and this kernel: figures of another tell nothing here. Undefined when there is
 * none, or none that can be read.
 */
export function readCalibration(
  file: string = calibrationFile(),
  machine: MachineFacts = machineFacts(),
): Calibration | undefined {
  const found = readIfThere(file)
  return isCalibration(found) && isSameMachine(found.machine, machine) ? found : undefined
}

function readIfThere(file: string): unknown {
  try {
    return readJsonFile(file)
  } catch {
    return undefined
  }
}

/** Written by us: only what another version may have written differently is looked at. */
function isCalibration(value: unknown): value is Calibration {
  const { format, machine, bounds, points } = (value ?? {}) as Partial<Record<keyof Calibration, unknown>>
  return format === 1 && isObject(machine) && isObject(bounds) && Array.isArray(points)
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

/** Memory may be resized; what runs our code may not be another. */
const isSameMachine = (a: MachineFacts, b: MachineFacts): boolean =>
  a.node === b.node && a.platform === b.platform && a.cpuModel === b.cpuModel && a.cpus === b.cpus
