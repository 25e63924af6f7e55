#!/usr/bin/env bash
# Installs what the simulator is tried with beside vLLM's and guidellm's load generators.
#
#   ${FALLOFF_CACHE:-~/.cache/falloff}/sdks/.venv      the client packages openai, anthropic, text-generation, ollama
#   ${FALLOFF_CACHE:-~/.cache/falloff}/aiperf/.venv    aiperf
#
# Environments of their own: text-generation asks for an older huggingface-hub than the load generators do. About 1 GB
# and two minutes the first time; at once when the stamps are there. Exit 1 with a reason when it cannot.
set -euo pipefail
. "$(dirname "$0")/setup-lib.sh"

OPENAI=3.54.0
ANTHROPIC=2.12.0
TEXT_GENERATION=0.7.0
OLLAMA=0.6.3
AIPERF=0.13.0

# install FOLDER MODULES PACKAGE…: an environment with the packages, whose modules can be loaded.
install() {
  local home=$CACHE/$1 venv=$CACHE/$1/.venv modules=$2 want="${*:3}"
  if stamped "$home/stamp" "$want"; then say "$want: there"; return; fi
  mkdir -p "$home"
  make_venv "$venv"
  say "installing $want"
  "${UV[@]}" pip install --quiet --python "$venv/bin/python" "${@:3}" || die "could not install $want"
  "$venv/bin/python" -c "import $modules" || die "installed $want, but not all of it starts"
  printf '%s' "$want" > "$home/stamp"
  say "$want: ready"
}

find_uv
install sdks 'openai, anthropic, text_generation, ollama' \
  "openai==$OPENAI" "anthropic==$ANTHROPIC" "text-generation==$TEXT_GENERATION" "ollama==$OLLAMA"
install aiperf aiperf "aiperf==$AIPERF"
