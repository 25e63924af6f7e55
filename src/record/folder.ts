import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { RunManifest } from './manifest.js'
import type { RequestRecord } from './record.js'

/** Names of the files in a run folder. */
export const RUN_FILES = {
  manifest: 'run.json',
  requests: (worker: number) => `requests-${worker}.ndjson`,
  server: 'server.ndjson',
  instrument: 'instrument.ndjson',
  machine: 'machine.ndjson',
  histograms: 'histograms.hlog',
  summary: 'summary.json',
  experiment: 'experiment.json',
  coldstart: 'coldstart.json',
  tune: 'tune.json',
  compare: 'compare.json',
  imported: 'imported.json',
} as const

/** Appends lines to a file. What has been handed to `write` survives a SIGKILL as soon as the turn of the loop is over. */
interface LineWriter {
  write(line: object): void
  close(): void
}

/**
 * Lines that end in the same turn of the event loop share one write: at thousands of requests a second a system call each
 * would be felt, and a turn is all that a SIGKILL can cost.
 */
export function createLineWriter(path: string): LineWriter {
  const file = openSync(path, 'a')
  let pending = ''
  let scheduled = false
  const flush = (): void => {
    scheduled = false
    if (pending === '') return
    const bytes = Buffer.from(pending)
    pending = ''
    for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from)
  }
  return {
    write(line) {
      pending += `${JSON.stringify(line)}\n`
      if (scheduled) return
      scheduled = true
      setImmediate(flush)
    },
    close() {
      flush()
      closeSync(file)
    },
  }
}

/** Writes beside the target and renames: a reader, or a crash, never meets half a file. */
export function writeJsonFile(path: string, value: unknown): void {
  const beside = `${path}.part`
  writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(beside, path)
}

export const readJsonFile = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

export function createRunFolder(folder: string): void {
  mkdirSync(folder, { recursive: true })
}

export const writeManifest = (folder: string, manifest: RunManifest): void =>
  writeJsonFile(join(folder, RUN_FILES.manifest), manifest)

export const requestWriter = (
  folder: string,
  worker: number,
): { write(record: RequestRecord): void; close(): void } =>
  createLineWriter(join(folder, RUN_FILES.requests(worker)))
