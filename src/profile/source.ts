import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { messageOf, type Problem, usageError } from '../base/index.js'
import type { Setting } from './settings.js'

/** What somebody wrote, and where each part of it stands. */
export interface Source {
  readonly value: unknown
  readonly folder: string
  readonly problems: readonly Problem[]
  /** Names a place as its writer knows it: file and line, or flag. */
  place(path: readonly PropertyKey[], settings: readonly Setting[]): string
}

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join('.')

const flagFor = (path: readonly PropertyKey[], settings: readonly Setting[]): string | undefined => {
  const text = dotted(path)
  // A later one goes over those before it.
  return settings.findLast((s) => text === s.path || text.startsWith(`${s.path}.`))?.flag
}

export const emptySource: Source = {
  value: {},
  folder: process.cwd(),
  problems: [],
  place: (path, settings) => {
    const flag = flagFor(path, settings)
    return flag === undefined ? dotted(path) || 'profile' : `${flag} (${dotted(path)})`
  },
}

/** @param name what its writer calls the file */
export function readSource(file: string, name: string): Source {
  const text = readText(file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  const problems = document.errors.map((e) => ({
    place: name,
    message: e.message.split('\n')[0] ?? e.message,
  }))
  return {
    value: problems.length > 0 ? {} : document.toJS(),
    folder: dirname(resolve(file)),
    problems,
    place(path, settings) {
      const flag = flagFor(path, settings)
      if (flag !== undefined) return `${flag} (${dotted(path)})`
      const line = lineOf(document, path, lines)
      return `${name}${line === undefined ? '' : `:${line}`} ${dotted(path)}`.trim()
    },
  }
}

/** Line of the deepest part of `path` that the file holds. */
function lineOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly PropertyKey[],
  lines: LineCounter,
) {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as { range?: readonly number[] } | undefined
    const start = node?.range?.[0]
    if (start !== undefined) return lines.linePos(start).line
  }
  return undefined
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw usageError(file, `cannot be read: ${messageOf(thrown)}`)
  }
}
