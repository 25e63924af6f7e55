import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, nearest, usageError } from '../base/index.js'
import type { RunFigures } from '../record/index.js'
import { compactJson, rounded } from './compact.js'

/** A named state to hold later ones against: a small file, fit to be kept beside the code. */
export interface Baseline {
  readonly format: 1
  readonly kind: 'baseline'
  readonly name: string
  readonly savedAtUtc: string
  readonly tool: string
  readonly runs: readonly RunFigures[]
}

export const BASELINE_FOLDER = 'baselines'

const NAME = /^\w[\w.-]*$/

/** @throws UsageError where the name is no name of a file */
function baselinePath(name: string, folder: string): string {
  if (NAME.test(name)) return join(folder, `${name}.json`)
  throw usageError('NAME', `expected letters, digits, ".", "-" and "_", as in "main"; got "${name}"`)
}

/** Writes it and returns its path. A baseline of the same name is written over: the history of the file is git's. */
export function saveBaseline(baseline: Baseline, folder: string): string {
  const path = baselinePath(baseline.name, folder)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, compactJson(rounded(baseline)))
  return path
}

/** @param nameOrFile name of a baseline in the folder, or the path of a file */
export function readBaseline(nameOrFile: string, folder: string, place: string): Baseline {
  const path = /[/\\]|\.json$/.test(nameOrFile) ? nameOrFile : baselinePath(nameOrFile, folder)
  if (existsSync(path)) return parseBaseline(path)
  const names = namesIn(folder)
  const guess = nearest(nameOrFile, names)
  const known = names.length === 0 ? `there are none in ${folder}` : `known: ${names.join(', ')}`
  throw usageError(
    place,
    `no baseline "${nameOrFile}"; ${guess === undefined ? known : `did you mean "${guess}"?`} (falloff baseline save NAME results… makes one)`,
  )
}

function parseBaseline(path: string): Baseline {
  let value: Partial<Baseline> | null
  try {
    value = JSON.parse(readFileSync(path, 'utf8')) as Partial<Baseline> | null
  } catch (thrown) {
    throw usageError(path, `is no baseline: ${messageOf(thrown)}`)
  }
  if (
    value?.kind !== 'baseline' ||
    value.format !== 1 ||
    !Array.isArray(value.runs) ||
    value.runs.length === 0
  ) {
    throw usageError(path, 'is no baseline of this format; falloff baseline save NAME results… makes one')
  }
  return value as Baseline
}

/** All of a folder, by name. @throws UsageError where a file is none */
export const listBaselines = (folder: string): readonly Baseline[] =>
  namesIn(folder).map((name) => parseBaseline(join(folder, `${name}.json`)))

const namesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .map((file) => file.slice(0, -'.json'.length))
        .toSorted()
    : []
