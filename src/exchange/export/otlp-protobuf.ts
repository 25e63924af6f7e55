import type { Attribute, HistogramPoint, Metric, MetricsRequest, NumberPoint } from './otlp-data.js'
import { ProtoWriter } from './protobuf.js'

/** `ExportMetricsServiceRequest`; field numbers of opentelemetry-proto 1.x. */
export function otlpProtobuf({ resourceMetrics }: MetricsRequest): Uint8Array {
  const request = new ProtoWriter()
  for (const { resource, scopeMetrics } of resourceMetrics) {
    request.message(1, (w) => {
      w.message(1, (inner) => attributes(inner, 1, resource.attributes))
      for (const { scope, metrics } of scopeMetrics) {
        w.message(2, (inner) => {
          inner.message(1, (s) => s.text(1, scope.name).text(2, scope.version))
          for (const metric of metrics) inner.message(2, (m) => writeMetric(m, metric))
        })
      }
    })
  }
  return request.finish()
}

function attributes(w: ProtoWriter, field: number, list: readonly Attribute[]): void {
  for (const { key, value } of list)
    w.message(field, (pair) => pair.text(1, key).message(2, (any) => any.text(1, value.stringValue)))
}

function writeMetric(w: ProtoWriter, { name, description, unit, gauge, histogram }: Metric): void {
  w.text(1, name).text(2, description).text(3, unit)
  if (gauge)
    w.message(5, (g) => {
      for (const point of gauge.dataPoints) g.message(1, (p) => writeNumber(p, point))
    })
  if (histogram)
    w.message(9, (h) => {
      for (const point of histogram.dataPoints) h.message(1, (p) => writeHistogram(p, point))
      h.varint(2, histogram.aggregationTemporality)
    })
}

function writeNumber(w: ProtoWriter, point: NumberPoint): void {
  w.fixed64(2, point.startTimeUnixNano).fixed64(3, point.timeUnixNano).double(4, point.asDouble)
  attributes(w, 7, point.attributes)
}

function writeHistogram(w: ProtoWriter, point: HistogramPoint): void {
  w.fixed64(2, point.startTimeUnixNano).fixed64(3, point.timeUnixNano)
  w.fixed64(4, point.count).double(5, point.sum)
  w.packedFixed64(6, point.bucketCounts).packedDouble(7, point.explicitBounds)
  attributes(w, 9, point.attributes)
  w.double(11, point.min).double(12, point.max)
}
