# Sourced by start.sh: limits of a cache, and whether there is room for it. The same rules as src/plan/edge-conf.ts.

# Of a folder's file system: free bytes, size, free inodes, inodes.
space_of() { stat -f -c '%a %b %d %c %S' "$1" | awk '{ printf "%.0f %.0f %d %d\n", $1 * $5, $2 * $5, $3, $4 }'; }

# $1 folder: an eighth of its file system, at most 128 MiB. Below it nothing is written.
reserve_of() { space_of "$1" | awk '{ reserve = $2 / 8; if (reserve > 134217728) reserve = 134217728; printf "%d\n", reserve }'; }

# $1 bytes, with a unit or without: 256M, 1G, 64Mi
bytes_of() {
  printf '%s\n' "$1" | awk '
    !/^[0-9]+(\.[0-9]+)?([kKmMgG]i?)?B?$/ { exit 1 }
    {
      unit = $0
      gsub(/[0-9.B]/, "", unit)
      factor = 1
      if (unit ~ /^[kK]/) factor = 1000
      if (unit ~ /^[mM]/) factor = 1000000
      if (unit ~ /^[gG]/) factor = 1000000000
      if (unit ~ /i$/) factor = (unit ~ /^[kK]/ ? 1024 : unit ~ /^[mM]/ ? 1048576 : 1073741824)
      printf "%.0f\n", $0 * factor
    }'
}

# $1 folder, $2 wanted size in bytes: no more than five eighths of the file system.
size_of() { space_of "$1" | awk -v wanted="$2" '{ most = $2 * 5 / 8; printf "%.0f\n", (wanted < most ? wanted : most) }'; }

# $1 folder, $2 its reserve, $3 "first" at the start. The file "room" is there while there is room: removing works on a full
# disk, writing does not. It comes back when there is twice as much, for which nginx empties its cache.
watch_room() {
  sign=$1/room
  need=$2
  [ -e "$sign" ] || [ "${3:-}" = first ] || need=$(($2 * 2))
  if space_of "$1" 2>/dev/null | awk -v need="$need" '{ enough = $1 >= need && ($4 == 0 || $3 >= $4 / 20) } END { exit !enough }'; then
    [ -e "$sign" ] || ! : 2>/dev/null >"$sign" || say "there is room for the cache in $1"
  elif [ -e "$sign" ] || [ "${3:-}" = first ]; then
    rm -f "$sign"
    say "warning: no room for the cache in $1: viewers get everything from the origin"
  fi
}
