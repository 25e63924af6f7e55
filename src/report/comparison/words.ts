import {
  type Effect,
  type MetricComparison,
  type PairFindings,
  shortLabel,
  type Verdict,
} from '../../analyse/index.js'
import { ABSENT, inUnit, percent, signedPercent } from '../format.js'
import type { ComparisonView } from './view.js'

/** A verdict, or none: where something refuses the comparison, or one run a side tells nothing of how much runs differ. */
type Shown = Verdict | 'none'

/** Verdict by sign, tone and word: none of them is needed to tell it from the others. */
export const VERDICTS: Readonly<Record<Shown, readonly [sign: string, tone: Tone, word: string]>> = {
  better: ['✓', 'good', 'better'],
  worse: ['✗', 'bad', 'worse'],
  equivalent: ['=', 'calm', 'equivalent'],
  'not-shown': ['?', 'warn', 'not shown'],
  none: ['–', 'calm', 'no verdict'],
}

type Tone = 'good' | 'bad' | 'calm' | 'warn'

/** A figure in its unit. `endless`: it falls among requests that did not complete. */
export function value(of: number | 'endless' | null | undefined, unit: string): string {
  if (of === 'endless') return 'did not complete'
  return unit === 'share' ? percent(of) : inUnit(of, unit)
}

type Scale = MetricComparison['scale']

/** `+8.2 %` of a ratio, `+1.2 points` of a difference of shares. */
export function change(of: number | null | undefined, scale: Scale): string {
  if (of === null || of === undefined) return ABSENT
  if (scale === 'ratio')
    return of > MOST_RATIO ? `> +${percent(MOST_RATIO - 1)}` : signedPercent(three(of - 1))
  return `${signedPercent(three(of)).replace(/ %$/, '')} points`
}

/** Two runs a side bound an interval where no number helps. */
const MOST_RATIO = 11

const three = (share: number): number => Number(share.toPrecision(3))

/** `181 → 148 ms`: the unit once, where both have the same. */
export function fromTo({ centreA, centreB, unit }: MetricComparison): string {
  const [a, b] = [value(centreA, unit), value(centreB, unit)]
  const at = b.indexOf(' ')
  return `${at > 0 && a.endsWith(b.slice(at)) ? a.slice(0, a.length - b.length + at) : a} → ${b}`
}

/** `−22 % to −14 %`. */
export function changeRange(effect: Effect | null, scale: Scale): string {
  if (effect === null || effect.low === null || effect.high === null) return 'not bounded'
  const [low, high] = [change(effect.low, scale), change(effect.high, scale)]
  return `${scale === 'ratio' ? low : low.replace(/ points$/, '')} to ${high}`
}

/** `±5 %`, of shares `±1 point`. */
export const marginText = ({ margin, scale }: MetricComparison): string =>
  scale === 'ratio'
    ? `±${percent(margin)}`
    : `±${percent(margin).replace(/ %$/, '')} ${margin === 0.01 ? 'point' : 'points'}`

/** Below what a computer of probabilities is to be trusted for. */
const LEAST_P = 0.001

export const probability = (p: number | null | undefined): string =>
  p === null || p === undefined ? ABSENT : p < LEAST_P ? `< ${LEAST_P}` : String(Number(p.toPrecision(2)))

/** `95 %` of each interval. */
export const confidence = ({ findings: { design } }: ComparisonView): string => percent(1 - design.level)

/** As long as a chart has room for. */
const CHART_LABEL = 30

/** In words, or, where there is no room for these, in short ones. @param at of the point, as the chart shows it */
export function chartLabel({ key, label }: Pick<MetricComparison, 'key' | 'label'>, at = ''): string {
  const words = label.replace('Time to first token', 'TTFT')
  return `${words.length + at.length <= CHART_LABEL ? words : shortName(key)}${at}`
}

/** `TTFT p99`, `failures`: in a sentence or at the edge of a chart. */
export const shortName = (key: string): string => (key === 'errorRate' ? 'failures' : shortLabel(key))

/** ` at 8`, of a point `concurrency=8`; nothing of a single run. */
const atText = (at: string): string => (at === 'run' || at === 'sweep' ? '' : ` at ${at}`)

/** `concurrency=8` as short as a chart needs it: `at 8`. */
export const atShort = (at: string): string => atText(at.replace(/[\w.]+=/g, ''))

/** `A`, `A and B`, `A, B and C`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** `−18 % (−22 % to −14 %)`. */
export const effectText = ({ effect, scale }: MetricComparison): string =>
  effect === null ? 'no effect can be told' : `${change(effect.value, scale)} (${changeRange(effect, scale)})`

/** What the page gives as verdict. */
export const shownVerdict = (
  { verdict }: MetricComparison,
  { findings, isIndicative }: ComparisonView,
): Shown => (findings.comparable && !isIndicative ? verdict : 'none')

/** The sentence that a reader takes along. */
export function headline(view: ComparisonView): string {
  const { others } = view
  if (others.length === 0) return 'There is nothing to compare.'
  const [only] = others
  if (others.length === 1 && only !== undefined) return pairHeadline(only.pair, view)
  return manyHeadline(view)
}

function pairHeadline(pair: PairFindings, { isIndicative, findings }: ComparisonView): string {
  const { a, b, answer } = pair
  const of = (verdict: Verdict): string =>
    listed(
      pair.metrics
        .filter((m) => m.gated && m.verdict === verdict)
        .map((m) => `${shortName(m.key)}${atShort(m.at)}`),
    )
  if (isIndicative && answer !== 'not-comparable')
    return `${b} against ${a}: one ${findings.design.unit} each, so no verdict.`
  switch (answer) {
    case 'better':
      return `${b} is better than ${a}.`
    case 'worse':
      return `${b} is worse than ${a}.`
    case 'mixed':
      return `${b} is better than ${a} in ${of('better')}, and worse in ${of('worse')}.`
    case 'equivalent':
      return `${a} and ${b} are equivalent.`
    case 'not-shown':
      return `No difference between ${a} and ${b} is shown.`
    case 'not-comparable':
      return `${a} and ${b} cannot be compared.`
  }
}

const ANSWERS: readonly (readonly [PairFindings['answer'], string])[] = [
  ['better', 'better'],
  ['worse', 'worse'],
  ['mixed', 'better in one figure and worse in another'],
  ['equivalent', 'equivalent'],
  ['not-shown', 'not shown to differ'],
  ['not-comparable', 'not comparable'],
]

/** Names while there are few. */
const NAMED = 3

function manyHeadline({ base, others, isIndicative, findings }: ComparisonView): string {
  if (others.every(({ pair }) => pair.answer === 'not-comparable')) return 'These results cannot be compared.'
  if (isIndicative) return `${others.length + 1} results, one ${findings.design.unit} each, so no verdict.`
  const parts = ANSWERS.flatMap(([answer, words]) => {
    const names = others.filter(({ pair }) => pair.answer === answer).map(({ pair }) => pair.b)
    if (names.length === 0) return []
    const who = names.length <= NAMED ? listed(names) : `${names.length} of ${others.length}`
    return [`${who} ${names.length === 1 ? 'is' : 'are'} ${words}`]
  })
  return `Against ${base.name}, ${listed(parts)}.`
}
