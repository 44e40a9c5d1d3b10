# Sourced by start.sh: which networks may publish, from the kernel's routing table. Needs no ip(8).

# 010011AC, as /proc/net/route prints an address, is 172.17.0.1: little-endian.
dotted() {
  value=$((0x$1))
  printf '%d.%d.%d.%d' $((value & 255)) $((value >> 8 & 255)) $((value >> 16 & 255)) $((value >> 24 & 255))
}

prefix_length() {
  bits=0
  rest=$((0x$1))
  while [ "$rest" -gt 0 ]; do
    bits=$((bits + (rest & 1)))
    rest=$((rest >> 1))
  done
  printf '%d' "$bits"
}

# Words for access_rules: our own networks, where the jobs are, but "!" for the gateways: what comes in through a
# published port has the gateway's address when it was sent from the host itself. $1: the routing table.
publisher_networks() {
  gateways='' networks=''
  while read -r interface destination gateway _ _ _ _ mask _; do
    case $interface in Iface | lo) continue ;; esac
    if [ "$gateway" != 00000000 ]; then
      gateways="$gateways!$(dotted "$gateway") "
    elif [ "$destination" != 00000000 ]; then
      networks="$networks $(dotted "$destination")/$(prefix_length "$mask")"
    fi
  done <"$1"
  printf '%s' "127.0.0.1 $gateways${networks# }"
}

# $1: publish, play or nothing (http); $2: words of publisher_networks. The first rule that fits decides.
access_rules() {
  for word in $2; do
    case $word in
      !*) printf 'deny %s%s; ' "${1:+$1 }" "${word#!}" ;;
      *) printf 'allow %s%s; ' "${1:+$1 }" "$word" ;;
    esac
  done
  printf 'deny %sall;' "${1:+$1 }"
}

# Who may read /metrics. $1: words for allow, or nothing for private networks.
metrics_rules() {
  for word in ${1:-127.0.0.0/8 ::1 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 fc00::/7 fe80::/10}; do
    printf 'allow %s; ' "$word"
  done
  printf 'deny all;'
}
