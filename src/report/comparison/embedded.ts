import type { ComparisonFindings, MetricComparison } from '../../analyse/index.js'

/** Bytes of JSON from which on the page embeds the gated figures alone. */
const MOST_BYTES = 300_000

/** The findings as embedded for other programs: figures to six digits, without the prompts and the curves of single runs. */
export function embedded(findings: ComparisonFindings): unknown {
  const full = rounded({
    ...findings,
    sides: findings.sides.map(slimSide),
    pairs: findings.pairs.map((p) => ({ ...p, prompts: [] })),
  })
  if (JSON.stringify(full).length <= MOST_BYTES) return full
  const pairs = findings.pairs.map((p) => ({
    ...p,
    metrics: p.metrics.filter(({ gated }) => gated).map(slimMetric),
    shifts: [],
    shares: [],
    prompts: [],
  }))
  return rounded({ ...findings, reduced: true, sides: findings.sides.map(slimSide), pairs })
}

/** What was found, without the words for it. */
const slimMetric = (m: MetricComparison): unknown => ({
  key: m.key,
  unit: m.unit,
  at: m.at,
  centreA: m.centreA,
  centreB: m.centreB,
  scale: m.scale,
  effect: m.effect,
  pHolm: m.pHolm,
  margin: m.margin,
  verdict: m.verdict,
})

/** Which runs, not all that they hold: their folders have it. */
const slimSide = (side: ComparisonFindings['sides'][number]): unknown => ({
  ...side,
  runs: side.runs.map(({ run, startedAtUtc, workloadHash, target, validity, overall }) => ({
    run,
    startedAtUtc,
    workloadHash,
    target,
    validity,
    overall,
  })),
})

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(6))
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, rounded(v)]))
}
