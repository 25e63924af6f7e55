import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LineCounter, parseDocument } from 'yaml'
import { messageOf, nearest, type Problem, UsageError, usageError } from '../base/index.js'
import type { Profile } from './schema.js'
import { applySettings, type Setting } from './settings.js'
import { checkProfile } from './validate.js'

/** `profiles/` of the installed package; the same relative place from `src` and from `dist`. */
const SHIPPED = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'profiles')
export const SHIPPED_PROFILES = ['chat', 'document', 'rag', 'code', 'agent', 'kv-falloff', 'demo'] as const

/**
 * Reads a profile, applies settings from the command line over it, fills in defaults and freezes it.
 *
 * @param nameOrPath a YAML or JSON file, the name of a shipped profile, or undefined for defaults alone
 * @throws UsageError with every problem found
 */
export function loadProfile(nameOrPath: string | undefined, settings: readonly Setting[]): Profile {
  const source = nameOrPath === undefined ? emptySource : readSource(nameOrPath)
  if (source.problems.length > 0) throw new UsageError(source.problems)
  const problems: Problem[] = []
  const raw = applySettings(source.value, settings, problems)
  const profile = checkProfile(raw, (path) => source.place(path, settings), problems)
  if (profile === undefined || problems.length > 0) throw new UsageError(problems)
  return freeze(resolvePaths(profile, source.folder))
}

interface Source {
  readonly value: unknown
  readonly folder: string
  readonly problems: readonly Problem[]
  /** Names a place as its writer knows it: file and line, or flag. */
  place(path: readonly PropertyKey[], settings: readonly Setting[]): string
}

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join('.')

const flagFor = (path: readonly PropertyKey[], settings: readonly Setting[]): string | undefined => {
  const text = dotted(path)
  return settings.find((s) => text === s.path || text.startsWith(`${s.path}.`))?.flag
}

const emptySource: Source = {
  value: {},
  folder: process.cwd(),
  problems: [],
  place: (path, settings) => {
    const flag = flagFor(path, settings)
    return flag === undefined ? dotted(path) || 'profile' : `${flag} (${dotted(path)})`
  },
}

function readSource(nameOrPath: string): Source {
  const file = findProfile(nameOrPath)
  const text = readText(file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  const problems = document.errors.map((e) => ({
    place: nameOrPath,
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
      return `${nameOrPath}${line === undefined ? '' : `:${line}`} ${dotted(path)}`.trim()
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

function findProfile(nameOrPath: string): string {
  if (existsSync(nameOrPath)) return nameOrPath
  const shipped = join(SHIPPED, `${nameOrPath}.yaml`)
  if (/^[\w-]+$/.test(nameOrPath) && existsSync(shipped)) return shipped
  const guess = nearest(nameOrPath, SHIPPED_PROFILES)
  throw usageError(
    'profile',
    `no file or shipped profile named "${nameOrPath}"; ${guess ? `did you mean "${guess}"? ` : ''}shipped profiles: ${SHIPPED_PROFILES.join(', ')}`,
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw usageError(file, `cannot be read: ${messageOf(thrown)}`)
  }
}

/** Paths inside a profile are relative to the profile's own folder. */
function resolvePaths(profile: Profile, folder: string): Profile {
  const { dataset, trace } = profile.workload
  const { tokenizer } = profile.target
  const isPath = tokenizer.endsWith('.json')
  return {
    ...profile,
    target: isPath ? { ...profile.target, tokenizer: resolve(folder, tokenizer) } : profile.target,
    workload: {
      ...profile.workload,
      ...(dataset && { dataset: { ...dataset, path: resolve(folder, dataset.path) } }),
      ...(trace && { trace: { ...trace, path: resolve(folder, trace.path) } }),
    },
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) freeze(inner)
  }
  return value
}
