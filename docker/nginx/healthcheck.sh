#!/bin/sh
# Health of the nginx-rtmp container: the HLS folder takes a file and nginx answers.
# A hung nginx stays a running container, which no restart policy heals: after three silent checks it is killed.
set -u

hls_dir=${IPTV_HLS_DIR:-/tmp/hls}
run_dir=${IPTV_RUN_DIR:-/run/iptv}
misses_file=$run_dir/missed-checks
probe=$hls_dir/.healthcheck-nginx

# Some bytes: on a full disk an empty file can still be made.
if ! { date >"$probe" && [ -s "$probe" ]; }; then
  echo "cannot write in $hls_dir: $(ls -ld "$hls_dir") $(df -P "$hls_dir" | tail -1)"
  unwritable=1
fi
rm -f "$probe"

if answer=$(curl -sS -f -m 3 "http://127.0.0.1:${IPTV_HTTP_PORT:-8000}/healthz" 2>&1); then
  rm -f "$misses_file"
  [ -z "${unwritable:-}" ] || exit 1
  echo "$answer"
  exit 0
fi

misses=$(($(cat "$misses_file" 2>/dev/null || echo 0) + 1))
echo "$misses" >"$misses_file"
echo "nginx does not answer ($misses in a row): $answer"
if [ "$misses" -ge 3 ]; then
  rm -f "$misses_file"
  # To the container's log as well. SIGKILL reaches a stopped process too; the worker ends with its container.
  echo 'iptv: nginx does not answer three checks in a row; killing it so that it is started anew' >/proc/1/fd/1 2>/dev/null
  kill -KILL "$(cat "$run_dir/nginx.pid")"
fi
exit 1
