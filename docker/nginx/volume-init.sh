#!/bin/sh
# One-shot before the hardened containers: gives both volumes the owners and modes these users need, whatever
# mode they were used in before. Runs as root with CHOWN, FOWNER and DAC_OVERRIDE only, and without network.
set -eu

hls_dir=${IPTV_HLS_DIR:-/tmp/hls}
state_dir=${IPTV_STATE_DIR:-/var/lib/iptv}
nginx_user=10101
backend_user=10102
group=10100

chown -R "$nginx_user:$group" "$hls_dir"
find "$hls_dir" -type d -exec chmod 2775 {} +
find "$hls_dir" -type f -exec chmod 664 {} +
# Secrets stand in the state (URLs, the control socket): nothing there is for others.
chown -R "$backend_user:$group" "$state_dir"
chmod 2750 "$state_dir"
