import {
  createRandom,
  nearest,
  type Problem,
  parseDurationNs,
  type Random,
  UsageError,
} from '../base/index.js'
import type { ErrorKind } from './request-error.js'

/** What each fault does, what its parameter means, and the parameter's value when none is given (ms, s or a count). */
const FAULTS = {
  'rate-limit': { does: '429 with Retry-After', parameter: 'duration', ifNone: 1e9 },
  'server-error': { does: '500 before the stream', parameter: 'none', ifNone: 0 },
  unavailable: { does: '503 before the stream', parameter: 'none', ifNone: 0 },
  overloaded: {
    does: 'refused for want of capacity: 529, 503 or whatever the API says',
    parameter: 'none',
    ifNone: 0,
  },
  'no-quota': { does: 'refused because the account is used up', parameter: 'none', ifNone: 0 },
  'bad-key': { does: '401 as for a wrong key', parameter: 'none', ifNone: 0 },
  'bad-gateway': { does: '502 with a page of a gateway', parameter: 'none', ifNone: 0 },
  'gateway-timeout': { does: '504 with a page of a gateway', parameter: 'none', ifNone: 0 },
  reset: { does: 'connection reset before the headers', parameter: 'none', ifNone: 0 },
  'slow-first-byte': {
    does: 'nothing is sent, headers included, for the given time',
    parameter: 'duration',
    ifNone: 1e9,
  },
  cut: { does: 'connection closed in the middle of the stream', parameter: 'none', ifNone: 0 },
  stall: {
    does: 'silence in the middle of the stream for the given time',
    parameter: 'duration',
    ifNone: 3600e9,
  },
  malformed: { does: 'one event that is no JSON in the middle of the stream', parameter: 'none', ifNone: 0 },
  'error-frame': { does: 'the stream fails on its way, in its own terms', parameter: 'none', ifNone: 0 },
  'overloaded-frame': {
    does: 'the stream fails on its way because the server is overloaded',
    parameter: 'none',
    ifNone: 0,
  },
  'no-end': { does: 'the body ends in good order before the answer does', parameter: 'none', ifNone: 0 },
  split: { does: 'every byte of the stream in a write of its own', parameter: 'none', ifNone: 0 },
  coalesce: { does: 'the given number of events in one write', parameter: 'count', ifNone: 8 },
  'short-output': {
    does: 'the output stops after the given number of tokens, whatever was asked for',
    parameter: 'count',
    ifNone: 4,
  },
  miscount: {
    does: 'usage counts the given number of tokens for each that there is',
    parameter: 'count',
    ifNone: 2,
  },
  'other-model': { does: 'the answer names another model', parameter: 'none', ifNone: 0 },
} as const

type FaultName = keyof typeof FAULTS
const NAMES = Object.keys(FAULTS) as FaultName[]
const isFaultName = (text: string): text is FaultName => Object.hasOwn(FAULTS, text)

/** One kind of fault and how often it strikes. */
export interface FaultRule {
  readonly name: FaultName
  /** A share of requests drawn at random, or exactly every n-th. */
  readonly rate: { readonly share: number } | { readonly every: number }
  /** Nanoseconds for faults with a duration, else a count. */
  readonly value: number
}

/**
 * Reads `name=rate` or `name=rate:parameter`: `rate-limit=0.1`, `cut=1/50` (every 50th request), `stall=0.02:3s`, `coalesce=1:8`.
 *
 * @throws UsageError with every flag that cannot be read
 */
export function parseFaults(flags: readonly string[]): FaultRule[] {
  const problems: Problem[] = []
  const rules = flags.flatMap((flag) => {
    const rule = parseFault(flag)
    if (typeof rule !== 'string') return [rule]
    problems.push({ place: `--fault ${flag}`, message: rule })
    return []
  })
  if (problems.length > 0) throw new UsageError(problems)
  return rules
}

function parseFault(flag: string): FaultRule | string {
  const [, name = '', rateText = '', parameter] = /^([^=]*)=([^:]*)(?::(.*))?$/.exec(flag) ?? []
  if (rateText === '')
    return 'expected NAME=RATE or NAME=RATE:PARAMETER, such as rate-limit=0.1 or stall=1/20:3s'
  if (!isFaultName(name)) {
    const guess = nearest(name, NAMES)
    return `unknown fault "${name}"; ${guess ? `did you mean "${guess}"? ` : ''}known: ${NAMES.join(', ')}`
  }
  const rate = parseRate(rateText)
  if (rate === undefined)
    return `expected a share from 0 to 1, or 1/N for every N-th request; got "${rateText}"`
  const value = parseParameter(name, parameter)
  return typeof value === 'string' ? value : { name, rate, value }
}

