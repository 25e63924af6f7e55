import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FalloffError, messageOf } from '../base/index.js'
import {
  type ExperimentManifest,
  type InstrumentSample,
  type MachineSample,
  type RequestRecord,
  RUN_FILES,
  type RunManifest,
  readJsonFile,
  type ServerSample,
} from '../record/index.js'
import type { RunData } from './findings.js'
import { type Gathered, Gatherer } from './gather.js'
import { type Parse, parseJson, readBlocks, readLines } from './read-lines.js'
import { type ReadRecord, RecordScanner } from './scan-record.js'

/** Reads everything of a run but its requests. @throws FalloffError when the folder holds no run */
export async function readRun(folder: string): Promise<RunData> {
  return {
    folder,
    manifest: readManifest(folder),
    serverSamples: await readSamples<ServerSample>(join(folder, RUN_FILES.server)),
    instrumentSamples: await readSamples<InstrumentSample>(join(folder, RUN_FILES.instrument)),
    machineSamples: await readSamples<MachineSample>(join(folder, RUN_FILES.machine)),
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

/** Names of a run's record files, in the order of their workers. */
const requestFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .flatMap((name) => REQUEST_FILE.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map(RUN_FILES.requests)

/**
 * Every record of a run, one at a time: worker by worker, within a worker in the order in which requests ended. Two readings
 * of the same folder give the same order. One file at a time is open, and one block of it in memory.
 */
export async function* readRecords(folder: string): AsyncGenerator<RequestRecord> {
  for (const name of requestFiles(folder)) yield* readLines<RequestRecord>(join(folder, name))
}

/** All that one reading of the records gives. */
export interface Reading {
  readonly gathered: Gathered
  /** SHA-256 of every record file, by its name. */
  readonly digests: Readonly<Record<string, string>>
}

/** Reads the records that `readRecords` gives, in the same order, but makes no object of each. */
export async function gatherRun(folder: string): Promise<Reading> {
  const scanner = new RecordScanner()
  const gatherer = new Gatherer()
  const digests: Record<string, string> = {}
  const parse: Parse<ReadRecord> = (bytes, from, to) =>
    scanner.scan(bytes, from, to) ?? parseJson<ReadRecord>(bytes, from, to)
  for (const name of requestFiles(folder)) {
    const hash = createHash('sha256')
    const blocks = readBlocks(join(folder, name), parse, (bytes) => void hash.update(bytes))
    for await (const records of blocks) for (const record of records) gatherer.add(record)
    digests[name] = hash.digest('hex')
  }
  return { gathered: gatherer.close(), digests }
}

async function readSamples<T>(file: string): Promise<T[]> {
  const samples: T[] = []
  if (!existsSync(file)) return samples
  for await (const sample of readLines<T>(file)) samples.push(sample)
  return samples
}
