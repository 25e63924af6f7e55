import type { CauseName } from '../../analyse/index.js'
import type {
  TuneEstimate,
  TuneGoal,
  TuneLoad,
  TuneManifest,
  TuneSetting,
  TuneStopReason,
  TuneVerdict,
} from '../../record/index.js'
import { ABSENT, interval, inUnit, num, percent, signedPercent } from '../format.js'
import { CAUSE_NAMES } from '../sections/answer.js'
import { knobName, type Looked, loadUnit, settingName, type TuneView } from './view.js'

export const causeName = (cause: string): string => CAUSE_NAMES[cause as CauseName] ?? cause

/** What is to be had more, or less, of. */
function goalName({ kind, metric }: TuneGoal): string {
  if (kind === 'p99') return `p99 of ${metric ?? 'the metric'}`
  return kind === 'cost' ? 'cost per output token' : kind
}

export function goalText(goal: TuneGoal): string {
  const at = goal.ratePerS === undefined ? '' : ` at ${num(goal.ratePerS)} requests/s`
  const price = goal.usdPerEngineHour === undefined ? '' : `, at ${num(goal.usdPerEngineHour)} USD an hour`
  return `${goal.more ? 'most' : 'least'} ${goalName(goal)}${at}, within the objectives${price}`
}

export function knobWords({ knobs }: TuneManifest, name: string): string {
  const knob = knobs.find((own) => own.name === name)
  return knob === undefined ? name : knobName(knob)
}

export const loadText = ({ kind, value }: TuneLoad): string =>
  `${num(value)} ${value === 1 ? loadUnit(kind).replace(/^requests(?= in)/, 'request') : loadUnit(kind)}`

/** `85 s`, `12.5 min`, `2.1 h`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return ABSENT
  if (seconds < 120) return `${num(seconds)} s`
  return seconds < 7200 ? `${num(seconds / 60)} min` : `${num(seconds / 3600)} h`
}

/** `11.4 requests/s (10.9–12 requests/s)`; without a unit where a caption names it. */
export function estimate(value: TuneEstimate | null | undefined, unit: string): string {
  if (!value) return ABSENT
  const { low, high } = value
  const range = low === null || high === null ? '' : ` (${interval(low, high, unit)})`
  return `${inUnit(value.value, unit)}${range}`
}

/** `+23 %` of best over default; the interval beside it: `+15 % to +31 %`. */
export const change = (ratio: number | null): string =>
  ratio === null ? ABSENT : signedPercent(Number((ratio - 1).toPrecision(3)))

export const changeRange = ({ low, high }: TuneEstimate): string =>
  low === null || high === null ? 'not bounded' : `${change(low)} to ${change(high)}`

/** How much of the goal the best setting brings: `23 % more goodput`, or `2.15 times the goodput`. */
function gainWords({ tune }: TuneView): string {
  const ratio = tune.result?.confirmation?.ratio
  if (!ratio) return ''
  if (ratio.value >= 2) return `: ${num(ratio.value)}\u00a0times the ${goalName(tune.goal)}`
  const share = percent(Number(Math.abs(ratio.value - 1).toPrecision(2)))
  return `: ${share.replace(' ', '\u00a0')} ${ratio.value >= 1 ? 'more' : 'less'} ${goalName(tune.goal)}`
}

/** `Set max-num-seqs to 64 and block-size to 16`. */
function setWords(tune: TuneManifest, setting: TuneSetting): string {
  const parts = tune.knobs.flatMap((knob) => {
    const value = setting.given[knob.name]
    return value === undefined ? [] : [`${knobName(knob)} to\u00a0${value}`]
  })
  if (parts.length === 0) return `Take ${settingName(tune, setting)}`
  return `Set ${[parts.slice(0, -1).join(', '), parts.at(-1)].filter((p) => p !== '').join(' and ')}`
}

const NO_ANSWER: Readonly<Partial<Record<TuneStopReason, string>>> = {
  interrupted: 'Interrupted before there was an answer.',
  budget: 'The budget ended before there was an answer.',
  'no-start': 'The engine did not start.',
  'target-lost': 'The engine was lost before there was an answer.',
}

/** The sentence that a reader takes along. */
export function verdictOf(view: TuneView): string {
  const { tune, best } = view
  const { result } = tune
  if (result === null) return `The search ${tune.endedAtUtc ? 'ended without an answer' : 'is not finished'}.`
  if (result.answer === 'change' && best) return `${setWords(tune, best)}${gainWords(view)}.`
  if (result.answer === 'not-told-apart' && tune.stopReason === 'budget' && !result.confirmation?.ratio)
    return 'Not decided: the budget was spent before the proof.'
  if (result.answer === 'not-told-apart') return 'Leave it as it is: nothing was shown to be better.'
  // Where we ourselves were the limit, the engine was not found to be at its best.
  if (result.limitedBy?.cause === 'client')
    return 'Nothing can be said of the engine: the load generator was the limit.'
  if (result.answer === 'no-answer') return NO_ANSWER[tune.stopReason ?? 'complete'] ?? 'There is no answer.'
  return tune.stopReason === 'nothing-helps'
    ? 'Leave it as it is: no setting that was varied can help.'
    : 'Leave it as it is: nothing that was tried is better.'
}

const STOPPED: Readonly<Record<TuneStopReason, string>> = {
  complete: 'The search went through to its end.',
  'nothing-helps': 'The search ended early: no knob can mend what limits the default.',
  budget: 'The search ended with its budget of engine time.',
  interrupted: 'The search was interrupted.',
  'no-start': 'The search ended because the engine did not start.',
  'target-lost': 'The search ended because the engine was lost.',
}

export const stopWords = ({ stopReason }: TuneManifest): string =>
  stopReason === undefined
    ? 'The search runs still, or was killed: run the same command again and it goes on where it ended.'
    : STOPPED[stopReason]

export const SIGNS: Readonly<Record<TuneVerdict, readonly [sign: string, tone: string, words: string]>> = {
  pass: ['✓', 'good', 'shown to pass'],
  fail: ['✗', 'bad', 'shown to fail'],
  undecided: ['?', 'warn', 'undecided'],
}

/** `undecided, leans to pass` where nothing is shown. */
export const verdictWords = ({ verdict, leans }: Looked): string =>
  `${SIGNS[verdict][2]}${verdict === 'undecided' ? `, leans to ${leans ? 'pass' : 'fail'}` : ''}`
