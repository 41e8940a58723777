#!/bin/sh
# Puts some real Python packages into this machine's cache, for a test that installs them besides packages of its own.
# Without pip or a reachable index, the test uses only its own packages.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

wheels=${PYTHON3JAIL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/python3jail}/test-wheels
if cmp -s "$here/wheels.txt" "$wheels/requirements.txt"; then
  say wheels 'already there'
  exit
fi
if [ "$(uname -m)" != x86_64 ] || ! there pip; then
  say wheels 'no real packages: no pip here for this processor'
  exit
fi

mkdir -p "$wheels"
one_at_a_time wheels "$wheels/.lock"
# Fetch packages for the jail's Python, whatever version this machine has.
if quietly timeout 120 pip download --quiet --require-hashes --only-binary :all: --no-deps --dest "$wheels" --requirement "$here/wheels.txt" \
  --implementation cp --python-version 3.13 --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64; then
  cp "$here/wheels.txt" "$wheels/requirements.txt"
  say wheels "fetched ($(took))"
else
  say wheels 'no real packages: pip could not get them'
fi
