import type { ComparisonFindings, MetricComparison, PairFindings, SideFindings } from '../../analyse/index.js'
import type { PointFigures } from '../../record/index.js'
import type { ReportResult } from '../input.js'

/** A comparison as its page reads it. */
export interface ComparisonView {
  readonly findings: ComparisonFindings
  readonly sides: readonly Side[]
  readonly base: Side
  /** Every other side with what it came to against the base. */
  readonly others: readonly Other[]
  /** Small multiples instead of lines over each other: more sides than the palette tells apart. */
  readonly crowded: boolean
  /** Label of the point whose curves are drawn. */
  readonly focus: string
  /** What the verdict table shows: the gated figures, or, without any, those that matter most. */
  readonly key: readonly FigureAt[]
  /** Whether `key` are gated figures. */
  readonly isGated: boolean
  /** One measured run a side: an indication, no verdict. */
  readonly isIndicative: boolean
  /** Of which no verdict is given: of pairs that cannot be compared, and where there is but one run a side. */
  readonly silent: ReadonlySet<MetricComparison>
  readonly results: readonly ReportResult[]
}

export interface Side extends SideFindings {
  /** Position in the palette. */
  readonly slot: number
  /** For narrow charts: its name without what all names begin with. */
  readonly short: string
}

export interface Other {
  readonly side: Side
  readonly pair: PairFindings
}

/** A figure at a point. */
export interface FigureAt {
  readonly key: string
  readonly at: string
  readonly label: string
  readonly unit: string
}

/** Looks of the palette. */
const LOOKS = 6

export function viewOf(findings: ComparisonFindings, results: readonly ReportResult[] = []): ComparisonView {
  const shared = sharedStart(findings.sides.map(({ name }) => name))
  const sides = findings.sides.map((side, slot) => ({ ...side, slot, short: shortOf(side.name, shared) }))
  const base = sides[0] ?? NOBODY
  const others = findings.pairs.flatMap((pair): Other[] => {
    const side = sides.find(({ name }) => name === pair.b)
    return side === undefined ? [] : [{ side, pair }]
  })
  const focus = focusOf(findings)
  const isIndicative = findings.design.runs.every((count) => count <= 1)
  const gated = figuresIn(findings, ({ gated: is }) => is)
  const isGated = gated.length > 0
  return {
    findings,
    sides,
    base,
    others,
    crowded: sides.length > LOOKS,
    focus,
    isGated,
    key: isGated ? gated : figuresIn(findings, (m) => KEY.includes(m.key) && [focus, 'sweep'].includes(m.at)),
    isIndicative,
    silent: new Set(
      findings.pairs
        .filter(({ answer }) => isIndicative || answer === 'not-comparable')
        .flatMap(({ metrics }) => metrics),
    ),
    results,
  }
}

const NOBODY: Side = {
  name: '',
  short: '',
  slot: 0,
  runs: [],
  charsPerToken: null,
  connect: null,
  cost: null,
  limit: null,
}

/** A name that a narrow chart has room for. */
const SHORT = 11

const shortOf = (name: string, shared: string): string =>
  name.length <= SHORT || shared.length < 3 ? name : `…${name.slice(shared.length)}`

/** What all names begin with, up to the end of a word, so that a number is not cut in two. */
function sharedStart(names: readonly string[]): string {
  const [first = ''] = names
  let length = first.length
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--
  return /^.*[^\p{L}\p{N}]/u.exec(first.slice(0, length))?.[0] ?? ''
}

/** Shown where no figure was gated. */
const KEY: readonly string[] = [
  'ttft.p50',
  'ttft.p99',
  'e2e.p99',
  'perStreamTokensPerS.p50',
  'outputTokensPerS',
  'goodputPerS',
  'errorRate',
  'kneeAt',
]

/** In the order of the first pair that has them, each once. */
function figuresIn(
  { pairs }: ComparisonFindings,
  isMeant: (metric: MetricComparison) => boolean,
): readonly FigureAt[] {
  const byPlace = new Map<string, FigureAt>()
  for (const { metrics } of pairs)
    for (const m of metrics)
      if (isMeant(m) && !byPlace.has(placeOf(m)))
        byPlace.set(placeOf(m), { key: m.key, at: m.at, label: m.label, unit: m.unit })
  return [...byPlace.values()]
}

/** Rows that the first screen has room for. */
const MOST_ROWS = 8

/** What the first screen shows of `key`: all, or, of many loads, those at the one that is looked at. */
export function firstOf({ key, focus }: ComparisonView): readonly FigureAt[] {
  if (key.length <= MOST_ROWS) return key
  const near = key.filter(({ at }) => at === focus || at === 'sweep')
  return near.length > 0 ? near : key.slice(0, MOST_ROWS)
}

const placeOf = ({ key, at }: { readonly key: string; readonly at: string }): string => `${key} ${at}`

export const metricAt = (pair: PairFindings, figure: FigureAt): MetricComparison | undefined =>
  pair.metrics.find((m) => m.key === figure.key && m.at === figure.at)

/** Points that every run of every side has, in the order of the first run. */
export function commonPoints({
  sides,
}: {
  readonly sides: readonly SideFindings[]
}): readonly PointFigures[] {
  const runs = sides.flatMap((side) => side.runs)
  return (runs[0]?.points ?? []).filter(({ label }) =>
    runs.every((run) => run.points.some((p) => p.label === label)),
  )
}

/** Of the points with gated figures (else of all) that nearest to the base's knee, on logarithms; without a knee the last. */
function focusOf(findings: ComparisonFindings): string {
  const gated = new Set(findings.pairs.flatMap((p) => p.metrics.flatMap((m) => (m.gated ? [m.at] : []))))
  const common = commonPoints(findings)
  const judged = common.filter(({ label }) => gated.has(label))
  const points = judged.length > 0 ? judged : common
  const knee = findings.sides[0]?.runs[0]?.overall.kneeAt?.value
  if (typeof knee !== 'number') return points.at(-1)?.label ?? 'run'
  const near = (p: PointFigures): number => Math.abs(Math.log((loadOf(p) || 1e-9) / knee))
  return points.toSorted((x, y) => near(x) - near(y))[0]?.label ?? 'run'
}

/** Value on the axis of load: the one that is no setting of the engine. */
export function loadOf({ axes }: PointFigures): number {
  const [dimension] = dimensionOf(axes)
  return dimension === undefined ? 0 : (axes[dimension] ?? 0)
}

const dimensionOf = (axes: PointFigures['axes']): readonly string[] => {
  const names = Object.keys(axes)
  return [names.find((name) => !name.startsWith('engine.')) ?? names[0] ?? 'concurrency']
}

export const dimensionIn = (points: readonly PointFigures[]): string =>
  dimensionOf(points[0]?.axes ?? {})[0] ?? 'concurrency'

/** Neither better nor worse, about our own sends, or between two that are drawn: these stand in the table alone. */
export const isDrawn = (m: MetricComparison): boolean =>
  m.better !== 'neither' && !/^lateness|\.(?:p95|mean)$/.test(m.key) && m.effect !== null
