import { existsSync, readdirSync } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import { nearest, type Problem, UsageError, usageError } from '../base/index.js'
import type { Profile } from './schema.js'
import { readSource } from './source.js'
import { withTargetPaths } from './target-paths.js'
import { checkProfile } from './validate.js'

/** Where `falloff probe` puts what it finds; below the folder that falloff is started in. */
export const TARGETS_FOLDER = 'targets'

/** Of any scheme: which ones will do is for the schema to say. */
const isUrl = (text: string): boolean => /^\w+:\/\//.test(text)

/**
 * The target that a word stands for: a URL, the name of a file under `targets/`, or the path of one. A file holds `target:` as a
 * profile would, and is checked here, so that what is wrong with it is told of the file itself.
 *
 * @param folder that paths are relative to
 * @param place of the word
 * @returns a mapping that may stand in the profile instead of the word
 * @throws UsageError with every problem
 */
export function readTarget(word: string, folder: string, place: string): object {
  return isUrl(word) ? { url: word } : readFile(findTarget(word, folder, place), word)
}

function readFile(file: string, word: string): Profile['target'] {
  const source = readSource(file, word)
  const problems: Problem[] = [...source.problems]
  const { target, ...rest } = isTree(source.value) ? source.value : {}
  if (problems.length === 0 && !isTree(target)) {
    problems.push({ place: word, message: 'holds no `target:` with url, api and model; is it a profile?' })
  }
  for (const name of Object.keys(rest)) {
    problems.push({ place: source.place([name], []), message: 'a target file holds `target:` alone' })
  }
  // As part of a profile that is nothing but bounded: the rest of it is somebody else's.
  const whole = { target: isTree(target) ? target : {}, limits: { requests: 1 } }
  const profile = checkProfile(whole, (path) => source.place(path, []), problems)
  if (profile === undefined || problems.length > 0) throw new UsageError(problems)
  return withTargetPaths(profile.target, source.folder)
}

function findTarget(word: string, folder: string, place: string): string {
  const path = isAbsolute(word) ? word : join(folder, word)
  if (/\.(ya?ml|json)$/.test(word) && existsSync(path)) return path
  const named = join(targetsFolder(), `${word}.yaml`)
  if (/^[\w.-]+$/.test(word) && existsSync(named)) return named
  const known = targetNames()
  const guess = nearest(word, known)
  const there = known.length > 0 ? `there are: ${known.join(', ')}` : `\`falloff probe <url>\` writes one`
  throw usageError(
    place,
    `expected http://host:port, https://host, the path of a target file or the name of one under ${TARGETS_FOLDER}/ ` +
      `(${there}); got ${JSON.stringify(word)}${guess ? `; did you mean "${guess}"?` : ''}`,
  )
}

const targetsFolder = (): string => join(process.cwd(), TARGETS_FOLDER)

const targetNames = (): string[] =>
  existsSync(targetsFolder())
    ? readdirSync(targetsFolder())
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => basename(file, '.yaml'))
        .sort()
    : []

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
