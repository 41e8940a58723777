#!/bin/sh
# Usage: run.sh STEP...
# Runs the named steps of the set-up, in that order, up to the first that fails: dependencies, engine, sshd, tools, browser,
# wheels, source:VERSION. Each does nothing where its work is already done.
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
