import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nearest, type Problem, UsageError, usageError } from '../base/index.js'
import type { Profile } from './schema.js'
import { applySettings, type Setting } from './settings.js'
import { emptySource, readSource, type Source } from './source.js'
import { readTarget } from './target-file.js'
import { withTargetPaths } from './target-paths.js'
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
  const source = nameOrPath === undefined ? emptySource : readSource(findProfile(nameOrPath), nameOrPath)
  if (source.problems.length > 0) throw new UsageError(source.problems)
  const problems: Problem[] = []
  const raw = applySettings(withTarget(source, settings), settings, problems)
  const profile = checkProfile(raw, (path) => source.place(path, settings), problems)
  if (profile === undefined || problems.length > 0) throw new UsageError(problems)
  return freeze(resolvePaths(profile, source.folder))
}

/** A target written as one word is a URL, or names a file of its own. A flag that names another displaces it unread. */
function withTarget(source: Source, settings: readonly Setting[]): unknown {
  const { value, folder } = source
  const word = (value as { readonly target?: unknown } | null)?.target
  if (typeof word !== 'string') return value
  if (settings.some(({ path }) => path === 'target')) return { ...(value as object), target: {} }
  return { ...(value as object), target: readTarget(word, folder, source.place(['target'], [])) }
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

/** Paths inside a profile are relative to the profile's own folder. */
function resolvePaths(profile: Profile, folder: string): Profile {
  const { dataset, trace } = profile.workload
  const { engine } = profile
  return {
    ...profile,
    target: withTargetPaths(profile.target, folder),
    ...(engine && { engine: withModelPath(engine, folder) }),
    workload: {
      ...profile.workload,
      ...(dataset && { dataset: { ...dataset, path: resolve(folder, dataset.path) } }),
      ...(trace && { trace: { ...trace, path: resolve(folder, trace.path) } }),
    },
  }
}

/** A model may be a name as well: it is a path only where there is something at it. */
function withModelPath(
  engine: NonNullable<Profile['engine']>,
  folder: string,
): NonNullable<Profile['engine']> {
  const path = engine.model === undefined ? undefined : resolve(folder, engine.model)
  return path !== undefined && existsSync(path) ? { ...engine, model: path } : engine
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) freeze(inner)
  }
  return value
}
