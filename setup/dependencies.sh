#!/bin/sh
# Checks for what this script cannot install, then installs the npm packages and compiles.
set -eu

project=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$project/setup/lib.sh"

[ "$(uname -s)" = Linux ] || fail "this needs Linux, and here is $(uname -s)" 'use a Linux machine or container'
there node || fail 'node is not on the PATH' 'install Node 20 or later: https://nodejs.org/en/download'
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
  fail "Node $(node -v) is too old" 'install Node 20 or later: https://nodejs.org/en/download'
for needed in npm:npm git:git flock:util-linux cmp:diffutils; do
  there "${needed%:*}" ||
    fail "${needed%:*} is not on the PATH" "install your distribution's package ${needed#*:}"
done

# npm empties node_modules before it fills it, so this copy exists only after an installation that succeeded.
installed=$project/node_modules/.installed-lock.json
cd "$project"
one_at_a_time dependencies package-lock.json

if cmp -s package-lock.json "$installed"; then
  outcome='npm packages, already there'
else
  # Room for the packages, the build, the engine and a CPython with its build directory.
  free=$(df -Pk . | awk 'NR == 2 { print $4 }')
  [ "$free" -ge $((3 * 1024 * 1024)) ] ||
    fail "only $((free / 1024)) MB are free in $project" 'free 3 GB there, or clone to a larger disk'

  say dependencies 'installing the npm packages'
  quietly npm ci --include=dev --no-audit --no-fund --loglevel=error ||
    fail 'npm ci failed' 'read what npm says above; behind a proxy: npm config set proxy URL'

  # The engine's SDK needs a newer Node than 20. A package brings it by a script, and npm may be set not to run scripts.
  node_modules/.bin/node -v >/dev/null 2>&1 ||
    fail "npm did not install the package node's program" 'allow its script: npm config set ignore-scripts false'
  cp package-lock.json "$installed"
  outcome='npm packages, installed'
fi

# Skip the compiler if nothing has changed, as it takes seconds to find out. A new or removed file makes its directory newer.
built=build/.built
up_to_date() {
  [ -f "$built" ] &&
    [ -z "$(find src test quickstart bench package.json tsconfig.json "$installed" -newer "$built" | head -n 1)" ]
}
if ! up_to_date; then
  mkdir -p build
  touch "$built.new"
  npm run --silent build || fail 'the TypeScript sources do not compile' 'see the messages above'
  mv "$built.new" "$built"
fi
say dependencies "$outcome ($(took))"
