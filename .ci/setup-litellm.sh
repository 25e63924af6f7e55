#!/usr/bin/env bash
# Installs LiteLLM's proxy, a gateway that nobody here wrote, for the real-engine lane.
#
#   ${FALLOFF_CACHE:-~/.cache/falloff}/litellm/.venv
#
# About 400 MB and under a minute the first time; at once when the stamp is there. Exit 1 with a reason when it cannot.
set -euo pipefail
. "$(dirname "$0")/setup-lib.sh"

# Releases of this package have been tampered with (1.82.7, 1.82.8, 1.107.0). This one is older than all of that, its
# dependencies are taken as they were then, and no package may run a build script.
LITELLM=1.80.10
AS_OF=2026-01-15

install_litellm() {
  local home=$CACHE/litellm venv=$CACHE/litellm/.venv want="litellm $LITELLM as of $AS_OF"
  if stamped "$home/stamp" "$want"; then say "$want is there"; return; fi
  mkdir -p "$home"
  make_venv "$venv"
  say "installing $want"
  "${UV[@]}" pip install --quiet --python "$venv/bin/python" --only-binary :all: --exclude-newer "$AS_OF" \
    "litellm[proxy]==$LITELLM" || die "could not install $want"
  "$venv/bin/python" -c 'import litellm.proxy.proxy_server' >/dev/null 2>&1 || die 'LiteLLM is installed but does not start'
  printf '%s' "$want" > "$home/stamp"
  say "$want is ready"
}

find_uv
install_litellm
