import { join } from 'node:path'
import { type ExperimentManifest, RUN_FILES, type StopReason, writeJsonFile } from '../../record/index.js'
import type { SweepOptions } from './options.js'

export const endsSweep = (reason: StopReason): boolean =>
  reason === 'interrupted' || reason === 'target-lost' || reason === 'budget'

export interface Book {
  note(run: string, reason: StopReason): void
  measured(): boolean
  stopped(): boolean
  close(): ExperimentManifest
}

/** Keeps `experiment.json`. */
export function openBook(
  { profile, command, folder, interruption }: SweepOptions,
  dimensions: readonly string[],
): Book {
  const runs: string[] = []
  let stopReason: string | undefined
  const startedAtUtc = new Date().toISOString()
  const manifest = (): ExperimentManifest => ({
    format: 1,
    kind: 'sweep',
    name: profile.name,
    command,
    startedAtUtc,
    dimensions,
    runs,
    ...(stopReason !== undefined && { stopReason }),
  })
  const write = (value: ExperimentManifest): ExperimentManifest => {
    writeJsonFile(join(folder, RUN_FILES.experiment), value)
    return value
  }
  write(manifest())
  return {
    note(run, reason) {
      runs.push(run)
      if (endsSweep(reason)) stopReason = reason
      write(manifest())
    },
    measured: () => runs.length > 0,
    stopped: () => stopReason !== undefined || interruption.soon.aborted,
    close: () => write({ ...manifest(), endedAtUtc: new Date().toISOString() }),
  }
}