function parseRate(text: string): FaultRule['rate'] | undefined {
  const every = /^1\/(\d+)$/.exec(text)?.[1]
  if (every !== undefined) return Number(every) > 0 ? { every: Number(every) } : undefined
  const share = Number(text)
  return share >= 0 && share <= 1 ? { share } : undefined
}

function parseParameter(name: FaultName, text: string | undefined): number | string {
  const { parameter, ifNone, does } = FAULTS[name]
  if (text === undefined) return ifNone
  if (parameter === 'none') return `${name} (${does}) takes no parameter; got "${text}"`
  if (parameter === 'duration')
    return parseDurationNs(text) ?? `expected a duration such as 500ms or 3s; got "${text}"`
  const count = Number(text)
  return Number.isInteger(count) && count > 1 ? count : `expected a whole number above 1; got "${text}"`
}

/** What a struck request is answered with, before any generation. */
type Rejection =
  | { readonly by: 'server'; readonly kind: ErrorKind; readonly retryAfterMs: number | undefined }
  | { readonly by: 'gateway'; readonly status: 502 | 504 }

/** The faults that strike one request. Places in the stream are shares of its output, 0 to 1. */
export interface FaultPlan {
  readonly reject: Rejection | undefined
  readonly reset: boolean
  readonly slowNs: number
  readonly cutAt: number | undefined
  readonly stall: { readonly at: number; readonly forNs: number } | undefined
  readonly malformedAt: number | undefined
  readonly failure: { readonly at: number; readonly kind: 'failed' | 'overloaded' } | undefined
  /** The last piece and the end marker are left out. */
  readonly noEnd: boolean
  readonly split: boolean
  readonly coalesce: number
  /** Tokens after which the output stops. */
  readonly shortAfter: number
  /** Tokens in usage for each that there is. */
  readonly countFactor: number
  readonly otherModel: boolean
}

/** Draws the faults of one request after the other; the same seed gives the same faults in order of arrival. */
export function createFaultSource(rules: readonly FaultRule[], seed: number): () => FaultPlan {
  const random = createRandom(seed, 'faults')
  let requests = 0
  return () => {
    requests++
    const struck = new Map<FaultName, number>()
    for (const rule of rules) if (strikes(rule, requests, random)) struck.set(rule.name, rule.value)
    const place = (name: FaultName) => (struck.has(name) ? random.uniform() : undefined)
    const stallNs = struck.get('stall')
    const failure = FAILURES.find(([name]) => struck.has(name))
    return {
      reject: rejection(struck),
      reset: struck.has('reset'),
      slowNs: struck.get('slow-first-byte') ?? 0,
      cutAt: place('cut'),
      stall: stallNs === undefined ? undefined : { at: random.uniform(), forNs: stallNs },
      malformedAt: place('malformed'),
      failure: failure && { at: random.uniform(), kind: failure[1] },
      noEnd: struck.has('no-end'),
      split: struck.has('split'),
      coalesce: struck.get('coalesce') ?? 1,
      shortAfter: struck.get('short-output') ?? Number.POSITIVE_INFINITY,
      countFactor: struck.get('miscount') ?? 1,
      otherModel: struck.has('other-model'),
    }
  }
}

const strikes = ({ rate }: FaultRule, request: number, random: Random): boolean =>
  'every' in rate ? request % rate.every === 0 : random.uniform() < rate.share

const FAILURES = [
  ['overloaded-frame', 'overloaded'],
  ['error-frame', 'failed'],
] as const

/** In order of precedence, where several strike. */
const REJECTIONS = [
  ['rate-limit', { by: 'server', kind: 'rate-limited' }],
  ['no-quota', { by: 'server', kind: 'no-quota' }],
  ['bad-key', { by: 'server', kind: 'no-key' }],
  ['server-error', { by: 'server', kind: 'failed' }],
  ['unavailable', { by: 'server', kind: 'unavailable' }],
  ['overloaded', { by: 'server', kind: 'overloaded' }],
  ['bad-gateway', { by: 'gateway', status: 502 }],
  ['gateway-timeout', { by: 'gateway', status: 504 }],
] as const

function rejection(struck: ReadonlyMap<FaultName, number>): Rejection | undefined {
  const found = REJECTIONS.find(([name]) => struck.has(name))?.[1]
  if (found?.by !== 'server') return found
  const retryNs = struck.get('rate-limit')
  return { ...found, retryAfterMs: retryNs === undefined ? undefined : Math.ceil(retryNs / 1e6) }
}
