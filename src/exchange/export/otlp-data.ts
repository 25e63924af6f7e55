/** The metrics of OpenTelemetry's protocol, as plain data: its JSON encoding but for 64-bit integers, which are `bigint`. */
export interface MetricsRequest {
  readonly resourceMetrics: readonly ResourceMetrics[]
}

export interface ResourceMetrics {
  readonly resource: { readonly attributes: readonly Attribute[] }
  readonly scopeMetrics: readonly [
    {
      readonly scope: { readonly name: string; readonly version: string }
      readonly metrics: readonly Metric[]
    },
  ]
}

export interface Metric {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly gauge?: { readonly dataPoints: readonly NumberPoint[] }
  readonly histogram?: { readonly dataPoints: readonly HistogramPoint[]; readonly aggregationTemporality: 2 }
}

export interface Moment {
  readonly startTimeUnixNano: bigint
  readonly timeUnixNano: bigint
}

export interface NumberPoint extends Moment {
  readonly attributes: readonly Attribute[]
  readonly asDouble: number
}

export interface HistogramPoint extends Moment {
  readonly attributes: readonly Attribute[]
  readonly count: bigint
  readonly sum: number
  readonly bucketCounts: readonly bigint[]
  readonly explicitBounds: readonly number[]
  readonly min: number
  readonly max: number
}

export interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string }
}

export const attributesOf = (texts: Readonly<Record<string, string>>): readonly Attribute[] =>
  Object.entries(texts)
    .filter(([, text]) => text !== '')
    .map(([key, stringValue]) => ({ key, value: { stringValue } }))
