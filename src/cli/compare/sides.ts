import { existsSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { type Problem, UsageError } from '../../base/index.js'
import type { MeasuredSide } from '../../experiment/index.js'
import { RUN_FILES } from '../../record/index.js'
import type { CompareArguments } from '../options/compare.js'
import { profileFrom } from '../settings.js'

/** What the sides of a comparison are. */
export type GivenSides =
  | { readonly kind: 'measure'; readonly sides: readonly MeasuredSide[] }
  | { readonly kind: 'results'; readonly sides: readonly ResultSide[] }
  | { readonly kind: 'comparison'; readonly folder: string }

interface ResultSide {
  readonly name: string
  readonly folders: readonly string[]
}

const RESULT_FILES = [RUN_FILES.manifest, RUN_FILES.experiment, RUN_FILES.imported] as const

const holds = (folder: string, files: readonly string[]): boolean =>
  files.some((file) => existsSync(join(folder, file)))

/** One word of the command line, taken apart. */
interface Word {
  readonly text: string
  /** As it was given before `=`. */
  readonly name: string | undefined
  readonly rest: string
  readonly kind: 'profile' | 'results' | 'comparison'
}

/** Adds to `problems` what cannot be used; undefined where nothing can be made of the rest. */
export function sidesFrom(argv: CompareArguments, problems: Problem[]): GivenSides | undefined {
  const words = argv.sides.map(wordOf)
  const before = problems.length
  for (const { text, rest, kind } of words) {
    const folders = kind === 'results' ? rest.split(',') : []
    for (const folder of folders) {
      if (!holds(folder, RESULT_FILES)) problems.push(noResult(text, folder))
    }
  }
  problems.push(...mixed(words))
  if (problems.length > before) return undefined
  const [first] = words
  if (first?.kind === 'comparison') return { kind: 'comparison', folder: first.rest }
  const names = uniqueNames(words, problems)
  if (first?.kind === 'results') {
    return {
      kind: 'results',
      sides: words.map(({ rest }, i) => ({ name: names[i] ?? '', folders: rest.split(',') })),
    }
  }
  const sides = profilesOf(argv, words, names, problems)
  return problems.length > before ? undefined : { kind: 'measure', sides }
}

function wordOf(text: string): Word {
  const named = existsSync(text) ? null : /^([\w.-]+)=(.+)$/.exec(text)
  const [name, rest] = named ? [named[1], named[2] ?? ''] : [undefined, text]
  const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()
  const parts = rest.split(',')
  if (isFolder(rest) && holds(rest, [RUN_FILES.compare])) return { text, name, rest, kind: 'comparison' }
  return { text, name, rest, kind: parts.some(isFolder) ? 'results' : 'profile' }
}

const noResult = (text: string, folder: string): Problem => ({
  place: text,
  message: existsSync(folder)
    ? `${folder} holds no ${RESULT_FILES.join(', ')} or ${RUN_FILES.compare}; give folders under results/, or profiles`
    : `there is no folder ${folder}`,
})

function mixed(words: readonly Word[]): Problem[] {
  const [first] = words
  if (first?.kind === 'comparison' && words.length === 1) return []
  if (words.length < 2)
    return [
      {
        place: first?.text ?? 'sides',
        message:
          'is one side alone; give two or more, or the folder of a comparison (the same twice tells how much two equal ones differ)',
      },
    ]
  const comparisons = words.filter(({ kind }) => kind === 'comparison')
  if (comparisons.length > 0)
    return comparisons.map(({ text }) => ({
      place: text,
      message: 'holds a comparison with all its sides; give it alone, or the folders of its runs',
    }))
  if (words.every(({ kind }) => kind === first?.kind)) return []
  const list = (kind: Word['kind']): string =>
    words
      .filter((w) => w.kind === kind)
      .map(({ text }) => text)
      .join(', ')
  return [
    {
      place: 'sides',
      message: `expected profiles to be measured, or results that are there; got ${list('profile')} beside the results ${list('results')}`,
    },
  ]
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Names as given, else by file; what is the same gets letters: `chat-a`, `chat-b`. */
function uniqueNames(words: readonly Word[], problems: Problem[]): readonly string[] {
  const own = words.map((word) => word.name ?? shortName(word))
  const given = words.flatMap(({ name }) => (name === undefined ? [] : [name]))
  for (const name of new Set(given.filter((n, i) => given.indexOf(n) !== i)))
    problems.push({ place: `${name}=`, message: 'names two sides; give each a name of its own' })
  const seen = new Map<string, number>()
  return own.map((name, i) => {
    const count = own.filter((n) => n === name).length
    if (count === 1 || words[i]?.name !== undefined) return name
    const nth = seen.get(name) ?? 0
    seen.set(name, nth + 1)
    return `${name}-${LETTERS[nth] ?? nth + 1}`
  })
}

function shortName({ rest, kind }: Word): string {
  const first = rest.split(',')[0] ?? rest
  const path = kind === 'profile' ? atTarget(rest).profile : first
  const base = basename(path)
  const name = kind === 'profile' ? base.slice(0, base.length - extname(base).length) : base
  return name.replace(/[^\w.-]+/g, '-') || 'side'
}

/** `chat@http://127.0.0.1:8000` */
function atTarget(text: string): { readonly profile: string; readonly target: string | undefined } {
  const at = existsSync(text) ? -1 : text.indexOf('@')
  return at < 1
    ? { profile: text, target: undefined }
    : { profile: text.slice(0, at), target: text.slice(at + 1) }
}

function profilesOf(
  argv: CompareArguments,
  words: readonly Word[],
  names: readonly string[],
  problems: Problem[],
): readonly MeasuredSide[] {
  const found: (Problem & { readonly side: string })[] = []
  const sides = words.flatMap(({ rest }, i) => {
    const name = names[i] ?? ''
    const { profile, target } = atTarget(rest)
    try {
      return [{ name, profile: profileFrom({ ...argv, profile, ...(target !== undefined && { target }) }) }]
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown
      found.push(...thrown.problems.map((p) => ({ ...p, side: name })))
      return []
    }
  })
  problems.push(...once(found, words.length))
  return sides
}

/** What is wrong on all sides is wrong in a flag, and told once. */
function once(found: readonly (Problem & { readonly side: string })[], sides: number): readonly Problem[] {
  const keys = new Set(found.map(({ place, message }) => `${place}\n${message}`))
  return [...keys].flatMap((key) => {
    const same = found.filter(({ place, message }) => `${place}\n${message}` === key)
    const [first] = same
    if (first === undefined) return []
    if (same.length === sides) return [{ place: first.place, message: first.message }]
    return same.map(({ side, place, message }) => ({ place: `${side}: ${place}`, message }))
  })
}
