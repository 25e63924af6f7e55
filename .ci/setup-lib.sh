# shellcheck shell=bash
# What the set-up scripts share. They source it; it runs nothing by itself.

CACHE=${FALLOFF_CACHE:-$HOME/.cache/falloff}
PYTHON=3.11
ME=$(basename "$0" .sh)

say() { printf '%s: %s\n' "$ME" "$*"; }
die() { printf '%s: cannot go on: %s\n' "$ME" "$*" >&2; exit 1; }

# stamped FILE TEXT: does FILE hold exactly TEXT?
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

find_uv() {
  if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then UV=(uv); return; fi
  local python
  python=$(command -v python3 || command -v python) || die 'no uv and no Python to install it with'
  if ! "$python" -m uv --version >/dev/null 2>&1; then
    say 'installing uv through pip'
    "$python" -m pip install --quiet --disable-pip-version-check uv || die 'pip could not install uv'
  fi
  UV=("$python" -m uv)
}

# make_venv FOLDER: an empty environment, unless there is a working one.
make_venv() {
  [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null && return
  say "making $1"
  "${UV[@]}" venv --quiet --clear --python "$PYTHON" "$1" || die "no Python $PYTHON for $1"
}
