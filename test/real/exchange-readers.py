"""Reads exported files with packages that have nothing to do with falloff, and prints what they find in them as JSON."""
import json
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet
import snappy
from google.protobuf.json_format import Parse
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

folder, results = Path(sys.argv[1]), Path(sys.argv[2])
out = {}

rows = f"read_parquet('{folder}/records.parquet')"
good = "phase = 'measured' and state = 'completed'"
out["parquet"] = duckdb.sql(
    f"select count(*), quantile_disc(ttft_ms, 0.5), sum(output_tokens), epoch_us(min(sent_utc)) from {rows} where {good}"
).fetchall()[0]
table = pyarrow.parquet.read_table(folder / "records.parquet")
out["arrow"] = [table.num_rows, table.num_columns, str(table.schema.field("sent_utc").type)]
out["csv"] = duckdb.sql(
    f"select count(*), quantile_disc(ttft_ms, 0.5), sum(output_tokens) from read_csv('{folder}/records.csv') where {good}"
).fetchall()[0]
out["chunks"] = duckdb.sql(
    f"select count(*), sum(tokens), quantile_disc(since_ms, 0.5) filter (chunk > 0) from read_parquet('{folder}/chunks.parquet')"
).fetchall()[0]
# The one-liner of docs/exchange.md, on the records as they are.
out["ndjson"] = duckdb.sql(
    f"""select quantile_disc((firstTokenNs - sentNs) / 1e6, 0.5)
        from read_json('{results}/requests-*.ndjson', union_by_name = true) where {good}"""
).fetchall()[0]

reader = HistogramLogReader(str(folder / "run.hlog"), HdrHistogram(1, 3600000000, 3))
counts = {}
while (histogram := reader.get_next_interval_histogram()) is not None:
    counts[histogram.tag] = counts.get(histogram.tag, 0) + histogram.get_total_count()
out["hlog"] = counts

for part in ("summary", "course"):
    families = list(text_string_to_metric_families((folder / f"{part}.openmetrics").read_text()))
    out[f"openmetrics {part}"] = [len(families), sum(len(f.samples) for f in families)]
    for family in families:
        for sample in family.samples:
            if sample.name == "falloff_ttft_seconds" and sample.labels.get("quantile") == "0.5":
                out["openmetrics p50"] = sample.value

request = ExportMetricsServiceRequest()
request.ParseFromString((folder / "otlp.pb").read_bytes())
out["otlp forms agree"] = request == Parse((folder / "otlp.json").read_text(), ExportMetricsServiceRequest())
usage = {}
for metric in request.resource_metrics[0].scope_metrics[0].metrics:
    if metric.name == "gen_ai.client.token.usage":
        for point in metric.histogram.data_points:
            kind = next(a.value.string_value for a in point.attributes if a.key == "gen_ai.token.type")
            usage[kind] = [point.count, point.sum, sum(point.bucket_counts)]
out["otlp usage"] = usage
out["remote write bytes"] = len(snappy.decompress((folder / "remote-write").read_bytes()))
print(json.dumps(out))
