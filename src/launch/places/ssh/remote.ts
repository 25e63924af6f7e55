/** A word as a POSIX shell reads it. A line break is written as \`$nl\`, so that all words stay in one line. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`).replaceAll('\n', `'"$nl"'`)}'`

/** How often the connection is told to be alive, and how long a silence means that it is cut, in s. */
export const BEAT_S = 20
const SILENCE_S = 90

export interface RemoteStart {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stopTimeoutS: number
}

/** The first line that the remote script reads: what to run, for what should not be seen among the arguments of a process. */
export function firstLineOf({ words, env, stopTimeoutS }: RemoteStart): string {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}; `)
  return `grace=${Math.ceil(stopTimeoutS)}; ${variables.join('')}set -- ${words.map(quoted).join(' ')}`
}

/**
 * What the remote shell runs, in one line and without a quote or an exclamation mark, since the user's own shell, whichever it
 * is, reads it first. The engine gets a group of its own. Its end is the end of our lines: stdin closes when we hang up, when
 * we are killed and when the connection breaks; where that is not noticed, the beats stay away.
 */
const SCRIPT = [
  'nl=$(printf "\\nx"); nl=${nl%x}; IFS= read -r line || exit 1; eval "$line"',
  'command -v "$1" >/dev/null || { echo "falloff: $1: command not found"; exit 127; }',
  'exec 3<&0',
  // Without setsid, as on macOS, the shell itself makes the group.
  'if command -v setsid >/dev/null; then setsid "$@" </dev/null 2>&1 3<&- & else set -m; "$@" </dev/null 2>&1 3<&- & fi; pid=$!',
  'echo "falloff: runs as process $pid in a group of its own"',
  'over() { kill -s TERM -- -$pid; n=0; while kill -s 0 -- -$pid && [ $n -lt $((grace * 10)) ]; do sleep 0.1; n=$((n + 1)); done; kill -s KILL -- -$pid; } 2>/dev/null',
  `silence() { if command -v timeout >/dev/null; then while timeout ${SILENCE_S} sh -c "read -r beat" <&3; do :; done; else while read -r beat <&3; do :; done; fi; }`,
  // The write to a connection that is gone must not end the one who has to clean up.
  // The watch must not hold the connection open.
  'trap : HUP PIPE TERM; { silence; over; } >/dev/null 2>&1 & watch=$!',
  'while wait $pid; code=$?; kill -s 0 $pid 2>/dev/null; do :; done',
  // What it left behind in its group ends too; the watch, whose end would come with ours, is not needed any more.
  'kill $watch 2>/dev/null; over; exit $code',
].join('; ')

/** As the last word of ssh. */
export const REMOTE_COMMAND = `exec sh -c '${SCRIPT}'`
