import { z } from 'zod'
import { nearest, type Problem } from '../base/index.js'
import { senseOfConnection } from './connection.js'
import { PLACE_KINDS } from './engine-schema.js'
import { senseOfEngine } from './engine-sense.js'
import { parseObjective } from './objective.js'
import { type Profile, profileSchema } from './schema.js'

type Place = (path: readonly PropertyKey[]) => string

/** Checks shape and sense. Adds every problem found to `problems`; returns the profile when the shape holds. */
export function checkProfile(raw: unknown, place: Place, problems: Problem[]): Profile | undefined {
  const parsed = profileSchema.safeParse(raw ?? {})
  if (!parsed.success) {
    problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, raw, place)))
    return undefined
  }
  problems.push(...senseOf(parsed.data, place))
  return parsed.data
}

type Issue = z.core.$ZodIssue

const show = (value: unknown): string => {
  // What a flag for a number makes of letters.
  if (Number.isNaN(value)) return 'no number'
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function problemsOf(issue: Issue, raw: unknown, place: Place): Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...issue.path, key], key))
    case 'invalid_value':
      return [
        {
          place: place(issue.path),
          message: wrongChoice(issue.values.map(String), valueAt(raw, issue.path)),
        },
      ]
    case 'invalid_union':
      return [unionProblem(issue, raw, place)]
    default:
      return [
        {
          place: place(issue.path),
          message: `${plain(issue.message)}; got ${show(valueAt(raw, issue.path))}`,
        },
      ]
  }
  function unknownKey(path: readonly PropertyKey[], key: string): Problem {
    const known = keysAt(issue.path)
    const guess = nearest(key, known)
    const hint = guess
      ? `did you mean "${guess}"?`
      : known.length > 0
        ? `known here: ${known.join(', ')}`
        : ''
    return { place: place(path), message: `unknown name "${key}"; ${hint}`.replace(/; $/, '') }
  }
}

function wrongChoice(choices: readonly string[], got: unknown): string {
  const guess = typeof got === 'string' ? nearest(got, choices) : undefined
  return `expected one of ${choices.join(', ')}; got ${show(got)}${guess ? `; did you mean "${guess}"?` : ''}`
}

const LOAD_KINDS = ['closed', 'constant', 'poisson', 'gamma', 'stages', 'trace'] as const

function unionProblem(issue: Extract<Issue, { code: 'invalid_union' }>, raw: unknown, place: Place): Problem {
  const got = valueAt(raw, issue.path)
  if (issue.path.at(-1) === 'kind') {
    const kinds = issue.path[0] === 'engine' ? PLACE_KINDS : LOAD_KINDS
    return { place: place(issue.path), message: wrongChoice(kinds, got) }
  }
  // A union that failed deep inside one branch: say what that branch missed, not that no branch fits.
  const inside = issue.errors.flat().find((e) => e.path.length > 0 && e.code !== 'unrecognized_keys')
  const detail = inside ? `: ${plain(inside.message)} at ${inside.path.join('.')}` : ''
  const expected = descriptionAt(issue.path) ?? 'another kind of value'
  return { place: place(issue.path), message: `expected ${expected}; got ${show(got)}${detail}` }
}

const plain = (message: string): string =>
  message
    .replace(/^Invalid input: /, '')
    .replace(/^expected int, received number$/, 'expected a whole number')
    .replace(/^expected \w+, received NaN$/, 'expected a number')
    .replace(/^Too small: expected \w+ to be /, 'expected a number ')
    .replace(/^Too big: expected \w+ to be /, 'expected a number ')

const valueAt = (raw: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], raw)

interface JsonNode {
  readonly properties?: Record<string, JsonNode>
  readonly description?: string
  readonly anyOf?: readonly JsonNode[]
  readonly oneOf?: readonly JsonNode[]
  readonly items?: JsonNode
}

/** JSON Schema of the profile, from the same source as the validation; committed as `schema/profile.schema.json`. */
export function profileJsonSchema(): JsonNode {
  const schema = z.toJSONSchema(profileSchema, { io: 'input', target: 'draft-2020-12' }) as JsonNode
  // One word in the place of a target is read before the profile is checked.
  const word = {
    type: 'string',
    description: 'a URL, or a target file by its path or its name under targets/',
  }
  const target = { anyOf: [word, schema.properties?.target ?? {}] }
  return { ...schema, properties: { ...schema.properties, target } }
}

const nodesAt = (path: readonly PropertyKey[]): readonly JsonNode[] => {
  let nodes: readonly JsonNode[] = [profileJsonSchema()]
  for (const key of path) {
    nodes = nodes.flatMap((node) => {
      const next = typeof key === 'number' ? node.items : node.properties?.[String(key)]
      return next ? [next, ...(next.anyOf ?? []), ...(next.oneOf ?? [])] : []
    })
  }
  return nodes
}

const keysAt = (path: readonly PropertyKey[]): readonly string[] => [
  ...new Set(nodesAt(path).flatMap((node) => Object.keys(node.properties ?? {}))),
]

const descriptionAt = (path: readonly PropertyKey[]): string | undefined =>
  nodesAt(path).find((node) => node.description)?.description

/** What the shape alone cannot say: settings that contradict or need each other. */
function* senseOf(profile: Profile, place: Place): Generator<Problem> {
  const { load, workload, limits, objectives, target, engine } = profile
  if (target.url !== undefined && engine !== undefined) {
    yield {
      place: place(['target', 'url']),
      message: 'target.url and engine exclude each other; leave one out',
    }
  }
  yield* senseOfConnection(profile, place)
  yield* senseOfEngine(profile, place)
  if (load.kind === 'trace' && workload.trace === undefined) {
    yield { place: place(['load', 'kind']), message: 'a trace load needs workload.trace.path' }
  }
  if (workload.conversation && load.kind === 'trace') {
    yield {
      place: place(['workload', 'conversation']),
      message: 'conversations cannot follow the arrivals of a trace; leave one out',
    }
  }
  if (load.kind === 'stages') {
    const closed = load.stages.filter((s) => s.concurrency !== undefined).length
    const open = load.stages.filter((s) => s.ratePerS !== undefined).length
    if (closed + open !== load.stages.length || (closed > 0 && open > 0)) {
      yield {
        place: place(['load', 'stages']),
        message: 'every stage needs ratePerS, or every stage needs concurrency',
      }
    }
  } else if (load.kind !== 'trace' && limits.requests === undefined && limits.durationS === undefined) {
    yield {
      place: place(['limits']),
      message: 'a run must be bounded: set limits.requests (--requests) or limits.durationS (--duration)',
    }
  }
  for (const [i, text] of objectives.entries()) {
    const parsed = parseObjective(text)
    if (typeof parsed === 'string') yield { place: place(['objectives', i]), message: parsed }
  }
}
