# Sourced by every start.sh: how they talk. In one stream, in order: whoever reads a container's log asks for stdout.
exec 2>&1
say() { printf 'iptv: %s\n' "$*"; }

# What, evidence, next; then the container ends and its restart policy tries again.
fail() {
  say "error: $1"
  [ -z "$2" ] || printf '%s\n' "$2" | sed 's/^/   /'
  say "next: $3"
  exit 1
}
