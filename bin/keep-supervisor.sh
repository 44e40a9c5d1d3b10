#!/bin/sh
# Keeps the supervisor alive until it is told to stop; "$@" is the supervisor's command. Jobs are in process groups of their
# own: a supervisor that was killed finds them again. A shell, because it needs 1 MB and has nothing in it that could crash.
#   IPTV_STATE_DIR      its lock is held by the supervisor, never by this shell or by a job
#   IPTV_WATCHED_LIST   looked at for changes while the supervisor says that it is invalid
#   IPTV_KEEPER_SOCKET  set by `iptv up`: a supervisor that never opened it failed to start, which its command must learn
#   IPTV_KEEPER_LOG     where our output goes when nobody rotates it
#   IPTV_RUN_DIR        set in the container: what its health check needs to know
set -u

list=${IPTV_WATCHED_LIST:-}
socket=${IPTV_KEEPER_SOCKET:-}
log=${IPTV_KEEPER_LOG:-}
run_dir=${IPTV_RUN_DIR:-}
# `iptv down` finds this shell by its mark, which children must not have.
unset IPTV_KEEPER_STATE IPTV_WATCHED_LIST IPTV_KEEPER_SOCKET IPTV_KEEPER_LOG
config_invalid=78
lock_held=75

say() { printf 'iptv: %s\n' "$*"; }

supervisor='' watcher='' stopping=''
# The signal reaches this shell only; `wait` returns at once and the loop below sees $stopping.
trap 'stopping=1; [ -z "$supervisor" ] || kill -TERM "$supervisor" 2>/dev/null' TERM INT
# Read the list again.
trap '[ -z "$supervisor" ] || kill -HUP "$supervisor" 2>/dev/null' HUP

# `wait` returns early for a trapped signal, with a code above 128, while the program still runs.
wait_for() {
  while :; do
    wait "$1"
    code=$?
    kill -0 "$1" 2>/dev/null || return "$code"
  done
}

pause() {
  [ "$1" != 0 ] || return 0
  sleep "$1" &
  nap=$!
  wait "$nap"
  kill "$nap" 2>/dev/null
}

stamp() { stat -L -c '%i %z %s' "$1" 2>/dev/null || echo none; }

# Seconds since the boot: no fork, and no clock that somebody sets.
uptime_now() { read -r now _ </proc/uptime && now=${now%.*}; }

# The program that printed what is wrong has ended; this waits for a new file, and looks by itself now and then
# because a mended environment variable or a referenced file changes nothing in the list's own stamp.
wait_for_list() {
  before=$(stamp "$list")
  [ "$told" = "$before" ] || say "waiting: $list is looked at again when it changes, and every 10 seconds"
  told=$before
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$stopping" ] || return
    [ "$(stamp "$list")" = "$before" ] || return
    pause 1
  done
}

# SIGSTOP leaves a process that answers nobody and never ends; three looks apart from a short suspension.
end_when_stopped() {
  nap='' looks=0
  trap '[ -z "$nap" ] || kill "$nap" 2>/dev/null; exit 0' TERM
  while [ "$looks" -lt 3 ]; do
    sleep 2 &
    nap=$!
    wait "$nap"
    nap=''
    read -r line 2>/dev/null <"/proc/$1/stat" || exit 0
    # Field 3 of proc(5), after the name in parentheses.
    case ${line##*) } in T*) looks=$((looks + 1)) ;; *) looks=0 ;; esac
  done
  say "the supervisor (pid $1) was stopped by a signal and does not go on; killing it so that it is started anew"
  kill -KILL "$1"
}

# Each second without a supervisor is one without a new playlist: only one that dies again and again is made to wait.
quick=0 quick_allowed=5
delay=0 held=0 last='' told='' opened=''
while [ -z "$stopping" ]; do
  uptime_now
  started=$now
  socket_before=$(stamp "$socket")
  [ -z "$run_dir" ] || rm -f "$run_dir/config-invalid"
  # flock becomes the supervisor, so the pid is its pid, and no second one is started by hand beside it.
  IPTV_LOCKED=1 IPTV_KEEPER=$$ IPTV_LAST_EXIT=$last flock -n -F -E "$lock_held" "$IPTV_STATE_DIR/supervisor.lock" "$@" &
  supervisor=$!
  [ -z "$run_dir" ] || echo "$supervisor" >"$run_dir/supervisor.pid"
  # A signal that came between the loop's test and $! found nothing to pass on to.
  [ -z "$stopping" ] || kill -TERM "$supervisor" 2>/dev/null
  end_when_stopped "$supervisor" &
  watcher=$!
  wait_for "$supervisor"
  code=$?
  supervisor=''
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  [ -z "$run_dir" ] || rm -f "$run_dir/supervisor.pid"
  [ -z "$stopping" ] || exit "$code"
  if [ "$code" = 0 ]; then
    say 'the supervisor ended as it was asked to'
    exit 0
  fi
  [ "$socket_before" = "$(stamp "$socket")" ] || opened=1
  [ -z "$socket" ] || [ -n "$opened" ] || exit "$code"
  [ -z "$log" ] || [ -z "$(find "$log" -size +200k 2>/dev/null)" ] || : >"$log"
  last=$code
  if [ "$code" = "$config_invalid" ]; then
    [ -z "$run_dir" ] || touch "$run_dir/config-invalid"
    wait_for_list
    continue
  fi
  if [ "$code" = "$lock_held" ] && [ -n "$socket" ]; then
    # `iptv up` or a person was quicker; somebody who only tested the lock is gone the next time.
    held=$((held + 1))
    [ "$held" -lt 3 ] || exit "$code"
    pause 1
    continue
  fi
  held=0
  uptime_now
  [ $((now - started)) -lt 10 ] || quick=0 delay=0
  quick=$((quick + 1))
  [ "$quick" -le "$quick_allowed" ] || delay=$((delay == 0 ? 1 : delay < 8 ? delay * 2 : delay))
  say "the supervisor ended with exit code $code; the jobs go on, it is started again in $delay s"
  pause "$delay"
done
exit 0
