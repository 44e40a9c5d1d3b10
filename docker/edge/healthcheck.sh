#!/bin/sh
# Health of an edge: nginx answers. A missing origin is not its illness: it says so to viewers, and shows what it has.
exec curl -sS -f -m 3 "http://127.0.0.1:${IPTV_HTTP_PORT:-8000}/healthz"
