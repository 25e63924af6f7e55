import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FalloffError, messageOf } from '../base/index.js'
import {
  type ExperimentManifest,
  type InstrumentSample,
  type RequestRecord,
  RUN_FILES,
  type RunManifest,
  readJsonFile,
  type ServerSample,
} from '../record/index.js'
import type { RunData } from './findings.js'

/** Reads everything of a run but its requests. @throws FalloffError when the folder holds no run */
export async function readRun(folder: string): Promise<RunData> {
  return {
    folder,
    manifest: readManifest(folder),
    serverSamples: await readSamples<ServerSample>(join(folder, RUN_FILES.server)),
    instrumentSamples: await readSamples<InstrumentSample>(join(folder, RUN_FILES.instrument)),
  }
}

function readManifest(folder: string): RunManifest {
  const file = join(folder, RUN_FILES.manifest)
  try {
    return readJsonFile(file) as RunManifest
  } catch (thrown) {
    throw new FalloffError('NO_RUN', `${file} cannot be read: ${messageOf(thrown)}`, {
      hint: 'Give the folder of a run or of a sweep, such as results/<name>.',
      cause: thrown,
    })
  }
}

/** True for the folder of a sweep. */
export const isExperiment = (folder: string): boolean => existsSync(join(folder, RUN_FILES.experiment))

export const readExperiment = (folder: string): ExperimentManifest =>
  JSON.parse(readFileSync(join(folder, RUN_FILES.experiment), 'utf8')) as ExperimentManifest

const REQUEST_FILE = /^requests-(\d+)\.ndjson$/

/**
 * Every record of a run, one at a time: worker by worker, within a worker in the order in which requests ended. Two readings
 * of the same folder give the same order. One file at a time is open, and one block of it in memory.
 */
export async function* readRecords(folder: string): AsyncGenerator<RequestRecord> {
  const workers = readdirSync(folder).flatMap((name) => REQUEST_FILE.exec(name)?.[1] ?? [])
  for (const worker of workers.map(Number).sort((a, b) => a - b)) {
    yield* readLines<RequestRecord>(join(folder, RUN_FILES.requests(worker)))
  }
}

async function readSamples<T>(file: string): Promise<T[]> {
  const samples: T[] = []
  if (!existsSync(file)) return samples
  for await (const sample of readLines<T>(file)) samples.push(sample)
  return samples
}

/**
 * A last line without its line break is what a SIGKILL leaves of a write: it is dropped when it does not parse. Any other
 * line that does not parse means that the file was damaged later, and is an error.
 */
async function* readLines<T>(file: string): AsyncGenerator<T> {
  let carry = ''
  let line = 0
  for await (const block of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const text: string = carry + block
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      line++
      if (to > from) yield parseLine<T>(text.slice(from, to), file, line)
      from = to + 1
    }
    carry = text.slice(from)
  }
  const last = parseOrUndefined<T>(carry)
  if (last !== undefined) yield last
}

function parseLine<T>(text: string, file: string, line: number): T {
  const value = parseOrUndefined<T>(text)
  if (value !== undefined) return value
  throw new FalloffError('BAD_RECORD', `${file}:${line} is no JSON`, {
    hint: 'The file was changed after the run; restore it, or take the line out to go on without it.',
  })
}

function parseOrUndefined<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
