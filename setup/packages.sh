# shellcheck shell=sh
# Installing what the distribution packages: as root, or through sudo where that asks for no password.

# The distribution's package manager, by the first that is there.
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

# install_packages PACKAGE...: quietly, and only these with what they cannot do without. A fresh container has no
# package lists yet. Where one of many mirrors fails, apt has often what it needs all the same. On a machine just
# started another apt may still be at work.
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
