import type { FailureCode } from '../base/index.js'
import { NAMES, WIDE_NAMES } from './error-names.js'

type Rules = readonly (readonly [RegExp, FailureCode])[]

/** What the texts of errors say, where it holds whatever the status is. */
const TEXTS: Rules = [
  // Google, whose quotas are by the minute too.
  [/quota.*retry in \d/is, 'rate-limited'],
  [
    /exceeded your current quota|credit balance|insufficient (credit|balance|fund|quota)|budget has been exceeded|crossed budget|over budget/i,
    'quota',
  ],
  [
    /overloaded|server (is )?busy|queue is full|loading model|(is|model) (currently |still )?loading|no deployments available|(at|out of|no|insufficient) capacity/i,
    'overloaded',
  ],
  // llama.cpp, when the slots together need more than its memory holds: no single request is too long.
  [/^Context size has been exceeded/, 'overloaded'],
  [
    /upstream connect error|no healthy upstream|upstream request timeout|error reading from upstream|backend fetch failed/i,
    'gateway',
  ],
]

const TOO_LONG: Rules = [
  [
    /context[ _-]?(length|window|size|limit)|maximum context|max_model_len|too (long|many (input )?tokens)|longer than the (maximum )?model|exceeds? (the )?(max(imum)?|available|model'?s?) (input|context|sequence|prompt)|exceeds? (the )?max(imum)? .{0,20}length/i,
    'context-too-long',
  ],
  // TGI, where `inputs` and `max_new_tokens` together, or `inputs` alone, are more than it takes.
  [/`inputs` (tokens \+ `max_new_tokens` must be|must have less than)/, 'context-too-long'],
]

/** What texts say where a request is refused for what it is. */
const REFUSALS: Rules = [
  ...TOO_LONG,
  [/(invalid|incorrect) (x-)?api[ -]?key|api key not valid/i, 'authentication'],
  [/model\b.{0,100}(not found|does not exist)|(no such|unknown|invalid) model/i, 'not-found'],
  [/rate.?limit|too many requests/i, 'rate-limited'],
]

/**
 * The one taxonomy for every API.
 * @param status of the answer, or as an event tells it; undefined when neither does
 * @param names as the server calls the error, the most particular first
 */
export function classify(status: number | undefined, names: readonly string[], text: string): FailureCode {
  const plain = names.map((name) => name.toLowerCase().replace(/[^a-z\d]/g, ''))
  return (
    firstOf(plain, (name) => NAMES.get(name)) ??
    match(TEXTS, text) ??
    match(refusalsAt(status), text) ??
    (status === undefined
      ? (firstOf(plain, (name) => match(WIDE_NAMES, name)) ?? 'server-error')
      : codeOf(status))
  )
}

/** Engines refuse what is too long with 500 as well; there other words may mean anything. */
function refusalsAt(status: number | undefined): Rules {
  if (status === undefined || REFUSING.has(status)) return REFUSALS
  return status === 500 ? TOO_LONG : []
}

const firstOf = (
  names: readonly string[],
  read: (name: string) => FailureCode | undefined,
): FailureCode | undefined => names.map(read).find((code) => code !== undefined)

const match = (rules: Rules, text: string): FailureCode | undefined =>
  rules.find(([pattern]) => pattern.test(text))?.[1]

/** Statuses under which servers refuse a request for what it is, not always the fitting one. */
const REFUSING: ReadonlySet<number> = new Set([400, 403, 404, 413, 422])

/** What a status means with nothing else told; Cloudflare has some of its own, and so have others on the way. */
const STATUSES: Readonly<Record<number, FailureCode>> = {
  401: 'authentication',
  402: 'quota',
  403: 'authentication',
  404: 'not-found',
  407: 'authentication',
  408: 'gateway',
  410: 'not-found',
  413: 'context-too-long',
  424: 'server-error',
  // Early data that nobody sent: between us and the engine.
  425: 'gateway',
  429: 'rate-limited',
  460: 'gateway',
  // Groq: its flexible tier is full.
  498: 'overloaded',
  499: 'gateway',
  501: 'invalid-request',
  502: 'gateway',
  503: 'overloaded',
  504: 'gateway',
  509: 'rate-limited',
  511: 'gateway',
  529: 'overloaded',
  530: 'gateway',
  561: 'gateway',
  598: 'gateway',
  599: 'gateway',
}

function codeOf(status: number): FailureCode {
  const known = STATUSES[status]
  if (known !== undefined) return known
  if (status >= 520 && status < 528) return 'gateway'
  if (status >= 500) return 'server-error'
  // Redirects are not followed: what was asked for is elsewhere.
  return status < 400 ? 'not-found' : 'invalid-request'
}
