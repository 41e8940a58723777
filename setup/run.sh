#!/bin/sh
# Usage: run.sh STEP...
# Runs the named steps of the set-up, in the given order, until one fails: dependencies, engine, sshd, tools, browser,
# wheels, source:VERSION. A step does nothing if its work is done already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

for step; do
  case $step in
  dependencies | sshd | tools | browser | wheels) sh "$here/$step.sh" ;;
  engine) sh "$here/../engine/get.sh" ;;
  source:?*) sh "$here/source.sh" "${step#source:}" ;;
  *) fail "there is no step $step" 'name some of: dependencies engine sshd tools browser wheels source:VERSION' ;;
  esac
done
