/**
 * Stands in for `docker run`, whose end by SIGKILL leaves the container running. Asked to end, it stops the container by its
 * id, or, as long as there is none, as when the image is still being fetched, the client that would start it. Its words:
 * file of the container's id, name of the container, s to give the engine, then the `docker run` itself.
 */
export const DOCKER_SCRIPT = `
id_file=$1 name=$2 grace_s=$3
shift 3
over() {
  asked=1
  if [ -s "$id_file" ]; then
    docker stop -t "$grace_s" "$(cat "$id_file")" >/dev/null 2>&1
    # One that was created and not started yet is not stopped by that.
    docker rm --force "$(cat "$id_file")" >/dev/null 2>&1
  else kill $!
  fi
}
asked=''
trap over TERM HUP
"$@" &
client=$!
# A signal ends the waiting, not the client.
while wait "$client"; code=$?; [ "$asked" ] && [ "$code" -gt 128 ]; do asked=''; done
# Removed by now, but not where the client was ended between creating and starting it. The name is ours alone.
docker rm --force "$name" >/dev/null 2>&1
exit "$code"
`
