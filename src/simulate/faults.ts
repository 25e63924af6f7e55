import {
  createRandom,
  nearest,
  type Problem,
  parseDurationNs,
  type Random,
  UsageError,
} from '../base/index.js'

/** What each fault does, what its parameter means, and the parameter's value when none is given (ms, s or a count). */
const FAULTS = {
  'rate-limit': { does: '429 with Retry-After', parameter: 'duration', ifNone: 1e9 },
  'server-error': { does: '500 before the stream', parameter: 'none', ifNone: 0 },
  unavailable: { does: '503 before the stream', parameter: 'none', ifNone: 0 },
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
  'error-frame': { does: 'an error event in the stream, then [DONE]', parameter: 'none', ifNone: 0 },
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

/** The faults that strike one request. Places in the stream are shares of its output, 0 to 1. */
export interface FaultPlan {
  readonly reject: { readonly status: 429 | 500 | 503; readonly retryAfterS: number | undefined } | undefined
  readonly reset: boolean
  readonly slowNs: number
  readonly cutAt: number | undefined
  readonly stall: { readonly at: number; readonly forNs: number } | undefined
  readonly malformedAt: number | undefined
  readonly errorFrameAt: number | undefined
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
    return {
      reject: rejection(struck),
      reset: struck.has('reset'),
      slowNs: struck.get('slow-first-byte') ?? 0,
      cutAt: place('cut'),
      stall: stallNs === undefined ? undefined : { at: random.uniform(), forNs: stallNs },
      malformedAt: place('malformed'),
      errorFrameAt: place('error-frame'),
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

function rejection(struck: ReadonlyMap<FaultName, number>): FaultPlan['reject'] {
  const retryNs = struck.get('rate-limit')
  if (retryNs !== undefined) return { status: 429, retryAfterS: Math.ceil(retryNs / 1e9) }
  if (struck.has('server-error')) return { status: 500, retryAfterS: undefined }
  if (struck.has('unavailable')) return { status: 503, retryAfterS: undefined }
  return undefined
}
