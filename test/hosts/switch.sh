#!/bin/sh
# The fleet's switch: a bridge in this (fresh) network namespace, with one cable to the machine.
# The bridge is not in the machine's own namespace because then everything here, the machine's end of the
# cable included, goes when this process does: nothing to clear after a kill, and no firewall rule of the machine
# sees what hosts say to each other.
# Prints the subnet's first three numbers once it is up.
set -eu
: "${MACHINE_PID:?a process in the network namespace of the machine}"

on_machine() {
  nsenter --net="/proc/$MACHINE_PID/ns/net" "$@"
}

# Succeeds when no other fleet has the number and the machine has no own use for its addresses.
# 198.18.0.0/15 is set aside for test networks (RFC 2544). The cable's name carries the number, and two cables cannot have
# one name, so the kernel itself decides between fleets that start together.
claim() {
  routes=$(on_machine ip -4 route show match "198.18.$1.1" | grep -v '^default' || :)
  [ -z "$routes" ] || return 1
  on_machine ip link add name "p3jail$1" type veth peer name uplink netns "$$" 2>&1
}

# Addresses are ours to give; nothing here needs IPv6 to look for its own.
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :

first=$((MACHINE_PID % 256))
number=$first
until complaint=$(claim "$number"); do
  number=$(((number + 1) % 256))
  if [ "$number" -eq "$first" ]; then
    echo "no free network for a fleet of test hosts in 198.18.0.0/16: ${complaint:-every address is in use}" >&2
    exit 1
  fi
done

ip link add name switch type bridge
ip link set uplink master switch
ip link set uplink up
ip link set switch up
on_machine ip address add "198.18.$number.1/24" dev "p3jail$number"
on_machine ip link set "p3jail$number" up

echo "198.18.$number"
exec sleep infinity
