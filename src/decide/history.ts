import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { FalloffError, messageOf } from '../base/index.js'
import type { RunFigures } from '../record/index.js'
import { rounded } from './compact.js'

/** A line of the history: what a run came to, without its curves, and what the run was of. */
export interface HistoryLine extends RunFigures {
  /** Such as a commit; null: none was told. */
  readonly label: string | null
}

export const HISTORY_FILE = 'history.ndjson'

/**
 * Appends a line for each run that the file does not hold yet (by its folder's name and its start), and returns how many it
 * appended. Nothing that stands in it is ever changed; after a line that was cut off a new one is begun.
 */
export function addToHistory(path: string, runs: readonly RunFigures[], label: string | null): number {
  const known = new Set(existsSync(path) ? readHistory(path).lines.map(identity) : [])
  const fresh = runs.filter((run) => !known.has(identity(run)))
  if (fresh.length === 0) return 0
  const lines = fresh.map((run) => `${JSON.stringify(rounded({ ...slim(run), label }))}\n`)
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a+')
  try {
    // In one write: two jobs that append at once do not mix their lines.
    writeSync(file, `${endsWithLine(file) ? '' : '\n'}${lines.join('')}`)
  } finally {
    closeSync(file)
  }
  return fresh.length
}

const identity = ({ run, startedAtUtc }: RunFigures): string => `${run} ${startedAtUtc}`

const slim = (run: RunFigures): RunFigures => ({
  ...run,
  points: run.points.map((point) => ({ ...point, curves: {} })),
})

function endsWithLine(file: number): boolean {
  const { size } = fstatSync(file)
  const last = Buffer.alloc(1)
  return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === 10)
}

export interface History {
  /** In the order in which they were started. */
  readonly lines: readonly HistoryLine[]
  /** What could not be read, by the number of its line. */
  readonly unread: readonly { readonly line: number; readonly why: string }[]
}

/** Reads a history; a line that is torn or of another kind is told, and the others are read. @throws FalloffError without a file */
export function readHistory(path: string): History {
  const lines: HistoryLine[] = []
  const unread: { line: number; why: string }[] = []
  const texts = textOf(path).split('\n')
  for (const [i, text] of texts.entries()) {
    if (text.trim() === '') continue
    const read = parseLine(text)
    if (typeof read !== 'string') lines.push(read)
    else unread.push({ line: i + 1, why: i === texts.length - 1 ? 'is cut off' : read })
  }
  return { lines: lines.toSorted((a, b) => a.startedAtUtc.localeCompare(b.startedAtUtc)), unread }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new FalloffError('NO_HISTORY', `${path} cannot be read: ${messageOf(thrown)}`, {
      hint: 'falloff history add results/<name> begins one.',
      cause: thrown,
    })
  }
}

function parseLine(text: string): HistoryLine | string {
  let value: Partial<HistoryLine> | null
  try {
    value = JSON.parse(text) as Partial<HistoryLine> | null
  } catch {
    return 'is no JSON'
  }
  const known = value?.format === 1 && value.kind === 'figures' && typeof value.startedAtUtc === 'string'
  return known && Array.isArray(value?.points) ? (value as HistoryLine) : 'holds no figures of this format'
}
