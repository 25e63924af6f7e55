import type { ComparisonCheck, MetricComparison, PairAnswer, Verdict } from './findings.js'
import { changeWords, listed, plural } from './words.js'

const having = (metrics: readonly MetricComparison[], verdict: Verdict): readonly MetricComparison[] =>
  metrics.filter((m) => m.verdict === verdict)

/** The question in a word: of the gated figures. */
export function answerOf(metrics: readonly MetricComparison[], comparable: boolean): PairAnswer {
  if (!comparable) return 'not-comparable'
  const gated = metrics.filter((m) => m.gated)
  const [better, worse] = [having(gated, 'better').length, having(gated, 'worse').length]
  if (better > 0 && worse > 0) return 'mixed'
  if (better > 0) return 'better'
  if (worse > 0) return 'worse'
  return gated.length > 0 && gated.every((m) => m.verdict === 'equivalent') ? 'equivalent' : 'not-shown'
}

/** The same in a sentence or two, with figures. */
export function answerText(
  answer: PairAnswer,
  names: { readonly a: string; readonly b: string },
  metrics: readonly MetricComparison[],
  checks: readonly ComparisonCheck[],
): string {
  const { a, b } = names
  const gated = metrics.filter((m) => m.gated)
  if (answer === 'not-comparable')
    return `${b} and ${a} cannot be compared. ${checks
      .filter((c) => c.severity === 'refuse')
      .map((c) => c.text)
      .join(' ')}`
  if (gated.length === 0)
    return `No figure was named that ${b} and ${a} should be judged by: what differs is exploratory.`
  const told = (verdict: Verdict): string => listed(having(gated, verdict).map(figureWords))
  const rest = restWords(gated)
  switch (answer) {
    case 'mixed':
      return `${b} is better than ${a} in one respect and worse in another. Better: ${told('better')}. Worse: ${told('worse')}.${rest}`
    case 'better':
      return `${b} is better than ${a}: ${told('better')}.${rest}`
    case 'worse':
      return `${b} is worse than ${a}: ${told('worse')}.${rest}`
    case 'equivalent':
      return `${b} and ${a} are equivalent: ${plural(gated.length, 'figure')} judged, ${gated.length === 1 ? 'and it is' : 'all'} within the margin.`
    case 'not-shown':
      return gated.some((m) => m.a.length > 1 || m.b.length > 1)
        ? `Whether ${b} is better or worse than ${a} is not shown.${rest}`
        : indication(b, a, gated)
  }
}

/** Of one run a side: by how much they differ, and that this is all that can be said. */
function indication(b: string, a: string, metrics: readonly MetricComparison[]): string {
  const parts = metrics
    .slice(0, MOST_NAMED)
    .flatMap((m) => (m.effect === null ? [] : `${labels([m])} ${changeWords(m.effect.value, m.scale)}`))
  const only = `Of ${b} against ${a} there is an indication only, for how much runs differ cannot be seen from one`
  return parts.length === 0 ? `${only}.` : `${only}: ${listed(parts)}.`
}

/** `Time to first token p50 12 % higher (95 % interval: …) at concurrency=8` */
function figureWords({ label, at, text }: MetricComparison): string {
  const [said = ''] = text.split(/, beyond the margin|\.$/)
  return `${label} ${said}${at === 'run' || at === 'sweep' ? '' : ` at ${at}`}`
}

function restWords(gated: readonly MetricComparison[]): string {
  const equivalent = having(gated, 'equivalent')
  const open = having(gated, 'not-shown').filter((m) => !isSpotless(m))
  const spotless = having(gated, 'not-shown').some(isSpotless)
  const runs = Math.max(0, ...open.map((m) => m.runsNeeded ?? 0))
  const settle =
    runs > 0
      ? `; about ${plural(runs, 'run')} a side would settle ${open.length === 1 ? 'it' : 'what can be'}`
      : ''
  return [
    ...(equivalent.length > 0 ? [` Equivalent: ${labels(equivalent)}.`] : []),
    ...(open.length > 0 ? [` Not shown: ${labels(open)}${settle}.`] : []),
    ...(spotless ? [' No request failed, of too few to rule out that some will.'] : []),
  ].join('')
}

/** Nothing failed anywhere: to show that a share stays within a point takes many requests, and nobody waits for it. */
const isSpotless = ({ key, a, b }: MetricComparison): boolean =>
  key === 'errorRate' && [...a, ...b].every((share) => share === 0)

const MOST_NAMED = 4

function labels(metrics: readonly MetricComparison[]): string {
  const named = metrics
    .slice(0, MOST_NAMED)
    .map(({ label, at }) => (at === 'run' || at === 'sweep' ? label : `${label} at ${at}`))
  const others = metrics.length - named.length
  return listed(others > 0 ? [...named, `${others} more`] : named)
}
