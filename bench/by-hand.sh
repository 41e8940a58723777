#!/bin/sh
# Usage: by-hand.sh ARCHIVE STORE
# Makes a jail as one makes it by hand, at STORE/jail: runs CPython's configure, make and make install, and copies the
# libraries of the host's loader. Leaves out the device nodes, which take no space. The jail stays for the next run.
set -eu
archive=$1 store=$2

[ ! -e "$store/done" ] || exit 0
rm -rf "$store"
mkdir -p "$store/source" "$store/jail"
case $archive in
*.xz) xz -dc "$archive" ;;
*) gzip -dc "$archive" ;;
esac | tar -x -f - -C "$store/source" --strip-components=1
cd "$store/source"
nice ./configure --prefix="$store/jail"
nice make -j "$(getconf _NPROCESSORS_ONLN)"
nice make install
cd "$store/jail"
rm -rf "$store/source"
mkdir -p dev static
touch REM_this_is_jail
# Copy files only, as cp without -r does. On Debian, the loader and the libraries are in different directories.
for folder in /lib64 "/lib/$(uname -m)-linux-gnu"; do
  [ -d "$folder" ] || continue
  mkdir -p ".$folder"
  find -L "$folder" -maxdepth 1 -type f -exec cp -t ".$folder" {} +
done
chmod -R a+rX .
touch "$store/done"
