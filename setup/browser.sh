#!/bin/sh
# Sees to a Chromium without a window, in which the tests open the report. Where none can be had they say so, and leave that out.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"

# The same names as in test/e2e/browser.ts.
for browser in chromium-headless-shell chromium chromium-browser google-chrome; do
  if there "$browser"; then
    say browser 'already there'
    exit
  fi
done

# Of Debian's two packages the one that needs no desktop; other distributions have but the other.
case $(package_manager) in
apt-get) package=chromium-headless-shell ;;
*) package=chromium ;;
esac
say browser "installing $package"
if may_install && install_packages "$package" 2>/dev/null; then
  say browser "installed $package ($(took))"
else
  say browser 'none: no such package here, or no right to install it'
fi
