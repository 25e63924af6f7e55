import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, parseDocument } from 'yaml'
import type { z } from 'zod'
import { messageOf, nearest, type Problem, UsageError, usageError } from '../base/index.js'
import {
  type Description,
  type EngineDescription,
  engineSchema,
  fixedSchema,
  settingGroups,
} from './description-schema.js'
import { gpuBlocks, kvCacheBytes } from './memory.js'

export type Overrides = Readonly<Record<string, number | string | boolean>>
type Tree = Record<string, unknown>

/** `profiles/engines` of the installed package; the same relative place from `src` and from `dist`. */
const SHIPPED = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'profiles', 'engines')

/** Names of the engine descriptions that come with the package. */
export const shippedDescriptions = (): readonly string[] =>
  readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()

/**
 * Reads an engine description and lays settings over it, by name alone (`maxNumSeqs`, or `engine.maxNumSeqs`), or by the
 * path inside one (`rateLimits.requestsPerMin`).
 *
 * @param nameOrPath a name under `profiles/engines`, or a YAML file
 * @throws UsageError with every problem found
 */
export function loadDescription(nameOrPath: string, overrides: Overrides = {}): Description {
  const tree = readTree(nameOrPath)
  const problems: Problem[] = []
  const kind = tree.kind === 'fixed' ? 'fixed' : 'vllm'
  override(tree, overrides, settingGroups(kind), problems)
  const schema: z.ZodType<Description> = kind === 'fixed' ? fixedSchema : engineSchema
  const parsed = schema.safeParse(tree)
  if (!parsed.success)
    problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, nameOrPath, tree)))
  else if (parsed.data.kind === 'vllm') problems.push(...senseOf(parsed.data, nameOrPath))
  if (!parsed.success || problems.length > 0) throw new UsageError(problems)
  return parsed.data
}

function readTree(nameOrPath: string): Tree {
  const shipped = join(SHIPPED, `${nameOrPath}.yaml`)
  const file = /^[\w.-]+$/.test(nameOrPath) && existsSync(shipped) ? shipped : nameOrPath
  if (!existsSync(file)) {
    const known = shippedDescriptions()
    const guess = nearest(nameOrPath, known)
    throw usageError(
      'engine',
      `no file or shipped engine named "${nameOrPath}"; ${guess ? `did you mean "${guess}"? ` : ''}shipped engines: ${known.join(', ')}`,
    )
  }
  const document = parseDocument(readText(file))
  if (document.errors.length > 0) {
    throw new UsageError(
      document.errors.map((e) => ({ place: nameOrPath, message: e.message.split('\n')[0] ?? e.message })),
    )
  }
  const value: unknown = document.toJS()
  if (!isTree(value))
    throw usageError(
      nameOrPath,
      `expected a map with model, gpu, memory and scheduler; got ${JSON.stringify(value)}`,
    )
  return value
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw usageError(file, `cannot be read: ${messageOf(thrown)}`)
  }
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function override(
  tree: Tree,
  overrides: Overrides,
  groups: ReadonlyMap<string, string>,
  problems: Problem[],
): void {
  for (const [given, value] of Object.entries(overrides)) {
    const [name = '', ...inside] = given.replace(/^engine\./, '').split('.')
    const group = groups.get(name)
    if (group === undefined) {
      const guess = nearest(name, [...groups.keys()])
      const hint = guess ? `did you mean "${guess}"?` : `known: ${[...groups.keys()].join(', ')}`
      problems.push({ place: `--set ${given}`, message: `unknown engine setting "${name}"; ${hint}` })
      continue
    }
    const old = tree[group]
    tree[group] = placed(old, [name, ...inside], plainValue(name, value))
  }
}

/** The tree with a value at a path: `rateLimits.requestsPerMin` leaves the other rate limits as they are. */
function placed(tree: unknown, [key, ...inside]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  const own = isTree(tree) ? tree : {}
  return { ...own, [key]: placed(own[key], inside, value) }
}

/** Texts from a command line become numbers or booleans where they read as such; names stay texts. */
function plainValue(name: string, value: number | string | boolean): unknown {
  if (name === 'servedModel' || name === 'vllmVersion') return String(value)
  if (typeof value !== 'string') return value
  try {
    return parse(value) as unknown
  } catch {
    // No YAML: what is wrong with it as a text is told with its place.
    return value
  }
}

function problemsOf(issue: z.core.$ZodIssue, place: string, tree: Tree): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const groups = settingGroups(tree.kind === 'fixed' ? 'fixed' : 'vllm')
    const here = [...groups].filter(([, group]) => group === issue.path[0]).map(([name]) => name)
    const known = issue.path.length === 0 ? [...new Set(groups.values())] : here
    return issue.keys.map((key) => {
      const path = [...issue.path, key].join('.')
      return { place: `${place} ${path}`, message: unknownName(key, issue.path.length > 1 ? [] : known) }
    })
  }
  const got = issue.path.reduce<unknown>((node, key) => (isTree(node) ? node[String(key)] : undefined), tree)
  const message = issue.message.replace(/^Invalid input: /, '').replace(/^Too (small|big): /, '')
  return [
    {
      place: `${place} ${issue.path.join('.')}`.trim(),
      message: `${message}; got ${got === undefined ? 'nothing' : JSON.stringify(got)}`,
    },
  ]
}

function unknownName(key: string, known: readonly string[]): string {
  const guess = nearest(key, known)
  if (guess !== undefined) return `unknown name "${key}"; did you mean "${guess}"?`
  return known.length === 0
    ? `unknown name "${key}"`
    : `unknown name "${key}"; known here: ${known.join(', ')}`
}

/** What the engine itself would refuse at start. */
function* senseOf(description: EngineDescription, place: string): Generator<Problem> {
  const { scheduler } = description
  const blocks = gpuBlocks(description)
  const needed = Math.ceil(scheduler.maxModelLen / scheduler.blockSize)
  if (blocks < 2) {
    const missing = (-kvCacheBytes(description) / 2 ** 30).toFixed(2)
    yield {
      place,
      message: `no memory is left for the KV cache (${missing} GiB short); raise gpuMemoryUtilization or memoryGiB`,
    }
  } else if (blocks - 1 < needed) {
    yield {
      place,
      message: `maxModelLen ${scheduler.maxModelLen} needs ${needed} blocks, the KV cache has ${blocks - 1}; lower maxModelLen or raise gpuMemoryUtilization`,
    }
  }
  if (scheduler.maxNumBatchedTokens < scheduler.maxNumSeqs) {
    yield {
      place,
      message: `maxNumBatchedTokens ${scheduler.maxNumBatchedTokens} must be at least maxNumSeqs ${scheduler.maxNumSeqs}`,
    }
  }
}
