#!/bin/sh
# Start of an edge container: finds its origins, writes nginx.conf, watches room and addresses, becomes nginx.
set -eu

http_port=${IPTV_HTTP_PORT:-8000}
upstreams=${IPTV_EDGE_UPSTREAM:-http://nginx-rtmp:$http_port}
segment_seconds=${IPTV_SEGMENT_SECONDS:-2}
window_segments=${IPTV_WINDOW_SEGMENTS:-10}
popular=${IPTV_EDGE_POPULAR:-3}
cache=${IPTV_EDGE_CACHE_DIR:-/var/cache/iptv-edge}
share=${IPTV_SHARE_DIR:-/usr/local/share/iptv}
run_dir=${IPTV_RUN_DIR:-/run/iptv}

. "$share/messages.sh"
. "$share/render-template.sh"
. "$share/edge/room.sh"

whole_number() {
  case $2 in
    '' | 0 | *[!0-9]*) fail "$1 is \"$2\", which is no whole number above 0" '' "set $1 in the environment of docker compose" ;;
  esac
}
whole_number IPTV_HTTP_PORT "$http_port"
whole_number IPTV_WINDOW_SEGMENTS "$window_segments"
whole_number IPTV_EDGE_POPULAR "$popular"
case $segment_seconds in
  '' | . | *[!0-9.]* | *.*.*) fail "IPTV_SEGMENT_SECONDS is \"$segment_seconds\", which is no number" '' 'set it to the length of a segment, such as 2' ;;
esac
memory_bytes=$(bytes_of "${IPTV_EDGE_MEMORY:-512M}") || fail "IPTV_EDGE_MEMORY is \"$IPTV_EDGE_MEMORY\", which is no size" '' 'set it to a size such as 256M'
disk_bytes=$(bytes_of "${IPTV_EDGE_DISK:-1G}") || fail "IPTV_EDGE_DISK is \"$IPTV_EDGE_DISK\", which is no size" '' 'set it to a size such as 1G'

for url in $upstreams; do
  case ${url#http://} in
    "$url" | *[!A-Za-z0-9.:_[\]-]* | '') fail "IPTV_EDGE_UPSTREAM holds \"$url\", which is no origin" '' 'name origins as http://host:port, with spaces between several' ;;
  esac
done
first=${upstreams%% *}
IPTV_EDGE_HOST=${first#http://}

mkdir -p "$run_dir/temp" || fail "cannot write in $run_dir" "$(id)" 'give the container a tmpfs at /run'
# A volume may hold what another user of another mode left, which this one could not read.
disk=$cache/disk/user-$(id -u)
for place in "$cache/memory" "$disk"; do
  reason=$({ mkdir -p "$place" && rm -f "$place/room" && [ -w "$place" ]; } 2>&1) ||
    fail "cannot write in $place" "$reason
$(df -P "$cache" | tail -1)" "mount a tmpfs at $cache/memory and a volume at $cache/disk, both writable for uid $(id -u)"
done

# nginx looks a name up once, and does not start when it has no address. So it gets addresses, and is told when they change:
# it has no publishers, so unlike the origin it can be reloaded.
address_of() {
  # Sorted: the order of a name with several addresses changes with each answer.
  { getent ahostsv4 "$1" || getent ahostsv6 "$1"; } 2>/dev/null | awk '{ print ($1 ~ /:/ ? "[" $1 "]" : $1) }' | sort -u | head -n 1
}
servers() {
  more=''
  found=''
  for url in $upstreams; do
    place=${url#http://}
    case $place in
      \[*\]) host=$place port=80 ;;
      *:*) host=${place%:*} port=${place##*:} ;;
      *) host=$place port=80 ;;
    esac
    case $host in
      \[*\]) address=$host ;;
      *) address=$(address_of "$host") ;;
    esac
    [ -n "$address" ] || continue
    found="$found server $address:$port max_fails=2 fail_timeout=5s$more;"
    more=' backup'
  done
  printf '%s' "${found:- server 127.0.0.1:9 down;}"
}

if [ "$(id -u)" = 0 ]; then IPTV_USER='user nobody nogroup;'; else IPTV_USER=''; fi
files=$(ulimit -Hn)
case $files in *[!0-9]*) files=65536 ;; esac
[ "$files" -le 65536 ] || files=65536

