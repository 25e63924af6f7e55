import type { RunFigures } from '../record/index.js'
import { declarationOf } from './figure.js'
import type { Gate, GateFinding, Outcome } from './gate.js'

/**
 * From the least to the most serious. What is invalid says nothing, whatever else was found; a missed limit is a fact, a
 * regression is relative to a baseline, and what is inconclusive may be nothing at all.
 */
const BY_WEIGHT: readonly Outcome[] = ['pass', 'inconclusive', 'regression', 'fail', 'invalid']

export const weightOf = (outcome: Outcome): number => BY_WEIGHT.indexOf(outcome)

/** The most serious finding; among equals the one with the worst value. */
export function worst(
  findings: readonly [GateFinding, ...GateFinding[]] | readonly GateFinding[],
  comparison: Gate['comparison'],
): GateFinding {
  const bad = (finding: GateFinding): number => {
    const value = finding.value === 'endless' ? Number.POSITIVE_INFINITY : (finding.value ?? 0)
    return comparison.startsWith('<') ? value : -value
  }
  const [first, ...rest] = findings.toSorted(
    (a, b) => weightOf(b.outcome) - weightOf(a.outcome) || bad(b) - bad(a),
  )
  if (first === undefined) throw new RangeError('a gate that was asked about no point')
  if (rest.length === 0 || first.at === null) return first
  return { ...first, text: `${first.text} The worst of ${findings.length} points.` }
}

/** Nothing was measured that the gate could be held against: it must not pass in silence. */
export function missing(gate: Gate, runs: readonly RunFigures[]): GateFinding {
  return {
    gate: gate.text,
    kind: gate.kind,
    source: gate.source,
    key: gate.key,
    at: gate.at,
    outcome: 'invalid',
    limit: gate.limit,
    value: null,
    low: null,
    high: null,
    interval: 'none',
    runs: 0,
    text: why(gate, runs),
  }
}

function why({ key, at }: Gate, runs: readonly RunFigures[]): string {
  const label = declarationOf(key)?.label ?? key
  const points = [...new Set(runs.flatMap((run) => run.points.map((point) => point.label)))]
  if (at !== null && !points.includes(at))
    return `There is no point ${at}; there ${points.length === 1 ? 'is' : 'are'} ${points.join(', ')}.`
  return `${label} was not measured${at === null ? '' : ` at ${at}`}.`
}
