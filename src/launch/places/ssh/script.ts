import { BEAT_S } from './remote.js'

/**
 * Stands between the guard and ssh: it keeps ssh's stdin open and beating, and closes it when asked to end, upon which the
 * remote script ends the engine and ssh returns. Its words are those of ssh; the first line for the remote script comes as
 * FALLOFF_FIRST_LINE, since it may hold secrets.
 */
export const SSH_SCRIPT = `
line=$FALLOFF_FIRST_LINE
unset FALLOFF_FIRST_LINE
folder=$(mktemp -d) && mkfifo "$folder/in" || exit 1
asked=''
trap 'asked=1; kill $beats 2>/dev/null' TERM HUP
"$@" <"$folder/in" &
ssh=$!
exec 3>"$folder/in"
rm -r "$folder"
# A nap that outlives its shell must not hold the pipe open.
{ printf '%s\\n' "$line"; while sleep ${BEAT_S} >/dev/null 2>&1 3>&-; do echo; done; } >&3 3>&- &
beats=$!
exec 3>&-
# A signal ends the waiting, not ssh.
while wait "$ssh"; code=$?; [ "$asked" ] && [ "$code" -gt 128 ]; do asked=''; done
kill "$beats" 2>/dev/null
exit "$code"
`
