#!/bin/sh
# Installs a headless Chromium, in which the tests open the report. Without one, the tests say so and skip that part.
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

# Debian has a package that needs no desktop; other distributions have only the full one.
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