number() { awk "BEGIN { $1 }"; }
IPTV_EDGE_WORKERS=${IPTV_EDGE_WORKERS:-auto}
IPTV_EDGE_FILES=$files
IPTV_EDGE_CONNECTIONS=$((files / 2))
IPTV_LOAD_MODULE='load_module /usr/lib/nginx/modules/ngx_stream_module.so;'
IPTV_PID=$run_dir/nginx.pid
IPTV_ERROR_LOG=stderr
IPTV_TEMP_DIR=$run_dir/temp
IPTV_EDGE_SOCKET=$run_dir/edge.sock
IPTV_EDGE_MEMORY_DIR=$cache/memory
IPTV_EDGE_DISK_DIR=$disk
memory_reserve=$(reserve_of "$cache/memory")
disk_reserve=$(reserve_of "$disk")
IPTV_EDGE_MEMORY_SIZE=$(size_of "$cache/memory" "$memory_bytes")
IPTV_EDGE_MEMORY_FREE=$((memory_reserve * 2))
IPTV_EDGE_DISK_SIZE=$(size_of "$disk" "$disk_bytes")
IPTV_EDGE_DISK_FREE=$((disk_reserve * 2))
# These follow src/plan/edge-conf.ts, which says why.
IPTV_EDGE_OTHERS_STAY="$(number "s = int($segment_seconds * $window_segments + 10.999); print (s < 30 ? 30 : s)")s"
IPTV_EDGE_REVALIDATE=$(number "s = int($segment_seconds / 3); print (s < 1 ? 1 : s)")
holds=$((IPTV_EDGE_REVALIDATE - 1))
if [ "$holds" -gt 0 ]; then IPTV_EDGE_HOLDS="default $holds;"; else IPTV_EDGE_HOLDS='"~^(?<iptv_edge_now>[0-9]+)" "@$iptv_edge_now";'; fi
IPTV_EDGE_IF_ERROR=300
per_minute=$(number "r = int(60 * (2 * ($popular - 1) + 1) / $segment_seconds + 0.5); print (r < 1 ? 1 : r)")
IPTV_EDGE_POPULAR_RATE=${per_minute}r/m
IPTV_EDGE_POPULAR_BURST="burst=$((2 * popular + (per_minute * 30 + 59) / 60)) delay=$((2 * popular))"
IPTV_EDGE_LISTEN="listen $http_port backlog=4096;"
if [ -e /proc/net/if_inet6 ]; then IPTV_EDGE_LISTEN="$IPTV_EDGE_LISTEN listen [::]:$http_port ipv6only=on backlog=4096;"; fi
IPTV_EDGE_AGENT=iptv-edge
# In the stack's own network the supervisor counts viewers, and its name is known only while it runs: nginx passes its own
# datagrams on, as the origin's does. Elsewhere nobody listens.
web_port=${IPTV_WEB_PORT:-9180}
if [ "${IPTV_EDGE_REPORT:-backend}" != off ]; then
  IPTV_EDGE_ACCESS_LOG="access_log syslog:server=127.0.0.1:$web_port,nohostname,tag=iptv iptv_edge if=\$iptv_edge_counted;"
  IPTV_STREAM_BLOCK="
stream {
  error_log stderr emerg;
  resolver 127.0.0.11 valid=5s ipv6=off;
  map \$remote_port \$iptv_backend {
    default ${IPTV_EDGE_REPORT:-backend}:$web_port;
  }
  server {
    listen 127.0.0.1:$web_port udp;
    proxy_pass \$iptv_backend;
    proxy_responses 0;
    proxy_timeout 1s;
  }
}"
else
  IPTV_EDGE_ACCESS_LOG='access_log off;'
  IPTV_STREAM_BLOCK=''
fi
export IPTV_USER IPTV_EDGE_WORKERS IPTV_EDGE_FILES IPTV_EDGE_CONNECTIONS IPTV_LOAD_MODULE IPTV_PID IPTV_ERROR_LOG IPTV_TEMP_DIR \
  IPTV_STREAM_BLOCK IPTV_EDGE_HOST IPTV_EDGE_SOCKET IPTV_EDGE_MEMORY_DIR IPTV_EDGE_DISK_DIR IPTV_EDGE_MEMORY_SIZE \
  IPTV_EDGE_MEMORY_FREE IPTV_EDGE_DISK_SIZE IPTV_EDGE_DISK_FREE IPTV_EDGE_OTHERS_STAY IPTV_EDGE_REVALIDATE IPTV_EDGE_HOLDS \
  IPTV_EDGE_IF_ERROR IPTV_EDGE_POPULAR_RATE IPTV_EDGE_POPULAR_BURST IPTV_EDGE_LISTEN IPTV_EDGE_AGENT IPTV_EDGE_ACCESS_LOG

# $1: what `servers` said
write_conf() {
  IPTV_EDGE_SERVERS=$1
  export IPTV_EDGE_SERVERS
  IPTV_EDGE=$(render_template "$share/edge/edge.conf.template") || return 1
  export IPTV_EDGE
  render_template "$share/edge/nginx.conf.template" >"$run_dir/nginx.conf.new" && mv "$run_dir/nginx.conf.new" "$run_dir/nginx.conf"
}

watch() {
  known=$1
  round=0
  while sleep 1; do
    watch_room "$cache/memory" "$memory_reserve"
    watch_room "$disk" "$disk_reserve"
    round=$(((round + 1) % 3))
    [ "$round" = 0 ] || continue
    now=$(servers)
    # A name that has no address for a moment is no reason to forget the one it had.
    case $now in "$known" | *' down;') continue ;; esac
    say "origins:$now"
    write_conf "$now" && kill -HUP "$(cat "$run_dir/nginx.pid")" && known=$now
  done
}

now=$(servers)
say "origins:$now"
write_conf "$now" || fail 'cannot write nginx.conf' '' "look at $share/edge"
# Of a container that was killed; nginx could not listen there.
rm -f "$IPTV_EDGE_SOCKET" "$cache/memory/.looked"
watch_room "$cache/memory" "$memory_reserve" first
watch_room "$disk" "$disk_reserve" first
watch "$now" &

exec nginx -c "$run_dir/nginx.conf" -g 'daemon off;'
