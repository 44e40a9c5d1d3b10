#!/bin/sh
# Start of the nginx-rtmp container: proves the HLS folder, finds who may publish, writes nginx.conf, becomes nginx.
set -eu

hls_dir=${IPTV_HLS_DIR:-/tmp/hls}
permissions=${IPTV_PERMISSIONS:-compat}
rtmp_port=${IPTV_RTMP_PORT:-1935}
http_port=${IPTV_HTTP_PORT:-8000}
segment_seconds=${IPTV_SEGMENT_SECONDS:-2}
window_segments=${IPTV_WINDOW_SEGMENTS:-10}
longest_window_seconds=${IPTV_LONGEST_WINDOW_SECONDS:-0}
share=${IPTV_SHARE_DIR:-/usr/local/share/iptv}
run_dir=${IPTV_RUN_DIR:-/run/iptv}

. "$share/messages.sh"
. "$share/hls-directory.sh"
. "$share/networks.sh"
. "$share/render-template.sh"

whole_number() {
  case $2 in
    '' | *[!0-9]*) fail "$1 is \"$2\", which is no whole number" '' "set $1 in the environment of docker compose" ;;
  esac
}

# Seconds with a fraction become milliseconds: nginx reads no fractions.
milliseconds() { awk -v seconds="$1" -v times="$2" 'BEGIN { printf "%d", seconds * times * 1000 + 0.5 }'; }

case $segment_seconds in
  '' | . | *[!0-9.]* | *.*.*) fail "IPTV_SEGMENT_SECONDS is \"$segment_seconds\", which is no number" '' 'set it to the length of a segment, such as 2' ;;
esac
whole_number IPTV_WINDOW_SEGMENTS "$window_segments"
whole_number IPTV_RTMP_PORT "$rtmp_port"
whole_number IPTV_HTTP_PORT "$http_port"
whole_number IPTV_LONGEST_WINDOW_SECONDS "$longest_window_seconds"

[ "$permissions" = hardened ] && umask 002
mkdir -p "$run_dir/temp" || fail "cannot write in $run_dir" "$(id)" 'give the container a tmpfs at /run'
verify_hls_directory "$hls_dir" test-nginx.txt nginx-rtmp

if [ "$(id -u)" = 0 ]; then
  IPTV_USER='user nobody nogroup;'
  # The worker is somebody else than we are, and a volume that was hardened before still has its owners.
  find "$hls_dir" ! -user nobody -exec chown nobody:nogroup {} + 2>/dev/null || true
else
  IPTV_USER=''
fi

# The cleaner must never be faster than the longest playlist: its segments go at twice this age.
window_ms=$(milliseconds "$segment_seconds" "$window_segments")
cleaner_seconds=$((window_ms / 1000 * 2))
[ "$cleaner_seconds" -ge $((longest_window_seconds * 2)) ] || cleaner_seconds=$((longest_window_seconds * 2))
[ "$cleaner_seconds" -ge 600 ] || cleaner_seconds=600

publishers=${IPTV_PUBLISH_FROM:-$(publisher_networks /proc/net/route)}
say "RTMP is open to: $publishers"

IPTV_LOAD_MODULE='load_module /usr/lib/nginx/modules/ngx_rtmp_module.so; load_module /usr/lib/nginx/modules/ngx_stream_module.so;'
IPTV_PID=$run_dir/nginx.pid
IPTV_ERROR_LOG=stderr
IPTV_RTMP_LISTEN="listen $rtmp_port;"
IPTV_HTTP_LISTEN="listen $http_port;"
if [ -e /proc/net/if_inet6 ]; then IPTV_HTTP_LISTEN="$IPTV_HTTP_LISTEN listen [::]:$http_port ipv6only=on;"; fi
IPTV_HLS_DIR=$hls_dir
IPTV_WEB_ROOT=${hls_dir%/hls}
IPTV_WEB_ROOT=${IPTV_WEB_ROOT:-/}
IPTV_HLS_FRAGMENT="$(milliseconds "$segment_seconds" 1)ms"
IPTV_HLS_PLAYLIST_LENGTH="${window_ms}ms"
IPTV_CLEANER_LENGTH="${cleaner_seconds}s"
IPTV_ALLOW_PUBLISH=$(access_rules publish "$publishers")
IPTV_ALLOW_PLAY=$(access_rules play "$publishers")
IPTV_ALLOW_CONTROL=$(access_rules '' "$publishers")
IPTV_TEMP_DIR=$run_dir/temp
# Its name is known when the other container runs, which is after this one: asked for with each request, of Docker's own DNS.
backend=backend:${IPTV_WEB_PORT:-9180}
ask_backend="resolver 127.0.0.11 valid=5s ipv6=off; resolver_timeout 2s; set \$iptv_backend $backend; proxy_pass http://\$iptv_backend"
IPTV_METRICS_PASS="$ask_backend/metrics;"
IPTV_LISTING_PASS="$ask_backend/hls/;"
IPTV_ONDEMAND_PASS="$ask_backend;"
IPTV_ALLOW_METRICS=$(metrics_rules "${IPTV_METRICS_FROM:-}")
# access_log wants an address that never changes, so this nginx passes its own datagrams on.
IPTV_ACCESS_LOG=syslog:server=127.0.0.1:${IPTV_WEB_PORT:-9180},nohostname,tag=iptv
IPTV_STREAM_BLOCK="
stream {
  # Nobody to tell it to is no trouble of a viewer's.
  error_log ${IPTV_ERROR_LOG} emerg;
  resolver 127.0.0.11 valid=5s ipv6=off;
  map \$remote_port \$iptv_backend {
    default $backend;
  }
  server {
    listen 127.0.0.1:${IPTV_WEB_PORT:-9180} udp;
    proxy_pass \$iptv_backend;
    proxy_responses 0;
    proxy_timeout 1s;
  }
}"
# The edge is a service of its own here.
IPTV_EDGE=''
export IPTV_EDGE IPTV_LOAD_MODULE IPTV_USER IPTV_PID IPTV_ERROR_LOG IPTV_RTMP_LISTEN IPTV_HTTP_LISTEN IPTV_HLS_DIR IPTV_WEB_ROOT \
  IPTV_HLS_FRAGMENT IPTV_HLS_PLAYLIST_LENGTH IPTV_CLEANER_LENGTH IPTV_ALLOW_PUBLISH IPTV_ALLOW_PLAY IPTV_ALLOW_CONTROL IPTV_TEMP_DIR IPTV_METRICS_PASS IPTV_LISTING_PASS IPTV_ONDEMAND_PASS IPTV_ALLOW_METRICS IPTV_ACCESS_LOG IPTV_STREAM_BLOCK

render_template "$share/nginx.conf.template" >"$run_dir/nginx.conf" || fail 'cannot write nginx.conf' '' "look at $share/nginx.conf.template"

exec nginx -c "$run_dir/nginx.conf" -g 'daemon off;'
