#!/bin/sh
# Health of the backend container: the HLS folder takes a file and the supervisor answers on its socket.
# A supervisor that is silent for six checks is killed: start.sh starts the next one, and the jobs go on meanwhile.
set -u

hls_dir=${IPTV_HLS_DIR:-/tmp/hls}
run_dir=${IPTV_RUN_DIR:-/run/iptv}
misses_file=$run_dir/missed-checks
probe=$hls_dir/.healthcheck-backend

# Some bytes: on a full disk an empty file can still be made.
if ! { date >"$probe" && [ -s "$probe" ]; }; then
  echo "cannot write in $hls_dir: $(ls -ld "$hls_dir") $(df -P "$hls_dir" | tail -1)"
  unwritable=1
fi
rm -f "$probe"

if answer=$(curl -sS -f -m 3 --unix-socket "${IPTV_STATE_DIR:-/var/lib/iptv}/control.sock" http://localhost/v1/hello 2>&1); then
  rm -f "$misses_file"
  [ -z "${unwritable:-}" ] || exit 1
  echo "$answer"
  exit 0
fi

if [ -e "$run_dir/config-invalid" ]; then
  echo "${IPTV_CONFIG:-/etc/iptv/streams.yaml} is invalid; the container's log says what is wrong"
  exit 1
fi
misses=$(($(cat "$misses_file" 2>/dev/null || echo 0) + 1))
echo "$misses" >"$misses_file"
echo "the supervisor does not answer ($misses in a row): $answer"
if [ "$misses" -ge 6 ] && [ -e "$run_dir/supervisor.pid" ]; then
  rm -f "$misses_file"
  echo 'iptv: the supervisor does not answer six checks in a row; killing it so that it is started anew' >/proc/1/fd/1 2>/dev/null
  kill -KILL "$(cat "$run_dir/supervisor.pid")"
fi
exit 1
