import type { Problem } from '../base/index.js'

/** How the tokens of a stream are spread over time, events and packets. */
export interface EmitterShape {
  /** From the request's arrival to the first output event. */
  readonly ttftMs: number
  /** From one output event to the next; 0 sends as fast as the client takes it. */
  readonly gapMs: number
  /** `exponential`: gaps are drawn with `gapMs` as their mean. */
  readonly jitter: 'none' | 'exponential'
  /** Of the jitter. The request's id joins in: same seed and id, same gaps. */
  readonly seed: number
  /** Writes fall on one common grid of `gapMs`, as those of an engine that steps all its sequences together. */
  readonly lockstep: boolean
  readonly tokensPerChunk: number
  /** Events handed to one send, when the first of them is due. */
  readonly eventsPerPacket: number
  /** Sends over which an event's bytes are spread, 300 µs apart; the last one, which completes it, is the one on time. */
  readonly packetsPerEvent: number
  /** The event that only names the role: on its own at arrival, in one send with the first output event, or left out. */
  readonly roleChunk: 'alone' | 'with-first' | 'none'
  /** So many output events at the start are reasoning. */
  readonly reasoning: number
  /** Each event carries the token counts so far, not only the last one. */
  readonly usageOnEveryChunk: boolean
}

export const DEFAULT_SHAPE: EmitterShape = {
  ttftMs: 200,
  gapMs: 20,
  jitter: 'none',
  seed: 1,
  lockstep: false,
  tokensPerChunk: 1,
  eventsPerPacket: 1,
  packetsPerEvent: 1,
  roleChunk: 'with-first',
  reasoning: 0,
  usageOnEveryChunk: false,
}

interface Rule {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
}

const within = (from: number, to: number): Rule => ({
  expected: `a number from ${from} to ${to}`,
  fits: (value) => typeof value === 'number' && value >= from && value <= to,
})
const whole = (from: number, to: number): Rule => ({
  expected: `a whole number from ${from} to ${to}`,
  fits: (value) => Number.isInteger(value) && within(from, to).fits(value),
})
const oneOf = (...words: string[]): Rule => ({
  expected: words.map((word) => `"${word}"`).join(' or '),
  fits: (value) => words.includes(value as string),
})
const YES_OR_NO: Rule = { expected: 'true or false', fits: (value) => typeof value === 'boolean' }

const HOUR_MS = 3_600_000
const RULES: Readonly<Record<keyof EmitterShape, Rule>> = {
  ttftMs: within(0, HOUR_MS),
  gapMs: within(0, HOUR_MS),
  jitter: oneOf('none', 'exponential'),
  seed: whole(0, 0xffffffff),
  lockstep: YES_OR_NO,
  tokensPerChunk: whole(1, 1000),
  eventsPerPacket: whole(1, 1000),
  packetsPerEvent: whole(1, 64),
  roleChunk: oneOf('alone', 'with-first', 'none'),
  reasoning: whole(0, 1_000_000),
  usageOnEveryChunk: YES_OR_NO,
}

export type ResolvedShape =
  | { readonly shape: EmitterShape; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly shape?: never }

/** What `asked` says, and `defaults` for the rest; or everything that is wrong with it. */
export function resolveShape(defaults: EmitterShape, asked: unknown, place: string): ResolvedShape {
  if (asked === undefined || asked === null) return { shape: defaults }
  if (typeof asked !== 'object' || Array.isArray(asked)) {
    return { problems: [{ place, message: 'expected an object' }] }
  }
  const problems = Object.entries(asked).flatMap(([name, value]) => problemOf(place, name, value))
  const shape: EmitterShape = { ...defaults, ...asked }
  if (problems.length === 0) problems.push(...contradictions(shape, place))
  return problems.length > 0 ? { problems } : { shape }
}

function problemOf(place: string, name: string, value: unknown): Problem[] {
  const at = `${place}.${name}`
  if (!Object.hasOwn(RULES, name)) {
    return [{ place: at, message: `unknown; expected one of ${Object.keys(RULES).join(', ')}` }]
  }
  const { expected, fits } = RULES[name as keyof EmitterShape]
  return fits(value) ? [] : [{ place: at, message: `expected ${expected}, got ${JSON.stringify(value)}` }]
}

function contradictions(shape: EmitterShape, place: string): Problem[] {
  const problems: Problem[] = []
  if (shape.eventsPerPacket > 1 && shape.packetsPerEvent > 1) {
    const message = `expected 1 where eventsPerPacket is above 1 (it is ${shape.eventsPerPacket}), got ${shape.packetsPerEvent}`
    problems.push({ place: `${place}.packetsPerEvent`, message })
  }
  if (shape.lockstep && shape.gapMs === 0) {
    problems.push({
      place: `${place}.gapMs`,
      message: 'expected a number above 0 where lockstep is true, got 0',
    })
  }
  return problems
}
