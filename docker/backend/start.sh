#!/bin/sh
# Start of the backend container: proves the HLS folder, then keeps `iptv supervise` alive until told to stop.
# Jobs are in process groups of their own: a supervisor that crashed finds them again when it is back.
set -u

hls_dir=${IPTV_HLS_DIR:-/tmp/hls}
state_dir=${IPTV_STATE_DIR:-/var/lib/iptv}
config=${IPTV_CONFIG:-/etc/iptv/streams.yaml}
permissions=${IPTV_PERMISSIONS:-compat}
share=${IPTV_SHARE_DIR:-/usr/local/share/iptv}
run_dir=${IPTV_RUN_DIR:-/run/iptv}
config_invalid=78

# One stream, in order: whoever reads the container's log asks for stdout.
exec 2>&1
say() { printf 'iptv: %s\n' "$*"; }

# What, evidence, next; then the container ends and its restart policy tries again.
fail() {
  say "error: $1"
  [ -z "$2" ] || printf '%s\n' "$2" | sed 's/^/   /'
  say "next: $3"
  exit 1
}

. "$share/hls-directory.sh"

[ "$permissions" = hardened ] && umask 002
mkdir -p "$run_dir" || fail "cannot write in $run_dir" "$(id)" 'give the container a tmpfs at /run'
verify_hls_directory "$hls_dir" test-backend.txt backend
if [ -f "$hls_dir/test-nginx.txt" ]; then
  say "the HLS directory is shared with nginx-rtmp: $(cat "$hls_dir/test-nginx.txt")"
else
  say "warning: $hls_dir/test-nginx.txt is not there: nginx-rtmp has not started yet, or has another volume at $hls_dir"
fi
reason=$({ mkdir -p "$state_dir" && : >"$state_dir/.start-check" && rm -f "$state_dir/.start-check"; } 2>&1) ||
  fail "cannot write in the state folder $state_dir" "$reason
$(ls -ld "$state_dir" 2>&1)
$(id)" 'check the volume iptv_state; in the hardened mode volume-init sets its owner'

supervisor='' stopping='' delay=1
# The signal reaches this shell only; `wait` returns at once and the loop below sees $stopping.
trap 'stopping=1; [ -z "$supervisor" ] || kill -TERM "$supervisor" 2>/dev/null' TERM INT

# `wait` returns early for a trapped signal, with a code above 128, while the program still runs.
wait_for() {
  while :; do
    wait "$1"
    code=$?
    kill -0 "$1" 2>/dev/null || return "$code"
  done
}

pause() {
  sleep "$1" &
  wait $!
}

config_stamp() { stat -L -c '%i %Y %s' "$config" 2>/dev/null || echo none; }

# The program that printed what is wrong has ended; this waits for a new file, and looks by itself now and then
# because a mended environment variable or a referenced file changes nothing in the list's own stamp.
wait_for_config() {
  say "waiting: $config is looked at again when it changes, and every 10 seconds"
  before=$(config_stamp)
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$stopping" ] || return
    [ "$(config_stamp)" = "$before" ] || return
    pause 1
  done
}

while [ -z "$stopping" ]; do
  started=$(date +%s)
  rm -f "$run_dir/config-invalid"
  # flock becomes iptv, so the pid is the supervisor's, and no second one is started by hand beside it.
  # The flags keep V8's garbage small, as src/supervisor-process.ts does on a host.
  IPTV_LOCKED=1 flock -n -F -E 75 "$state_dir/supervisor.lock" \
    node --max-semi-space-size=1 --optimize-for-size "$(command -v iptv)" supervise &
  supervisor=$!
  echo "$supervisor" >"$run_dir/supervisor.pid"
  # A signal that came between the loop's test and $! found nothing to pass on to.
  [ -z "$stopping" ] || kill -TERM "$supervisor" 2>/dev/null
  wait_for "$supervisor"
  code=$?
  supervisor=''
  rm -f "$run_dir/supervisor.pid"
  [ -z "$stopping" ] || exit "$code"
  if [ "$code" = 0 ]; then
    say 'the supervisor ended as it was asked to'
    exit 0
  fi
  if [ "$code" = "$config_invalid" ]; then
    touch "$run_dir/config-invalid"
    wait_for_config
    continue
  fi
  [ $(($(date +%s) - started)) -lt 60 ] || delay=1
  say "the supervisor ended with exit code $code; the jobs go on, it is started again in $delay s"
  pause "$delay"
  [ "$delay" -ge 8 ] || delay=$((delay * 2))
done
exit 0
