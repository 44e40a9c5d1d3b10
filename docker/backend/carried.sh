#!/bin/sh
# Runs `iptv "$@"` for a command on the host, and ends it when that command is gone: docker tells nobody in here that
# the other side was interrupted, but it closes our stdin. (`docker exec` alone leaves a `logs -f` behind for ever.)

# A shell gives its background programs /dev/null as stdin, hence the detour by 3.
exec 3<&0 </dev/null
iptv "$@" 3<&- &
command=$!
{
  cat <&3
  kill -TERM "$command"
} >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$command"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
