#!/bin/sh
# Installs what only the tests need: their own tools, and what CPython is built with. A test host is an overlay of this
# machine, and has exactly what the machine has.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"

header() {
  echo "#include <$1>" | cc -E - >/dev/null 2>&1
}

# static COMMAND: true if the command is linked statically. Test hosts run busybox in roots that lack its libraries.
static() {
  there "$1" && ! ldd "$(command -v "$1")" >/dev/null 2>&1
}

# Debian's package names, each with a test that shows whether it is installed.
missing=$(
  while read -r package test what; do
    # shellcheck disable=SC2086 # several commands
    "$test" $what || printf ' %s' "$package"
  done <<END
shellcheck      there   shellcheck
shfmt           there   shfmt
debootstrap     there   debootstrap
busybox-static  static  busybox
dash            there   dash
zsh             there   zsh
fish            there   fish
iproute2        there   ip
util-linux      there   unshare flock
strace          there   strace
nftables        there   nft
iptables        there   iptables ip6tables
sudo            there   sudo visudo
xz-utils        there   xz
make            there   make
gcc             there   gcc cc
libc6-dev       header  stdio.h
libssl-dev      header  openssl/ssl.h
zlib1g-dev      header  zlib.h
libbz2-dev      header  bzlib.h
liblzma-dev     header  lzma.h
libsqlite3-dev  header  sqlite3.h
libffi-dev      header  ffi.h
END
)

if [ -z "$missing" ]; then
  say tools 'all there'
  exit
fi

# Other distributions have other names for most of these, so their users must find the packages.
{ [ "$(package_manager)" = apt-get ] && may_install; } ||
  fail "the tests need what Debian packages as$missing" 'install them, or run this on Debian or Ubuntu as root'

say tools "installing$missing"
# shellcheck disable=SC2086 # several packages
install_packages $missing || fail "could not install$missing" 'install them by hand: apt-get says above why not'
say tools "installed ($(took))"
