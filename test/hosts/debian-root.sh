#!/bin/sh
# Makes a Debian root once, for hosts of another kind than the machine.
# Runs in its own mount and process namespaces, so that a killed debootstrap leaves neither mounts nor processes.
set -eu
: "${STORE:?folder of all roots}" "${KEY:?this one\'s folder in it}" "${SUITE:?}" "${ARCHITECTURE:?}" "${MIRROR:?}"
: "${INCLUDE:?packages, with commas}" "${KEYRING?file of keys, or nothing}" "${MERGED?an option, or nothing}"

# The folder itself is the lock: whoever else wants a root waits, and finds it made.
exec 9<"$STORE"
flock 9
[ ! -d "$STORE/$KEY" ] || exit 0

# Nobody makes it now, so what lies here was left by one that was killed.
making=$STORE/$KEY.making
rm -rf "$making"
debootstrap --variant=minbase --arch="$ARCHITECTURE" --include="$INCLUDE" ${KEYRING:+"--keyring=$KEYRING"} ${MERGED:+"$MERGED"} \
  "$SUITE" "$making" "$MIRROR" >"$making.log" 2>&1 || {
  echo "debootstrap of $SUITE $ARCHITECTURE from $MIRROR failed:" >&2
  tail -n 5 "$making.log" >&2
  rm -rf "$making" "$making.log"
  exit 1
}
rm -rf "$making"/var/cache/apt/archives/*.deb "$making"/var/lib/apt/lists/* "$making"/etc/ssh/ssh_host_* "$making.log"
mv "$making" "$STORE/$KEY"
