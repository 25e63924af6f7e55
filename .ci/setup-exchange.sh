#!/usr/bin/env bash
# Installs what exported files are read with: readers that nobody here wrote.
#
#   ${FALLOFF_CACHE:-~/.cache/falloff}/exchange/.venv        DuckDB, pyarrow, the OpenTelemetry messages, the parsers of
#                                                            Prometheus' client, HdrHistogram, Snappy
#   ${FALLOFF_CACHE:-~/.cache/falloff}/exchange/prometheus   Prometheus and promtool, unpacked from Debian's package
#
# About 350 MB and half a minute the first time; at once when the stamp is there. Exit 1 with a reason when it cannot.
set -euo pipefail
. "$(dirname "$0")/setup-lib.sh"

PACKAGES=(duckdb==2.0.0 pyarrow==26.0.1 opentelemetry-proto==1.45.2 prometheus-client==0.26.0 hdrhistogram==0.10.8 python-snappy==0.7.3)
MODULES='duckdb, pyarrow.parquet, opentelemetry.proto.collector.metrics.v1.metrics_service_pb2, prometheus_client, hdrh.histogram, snappy'
PLACE=$CACHE/exchange

# Unpacked, not installed: nothing of the system changes, and no service is started.
fetch_prometheus() {
  local folder=$1 download
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || die 'no apt-get to fetch the prometheus package with'
  download=$(mktemp -d)
  (cd "$download" && { apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }; }) \
    || die 'could not fetch the prometheus package'
  mkdir -p "$folder"
  dpkg -x "$download"/prometheus_*.deb "$folder"
  rm -rf "$download"
  "$folder/usr/bin/promtool" --version >/dev/null 2>&1 || die 'fetched prometheus, but promtool does not start'
}

want="${PACKAGES[*]} prometheus"
if stamped "$PLACE/stamp" "$want"; then say "$want: there"; exit 0; fi
mkdir -p "$PLACE"
find_uv
make_venv "$PLACE/.venv"
say "installing ${PACKAGES[*]}"
"${UV[@]}" pip install --quiet --python "$PLACE/.venv/bin/python" "${PACKAGES[@]}" || die "could not install ${PACKAGES[*]}"
"$PLACE/.venv/bin/python" -c "import $MODULES" || die 'installed the readers, but not all of them start'
say 'fetching prometheus'
fetch_prometheus "$PLACE/prometheus"
printf '%s' "$want" > "$PLACE/stamp"
say "$want: ready"
