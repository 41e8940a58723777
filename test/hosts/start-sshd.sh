#!/bin/sh
# Run inside a host: starts its SSH server and waits until it listens.
mkdir -p /run/sshd
rm -f /run/sshd.pid
# From OpenSSH 9.8 on, an address that fails to log in is shut out for a while: every test has the same address.
if /usr/sbin/sshd -t -o PerSourcePenalties=no 2>/dev/null; then
  set -- -o PerSourcePenalties=no
fi
/usr/sbin/sshd -E /run/sshd.log "$@" || exit
while [ ! -s /run/sshd.pid ]; do
  sleep 0.005
done
