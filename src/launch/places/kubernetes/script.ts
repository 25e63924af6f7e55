/**
 * Changes the deployment, follows the log of the pod that comes of it, keeps a port forwarded to it, and puts the deployment
 * back when asked to end or when the engine ends. Its words: deployment, container, label that marks the pods, ports to forward,
 * s to wait for the pods to go, then arguments of kubectl that say where. The patches come as variables, since they may
 * hold secrets.
 */
export const KUBERNETES_SCRIPT = `
deployment=$1 container=$2 label=$3 ports=$4 gone_s=$5
shift 5
where() { verb=$1; shift; kubectl "$verb" $namespace "$@"; }
change() { printf %s "$1" | where patch deployment "$deployment" --type strategic --patch-file /dev/stdin; }
namespace=$*
asked='' follow='' forward=''
folder=$(mktemp -d) || exit 1
said_something=$folder/said
trap 'asked=1; kill $follow 2>/dev/null' TERM HUP

# Restarts: the first is at once, and would hide that the engine ended.
state() {
  where get "$pod" --output 'jsonpath={range .status.containerStatuses[?(@.name=="'"$container"'")]}{.restartCount} {.state.running.startedAt}{end}' 2>/dev/null
}
find_pod() {
  until [ "$asked" ]; do
    pod=$(where get pods --selector "$label" --output name 2>/dev/null | head -n 1)
    [ "$pod" ] && return
    sleep 0.5
  done
}
# It ends whenever a connection is refused, as all are until the engine listens. It begins when the log does, so that nobody
# finds the engine ready before its log is read; an engine that says nothing is given three seconds.
keep_forwarding() {
  trap 'kill $! 2>/dev/null; exit' TERM
  silent=0
  until [ -e "$said_something" ] || [ "$silent" -ge 30 ]; do
    case $(state) in '0 '?*) silent=$((silent + 1));; esac
    sleep 0.1
  done
  while :; do
    where port-forward --address 127.0.0.1 "$pod" "$ports" >/dev/null 2>&1 &
    wait $!
    sleep 0.2
  done
}
pass_on() {
  if IFS= read -r first; then echo "$first"; : >"$said_something"; fi
  cat
}
# Following starts when the container runs, and ends when it does or when the log is turned over.
follow_log() {
  since='' reason=''
  until [ "$asked" ]; do
    where logs --follow $since --container "$container" "$pod" 2>"$folder/trouble" | pass_on &
    follow=$!
    wait "$follow"
    [ "$asked" ] && return
    said=$(head -n 1 "$folder/trouble")
    if [ -z "$said" ]; then
      since='--since=1s'
      case $(state) in ''|'0 '?*) ;; *) return;; esac
    elif [ "$said" != "$reason" ]; then
      reason=$said
      echo "$reason"
    fi
    case $said in *ImagePull*|*'pull image'*|*InvalidImage*|*CreateContainer*|*CrashLoop*|*'not found'*) return;; esac
    sleep 0.5
  done
}
restore() {
  change "$FALLOFF_RESTORE" >/dev/null || echo "falloff: deployment $deployment could not be put back; kubectl rollout undo deployment/$deployment does it"
  where wait --for=delete pod --selector "$label" --timeout="$gone_s"s >/dev/null 2>&1
  change "$FALLOFF_RESTORE_STRATEGY" >/dev/null
}

if ! change "$FALLOFF_CHANGE"; then
  # The cluster may have taken it all the same, when it was only the answer that was lost.
  { change "$FALLOFF_RESTORE"; change "$FALLOFF_RESTORE_STRATEGY"; rm -r "$folder"; } >/dev/null 2>&1
  exit 1
fi
find_pod
if [ -z "$asked" ]; then
  keep_forwarding &
  forward=$!
  follow_log
  kill "$forward" 2>/dev/null
fi
trap '' TERM HUP
restore
rm -r "$folder"
[ "$asked" ]
`
