#!/bin/sh
# First half of a host, in its own (fresh) network namespace but still with the machine's processes and files:
# plugs the host into the fleet's switch. The second half, root.sh, gets the other namespaces.
set -eu
: "${SWITCH_PID:?}" "${PORT:?}" "${ADDRESS:?}" "${SCRIPTS:?}"

echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :
ip link add name eth0 type veth peer name "$PORT" netns "$SWITCH_PID"
nsenter --net="/proc/$SWITCH_PID/ns/net" sh -c "ip link set '$PORT' master switch && ip link set '$PORT' up"
ip link set lo up
ip address add "$ADDRESS/24" dev eth0
ip link set eth0 up

# No default route: what a host sends stays on this machine.
exec unshare --mount --uts --ipc --pid --fork --kill-child sh "$SCRIPTS/root.sh"
