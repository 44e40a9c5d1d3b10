# Sourced by both start.sh: makes the HLS folder and proves it with a file. Needs fail() and $permissions.

# $1 folder, $2 name of the test file, $3 who writes it
verify_hls_directory() {
  case $1 in
    *[!A-Za-z0-9._/-]*) fail "the HLS directory is \"$1\"" '' 'use letters, digits, dot, dash and underscore only' ;;
    */hls) ;;
    *) fail "the HLS directory $1 does not end in /hls" '' 'name a folder called hls: nginx serves its parent as /' ;;
  esac
  reason=$(mkdir -p "$1" 2>&1) || fail "cannot make the HLS directory $1" "$reason" 'check the volume hls_data in docker-compose.yml'
  if [ "$permissions" = compat ] && [ "$(id -u)" = 0 ]; then
    reason=$(chown nobody:nogroup "$1" 2>&1 && chmod g-s,a+rwx "$1" 2>&1) ||
      fail "cannot open the HLS directory $1 to everybody" "$reason" 'check how the volume hls_data is mounted (read-only? root squashed?)'
  fi
  # A failed redirection prints before 2>&1 of its own line would count, so a group carries it.
  # Removed first: in the other permissions mode it belonged to somebody else.
  line="written by $3 at its start, $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  reason=$({ rm -f "$1/$2" && printf '%s\n' "$line" >"$1/$2"; } 2>&1) ||
    fail "cannot write in the HLS directory $1" "$reason
$(ls -ld "$1" 2>&1)
$(id)
$(df -P "$1" 2>&1 | tail -1)" "$(hls_directory_advice "$1")"
  [ "$(cat "$1/$2")" = "$line" ] || fail "the HLS directory $1 does not give back what was written" "$(df -P "$1" | tail -1)" 'free space on the disk of the volume hls_data'
}

hls_directory_advice() {
  if [ "$permissions" = hardened ]; then
    echo 'run docker compose with docker-compose.yml and docker-compose.hardened.yml: its volume-init sets owner and mode'
  else
    echo "check the volume hls_data: is it mounted read-only, or full? (df -h $1; df -i $1)"
  fi
}
