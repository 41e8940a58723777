#!/bin/sh
# Installs OpenSSH's server and client, but neither starts nor enables the server: nobody who tries this out on a
# laptop wants an open SSH port. Test hosts and the quickstart start servers of their own.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"

if there sshd ssh ssh-keygen; then
  say sshd 'OpenSSH, already there'
  exit
fi

manager=$(package_manager)
case $manager in
apt-get) packages='openssh-server openssh-client' ;;
dnf | yum) packages='openssh-server openssh-clients' ;;
*) packages=openssh ;;
esac
may_install || fail 'OpenSSH (sshd, ssh, ssh-keygen) is missing, and only root can install it' \
  "have $packages installed, or run this as root"

# Debian's packages start their service unless this file forbids it. A copy that outlives this process forbids nothing.
policy=/usr/sbin/policy-rc.d
keep_stopped() {
  if [ "$manager" != apt-get ] || [ -e "$policy" ]; then return; fi
  trap 'as_root rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  as_root tee "$policy" >/dev/null <<END
#!/bin/sh
# The set-up of pulumi-python3jail (process $$) installs OpenSSH, without starting it.
case \$1 in ssh*) [ ! -d /proc/$$ ] || exit 101 ;; esac
exit 0
END
  as_root chmod 755 "$policy"
}

# Some packages enable the server, as Fedora's do. The unit is named ssh or sshd, and is a service or a socket.
disable() {
  there systemctl || return 0
  for unit in ssh.service ssh.socket sshd.service sshd.socket; do
    as_root systemctl disable --now "$unit" >/dev/null 2>&1 || true
  done
}

say sshd "installing $packages, neither started nor enabled"
server=$(there sshd && echo old || echo new)
[ "$server" = old ] || keep_stopped
# shellcheck disable=SC2086 # several packages
{ install_packages $packages && there sshd ssh ssh-keygen; } ||
  fail "$packages could not be installed" "install your distribution's OpenSSH server and client, then run this again"
[ "$server" = old ] || disable
say sshd "installed $packages ($(took))"
