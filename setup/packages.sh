# shellcheck shell=sh
# Installs packages of the distribution: as root, or through sudo if it asks for no password.

# The distribution's package manager: the first of these that exists.
package_manager() {
  for manager in apt-get dnf yum apk zypper; do
    if there "$manager"; then
      echo "$manager"
      return
    fi
  done
}

may_install() {
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# install_packages PACKAGE...: installs these packages quietly, with their required dependencies only. A new container
# has no package lists yet. If one of several mirrors fails, apt often has all that it needs. On a machine that has
# just started, another apt may still be running.
install_packages() {
  case $(package_manager) in
  apt-get)
    as_root apt-get update -qq >/dev/null 2>&1 || true
    quietly as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
    ;;
  dnf) quietly as_root dnf install -q -y "$@" ;;
  yum) quietly as_root yum install -q -y "$@" ;;
  apk) quietly as_root apk add -q "$@" ;;
  zypper) quietly as_root zypper -q --non-interactive install --no-recommends "$@" ;;
  *) return 1 ;;
  esac
}
