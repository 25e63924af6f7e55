import {
  type ComparisonFindings,
  type FigureDeclaration,
  figureOf,
  type MetricComparison,
} from '../analyse/index.js'
import type { GateFinding, Mode, Outcome, RegressionGate } from './gate.js'
import { missing, worst } from './places.js'
import { changeText, valueText } from './words.js'

/**
 * How much worse, as a share of the base; below zero where it is better. The bounds are those of the interval, turned so that
 * `high` is the worst that it may be.
 */
interface Worsening {
  readonly value: number | 'endless' | null
  readonly low: number | null
  readonly high: number | null
}

/**
 * Holds the change of a figure against what is allowed.
 *
 * Strict: the upper bound of the change must stay within. A regression is claimed only where the comparison calls the figure worse
 * by more than the gate's limit: two runs of equals differ too. Lenient: the estimate decides alone.
 */
export function judgeRegression(
  gate: RegressionGate,
  comparison: ComparisonFindings,
  mode: Mode,
): GateFinding {
  const figure = figureOf(gate.key)
  const [base, now] = comparison.sides
  const metrics =
    comparison.pairs[0]?.metrics.filter(
      ({ key, at }) => key === gate.key && (gate.at === null || at === gate.at),
    ) ?? []
  if (figure === undefined || base === undefined || now === undefined) return missing(gate, [])
  if (!comparison.comparable) {
    const reasons = comparison.checks.filter(({ severity, allowed }) => severity === 'refuse' && !allowed)
    return {
      ...missing(gate, now.runs),
      text: `Not comparable: ${reasons.map(({ text }) => text).join(' ')}`,
    }
  }
  if (metrics.length === 0) return missing(gate, now.runs)
  return worst(
    metrics.map((metric) => findingOf(gate, figure, metric, mode)),
    gate.comparison,
  )
}

function worsening({ effect, a, b, better }: MetricComparison, { scale }: FigureDeclaration): Worsening {
  if (effect === null) {
    const lost = b.includes('endless') && !a.includes('endless')
    return { value: lost ? 'endless' : null, low: null, high: null }
  }
  const change = (value: number): number => (scale === 'ratio' ? value - 1 : value)
  const maybe = (value: number | null): number | null => (value === null ? null : change(value))
  if (better === 'lower')
    return { value: change(effect.value), low: maybe(effect.low), high: maybe(effect.high) }
  const turned = (value: number | null): number | null => (value === null ? null : 0 - value)
  return {
    value: 0 - change(effect.value),
    low: turned(maybe(effect.high)),
    high: turned(maybe(effect.low)),
  }
}

function outcomeOf(gate: RegressionGate, change: Worsening, metric: MetricComparison, mode: Mode): Outcome {
  const within = (value: number): boolean =>
    gate.comparison === '<' ? value < gate.limit : value <= gate.limit
  const { value, high } = change
  if (value === 'endless') return 'regression'
  if (value === null) return metric.centreA === null && metric.centreB === null ? 'invalid' : 'inconclusive'
  if (mode === 'lenient') return within(value) ? 'pass' : 'regression'
  if (high !== null && within(high)) return 'pass'
  return metric.verdict === 'worse' && !within(value) ? 'regression' : 'inconclusive'
}

function findingOf(
  gate: RegressionGate,
  figure: FigureDeclaration,
  metric: MetricComparison,
  mode: Mode,
): GateFinding {
  const change = worsening(metric, figure)
  const outcome = outcomeOf(gate, change, metric, mode)
  return {
    gate: gate.text,
    kind: 'regression',
    source: gate.source,
    key: gate.key,
    at: metric.at,
    outcome,
    limit: gate.limit,
    ...change,
    interval: change.high === null ? 'none' : 'change',
    runs: metric.b.length,
    text: textOf(gate, figure, metric, change, outcome),
  }
}

function textOf(
  gate: RegressionGate,
  figure: FigureDeclaration,
  metric: MetricComparison,
  change: Worsening,
  outcome: Outcome,
): string {
  const at = metric.at === 'run' || metric.at === 'sweep' ? '' : ` at ${metric.at}`
  const from = valueText(figure, metric.centreA ?? (metric.a.includes('endless') ? 'endless' : null))
  const to = valueText(figure, metric.centreB ?? (metric.b.includes('endless') ? 'endless' : null))
  const said = `${figure.label}${at} went from ${from} to ${to}${changed(figure, change)}`
  const allowed = `the ${changeText(figure, gate.limit)} allowed`
  return `${said}: ${JUDGED[outcome]} ${allowed}${outcome === 'inconclusive' ? needed(metric) : ''}.`
}

const JUDGED: Readonly<Record<Outcome, string>> = {
  pass: 'within',
  regression: 'beyond',
  fail: 'beyond',
  inconclusive: 'not shown to be within or beyond',
  invalid: 'it cannot be held against',
}

function changed(figure: FigureDeclaration, { value, low, high }: Worsening): string {
  if (value === null || value === 'endless') return ''
  const side = (change: number): string => `${changeText(figure, change)} ${change > 0 ? 'worse' : 'better'}`
  const interval = low === null || high === null ? '' : ` (95 %: ${side(low)} to ${side(high)})`
  return `, ${side(value)}${interval}`
}

const needed = ({ runsNeeded, a, b }: MetricComparison): string => {
  if (Math.min(a.length, b.length) < 2)
    return '; one run on a side shows no scatter: measure each side three times or more'
  return runsNeeded === null ? '' : `; about ${runsNeeded} runs a side would show it`
}
