import type { FailureCode, RequestFailure } from '../base/index.js'
import type { StreamSpeed } from './speed.js'
import { answers, type Heard, type Verdict, verdictOf } from './tries.js'

/** What a reader can do about answers that are missing: a sentence for each reason. */
export function adviceOf(heard: readonly Heard[], speeds: readonly StreamSpeed[]): string[] {
  const verdicts = heard.map(verdictOf)
  const refusals = codesOf(heard.filter((_, i) => verdicts[i] === 'refused').map(({ failure }) => failure))
  const all = new Set([...refusals, ...codesOf(speeds.map(({ trouble }) => trouble))])
  const nothingAnswers = !verdicts.some(answers)
  return [
    ...(nothingAnswers && refusals.has('authentication') ? [KEY] : []),
    ...(nothingAnswers && refusals.has('not-found') ? [MODEL] : []),
    ...(nothingAnswers && verdicts.every(isAbsent) ? [ROUTE] : []),
    ...(all.has('rate-limited') ? [LIMIT] : []),
  ]
}

const isAbsent = (verdict: Verdict): boolean => verdict === 'absent'

const codesOf = (failures: readonly (RequestFailure | undefined)[]): ReadonlySet<FailureCode> =>
  new Set(failures.flatMap((failure) => (failure === undefined ? [] : [failure.code])))

const KEY =
  'It wants a key: name the environment variable that holds it with --key-env NAME, or give a --header.'
const MODEL = 'It wants the name of a model that it has: give --model.'
const ROUTE =
  'No known API is at this address: give the path before /v1 too, or the address of its one route.'
const LIMIT =
  'A rate limit was met, and what reads "refused" or "not told" may be there all the same: probe again in a minute. `falloff limits` finds the limit.'
