# Sourced by the start.sh of both nginx services: fills in our templates from the environment.

# $1 template; prints it. Only ${IPTV_...}: nginx has variables of its own. A name without a value fails.
render_template() {
  awk '
    {
      while (match($0, /\$\{IPTV_[A-Z_]+\}/)) {
        name = substr($0, RSTART + 2, RLENGTH - 3)
        if (!(name in ENVIRON)) { print "no value for " name > "/dev/stderr"; exit 1 }
        printf "%s%s", substr($0, 1, RSTART - 1), ENVIRON[name]
        $0 = substr($0, RSTART + RLENGTH)
      }
      print
    }
  ' "$1"
}
