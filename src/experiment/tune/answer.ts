import type { findLimit } from '../../analyse/index.js'
import { formatNumber } from '../../base/index.js'
import type {
  TuneConfirmation,
  TuneDiagnosis,
  TuneResult,
  TuneSetting,
  TuneStopReason,
  TuneTrial,
} from '../../record/index.js'
import { excludesOne, isWin } from './confirm.js'
import { loadText } from './load-state.js'
import { pasteOf } from './paste.js'
import { loadOf } from './score.js'
import type { SearchOptions } from './search.js'

type Limit = ReturnType<typeof findLimit>

/** What the search says in the end. */
export function answerOf(
  options: SearchOptions,
  bestId: string | null,
  reason: TuneStopReason,
  confirmation: TuneConfirmation | null,
  limit: Limit,
): TuneResult {
  const { journal } = options.lab
  const own = journal.settings()[0]
  const best = bestId === null ? undefined : journal.setting(bestId)
  const answer = kindOf(options, own, best, reason, confirmation)
  const chosen = { 'leave-it': own, 'no-answer': undefined, change: best, 'not-told-apart': best }[answer]
  const load = chosen === undefined ? null : (options.fixed ?? loadOf(chosen.held))
  return {
    answer,
    text: textOf(options, answer, own, best, reason, confirmation),
    best: chosen?.id ?? null,
    holds: load === null ? null : { load, failsAt: chosen?.held?.fail ?? null },
    limitedBy: limit && { cause: limit.cause.name, sentence: limit.cause.sentence },
    confirmation,
    notToldApart: notToldApart(options, chosen),
    paste: answer === 'change' && best ? pasteOf(best.given, journal.knobs, journal.manifest().engine) : null,
  }
}

function kindOf(
  { goal, lab }: SearchOptions,
  own: TuneSetting | undefined,
  best: TuneSetting | undefined,
  reason: TuneStopReason,
  confirmation: TuneConfirmation | null,
): TuneResult['answer'] {
  if (reason === 'nothing-helps') return isOurs(lab.journal.diagnosis) ? 'no-answer' : 'leave-it'
  if (best === undefined || reason === 'interrupted') return 'no-answer'
  if (best.id === own?.id) return reason === 'complete' ? 'leave-it' : 'no-answer'
  const ratio = confirmation?.ratio ?? null
  if (ratio === null) return own?.starts.some((s) => s.kind === 'failed') ? 'change' : 'not-told-apart'
  if (isWin(ratio, goal.more)) return 'change'
  return excludesOne(ratio) ? 'leave-it' : 'not-told-apart'
}

function textOf(
  options: SearchOptions,
  answer: TuneResult['answer'],
  own: TuneSetting | undefined,
  best: TuneSetting | undefined,
  reason: TuneStopReason,
  confirmation: TuneConfirmation | null,
): string {
  const { diagnosis } = options.lab.journal
  const load = loadOf(own?.held ?? null)
  const held = load === null ? '' : ` It holds ${loadText(load)}.`
  if (reason === 'nothing-helps' && isOurs(diagnosis))
    return 'Nothing can be said of the engine: the load generator was the limit. Give it cores of its own.'
  if (reason === 'nothing-helps')
    return `Leave it as it is: what limits the engine is ${diagnosis?.cause ?? 'unknown'}, and none of the settings varied does anything about it.${held}`
  if (answer === 'leave-it') return `Leave it as it is: no setting tried was better than the default.${held}`
  if (answer === 'no-answer') return NO_ANSWER[reason] ?? 'No setting tried holds the objectives at any load.'
  const gain = gainText(options, confirmation)
  const name = best?.label ?? ''
  if (answer === 'change') return `Set ${name}${gain === '' ? '' : `: ${gain}`}.`
  if (reason === 'budget' && gain === '')
    return `${name} came out ahead, and the budget was spent before it was set against the default in pairs; the same command with a larger one goes on where it ended.`
  const more = confirmation?.morePairs
  const cost =
    more === null || more === undefined
      ? 'How many pairs it would take cannot be said from these.'
      : `About ${more} more pairs would, in some ${Math.ceil((confirmation?.morePairsS ?? 0) / 60)} minutes.`
  return `${name} came out ahead, but could not be told apart from the default${gain === '' ? '' : `: ${gain}`}. ${cost}`
}

/** What falloff itself could not drive is no fault of the engine. */
const isOurs = (diagnosis: TuneDiagnosis | null): boolean => diagnosis?.cause === 'client'

const NO_ANSWER: Partial<Record<TuneStopReason, string>> = {
  interrupted: 'Interrupted before there was an answer; the same command goes on where it ended.',
  budget:
    'The budget was spent before there was an answer; the same command with a larger one goes on where it ended.',
  'no-start': 'The engine started with none of the settings tried.',
}

const NAMES = {
  goodput: 'goodput',
  throughput: 'throughput',
  p99: 'p99',
  cost: 'cost per token',
} as const

/** `1.42 times the default's goodput (95 %: 1.31 to 1.55)`. */
function gainText({ goal }: Pick<SearchOptions, 'goal'>, confirmation: TuneConfirmation | null): string {
  const ratio = confirmation?.ratio
  if (!ratio) return ''
  const f = (v: number | null): string => (v === null ? '?' : v.toPrecision(3))
  return `${f(ratio.value)} times the default’s ${NAMES[goal.kind]} (95 %: ${f(ratio.low)} to ${f(ratio.high)})`
}

/** Settings that did not win without having been shown to be worse than the one that did. */
function notToldApart(
  { lab, fixed, kind }: SearchOptions,
  chosen: TuneSetting | undefined,
): TuneResult['notToldApart'] {
  const { journal, sizes } = lab
  // At a rate that was asked for nothing else is tried: there `beaten` is by intervals of the p99.
  const holds = fixed === undefined ? (chosen?.held?.holds ?? null) : null
  return journal.settings().flatMap(({ id, out, starts, held }) => {
    if (id === chosen?.id || out === null) return []
    const untried = out.reason === 'beaten' && holds !== null && (held?.fail ?? 0) > holds
    if (out.reason !== 'worse' && !untried) return []
    const mine = journal.trials().filter((t) => t.setting === id)
    const asked = untried
      ? `${out.text}; at ${loadText({ kind, value: holds })}, which ${chosen?.label} holds, it was not tried`
      : out.text
    return [{ setting: id, text: `${asked}; ${longestLook(mine, sizes.looks, starts.at(-1)?.seconds ?? 0)}` }]
  })
}

/** What one longest look would cost. */
function longestLook(trials: readonly TuneTrial[], looks: number, startS: number): string {
  const last = trials.at(-1)
  if (last === undefined) return 'not measured'
  const seconds =
    startS + (last.seconds / last.planned) * (trials[0]?.planned ?? last.planned) * 2.5 ** (looks - 1)
  return `the longest look would take some ${formatNumber(Math.ceil(seconds / 60))} minutes more`
}
