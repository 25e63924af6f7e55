import { formatNumber } from '../../base/index.js'
import { METRICS, type MetricDeclaration } from '../metrics.js'

/** A figure that `RunFigures` may hold. */
export interface FigureDeclaration {
  /** `ttft.p99`, `outputTokensPerS`. */
  readonly key: string
  readonly label: string
  /** '' of a load, such as that of the knee. */
  readonly unit: string
  readonly better: 'lower' | 'higher' | 'neither'
  /** How two of them are compared: as b over a, or as b − a. */
  readonly scale: 'ratio' | 'difference'
  /** Practical margin unless another is set: a share of the base's value; of a difference the difference itself. */
  readonly margin: number
  /** With its unit. */
  readonly format: (value: number) => string
}

/** Statistics of each metric, with the quantile they rank; null: the mean of what completed. */
export const STATISTICS = [
  { name: 'p50', quantile: 0.5, margin: 0.05 },
  { name: 'p90', quantile: 0.9, margin: 0.1 },
  { name: 'p95', quantile: 0.95, margin: 0.1 },
  { name: 'p99', quantile: 0.99, margin: 0.1 },
  { name: 'mean', quantile: null, margin: 0.05 },
] as const

const inUnit = (unit: string) => (value: number) =>
  unit === '' ? formatNumber(value) : `${formatNumber(value)} ${unit}`
const asPercent = (value: number): string => `${formatNumber(value * 100)} %`

const ofMetric = ({ name, label, unit, better }: MetricDeclaration): readonly FigureDeclaration[] =>
  STATISTICS.map((statistic) => ({
    key: `${name}.${statistic.name}`,
    label: `${label} ${statistic.name}`,
    unit,
    better,
    scale: 'ratio',
    margin: statistic.margin,
    format: inUnit(unit),
  }))

const rate = (key: string, label: string, unit: string, margin = 0.05): FigureDeclaration => ({
  key,
  label,
  unit,
  better: 'higher',
  scale: 'ratio',
  margin,
  format: inUnit(unit),
})

const share = (key: string, label: string, better: 'lower' | 'higher'): FigureDeclaration => ({
  key,
  label,
  unit: 'share',
  better,
  scale: 'difference',
  margin: 0.01,
  format: asPercent,
})

/** In the order in which they are shown. */
export const FIGURES: readonly FigureDeclaration[] = [
  ...METRICS.flatMap(ofMetric),
  rate('outputTokensPerS', 'Output tokens', 'tokens/s'),
  rate('outputCharsPerS', 'Output characters', 'characters/s'),
  {
    key: 'charTime.p50',
    label: 'Time per output character p50',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    margin: 0.05,
    format: inUnit('ms'),
  },
  rate('inputTokensPerS', 'Input tokens', 'tokens/s'),
  rate('requestsPerS', 'Completed requests', 'requests/s'),
  rate('goodputPerS', 'Goodput', 'requests/s'),
  share('goodShare', 'Share of good requests', 'higher'),
  share('errorRate', 'Share of failed requests', 'lower'),
  rate('peakOutputTokensPerS', 'Peak of output tokens', 'tokens/s'),
  rate('kneeAt', 'Load at the knee', '', 0.1),
  rate('lastGood', 'Largest load within every objective', '', 0.1),
]

const BY_KEY: ReadonlyMap<string, FigureDeclaration> = new Map(FIGURES.map((f) => [f.key, f]))

export const figureOf = (key: string): FigureDeclaration | undefined => BY_KEY.get(key)
