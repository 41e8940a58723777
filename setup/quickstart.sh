#!/bin/sh
# Usage: quickstart.sh [OPTION…] [COMMAND…]
# Sets up what the quickstart needs, then starts it; `npm run quickstart` runs this. Prints the help, or refuses a user
# without root's rights, before it installs anything.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"

for word; do
  case $word in
  -h | --help)
    cat "$project/quickstart/usage.txt"
    exit
    ;;
  pulumi | python) break ;;
  esac
done

may_install ||
  fail "the SSH host and its jail need root's rights: you are not root, and sudo is not there or asks for a password" \
    "run this as root, or type \`sudo -v\` first"

version=$(sed -n 's/^ *version: *//p' "$project/stacks/Pulumi.local.yaml")
sh "$here/run.sh" dependencies engine sshd "source:$version"
exec node "$project/build/quickstart/main.js" "$@"
