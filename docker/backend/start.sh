#!/bin/sh
# Start of the backend container: proves the HLS folder, then becomes the keeper of `iptv supervise`.
set -u

hls_dir=${IPTV_HLS_DIR:-/tmp/hls}
state_dir=${IPTV_STATE_DIR:-/var/lib/iptv}
config=${IPTV_CONFIG:-/etc/iptv/streams.yaml}
permissions=${IPTV_PERMISSIONS:-compat}
share=${IPTV_SHARE_DIR:-/usr/local/share/iptv}
run_dir=${IPTV_RUN_DIR:-/run/iptv}

. "$share/messages.sh"
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

# The flags keep V8's garbage small and its optimizing compilers away, as src/supervisor-process.ts does on a host.
program=$(readlink -f "$(command -v iptv)")
export IPTV_RUN_DIR="$run_dir" IPTV_STATE_DIR="$state_dir" IPTV_WATCHED_LIST="$config"
exec sh "${program%/*}/keep-supervisor.sh" node --max-semi-space-size=1 --optimize-for-size --no-opt --no-maglev "$program" supervise
