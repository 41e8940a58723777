#!/bin/sh
# Second half of a host, as the first process of its own process namespace: makes its root and stays as its init.
# Every mount is in this process's mount namespace, so all of them go when it does.
# Prints "ready PID", PID being this process as the machine sees it.
set -eu
umask 022
: "${SCRIPTS:?}" "${STAGE:?an empty folder to mount on}" "${LOWER:?the root to start from}" "${NAME:?}" "${ADDRESS:?}"
: "${KEYS:?folder with host_key and login_key.pub}" "${PASSWORD_HASH:?}" "${PASSWORD_LOGIN:?yes or no}"
: "${LOGIN:?root, or a user to add}" "${SUDO_RULE?that user\'s right in sudoers, or nothing}"
: "${SHARED?top folders to take from the lower root}" "${OWN?folders in those not to take}"
: "${MOUNTS?lines of: folder options}" "${CACHE?folder of the machine, or nothing}"

# This is still the machine's /proc, so it tells the number that the machine knows this process by.
read -r machine_pid _ </proc/self/stat

mount -t tmpfs -o mode=755 tmpfs "$STAGE"
upper=$STAGE/upper
root=$STAGE/root
mkdir "$upper" "$STAGE/work" "$root"

# --- what the host does not have of the lower root ---
# A 0:0 character device in the upper layer hides what lies below; a folder made over it later starts empty.

hide() {
  if [ -e "$LOWER/$1" ] || [ -L "$LOWER/$1" ]; then
    mknod "$upper/$1" c 0 0
  fi
}

chmod --reference="$LOWER" "$upper"
for folder in etc var var/cache var/lib; do
  mkdir "$upper/$folder"
  chmod --reference="$LOWER/$folder" "$upper/$folder"
  touch --reference="$LOWER/$folder" "$upper/$folder"
done
for entry in "$LOWER"/* "$LOWER"/.[!.]*; do
  case " $SHARED " in
  *" ${entry##*/} "*) ;;
  *) hide "${entry##*/}" ;;
  esac
done
for folder in $OWN; do
  hide "$folder"
done

mount -t overlay -o "lowerdir=$LOWER,upperdir=$upper,workdir=$STAGE/work" overlay "$root"
cd "$root"
mkdir dev etc/ssh home media mnt proc run srv sys var/log
mkdir -m 700 root
mkdir -m 1777 tmp var/tmp
# sshd writes these; that they are there from the start keeps their folder as it is.
: >var/log/lastlog
: >var/log/wtmp
: >var/log/btmp

# --- its own kernel file systems ---

mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755,nosuid tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755,nosuid tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
(
  umask 0
  mknod -m 666 dev/null c 1 3
  mknod -m 666 dev/zero c 1 5
  mknod -m 666 dev/full c 1 7
  mknod -m 666 dev/random c 1 8
  mknod -m 666 dev/urandom c 1 9
  mknod -m 666 dev/tty c 5 0
)
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr

while read -r folder options; do
  [ -n "$folder" ] || continue
  mkdir -p "./$folder"
  mount -t tmpfs -o "$options" tmpfs "./$folder"
done <<END
$MOUNTS
END
if [ -n "$CACHE" ]; then
  mkdir -p var/cache/python3jail
  mount --bind "$CACHE" var/cache/python3jail
fi

# --- its name and its people ---

hostname "$NAME"
echo "$NAME" >etc/hostname
printf '%s\n' "127.0.0.1 localhost" "$ADDRESS $NAME" >etc/hosts

# sshd refuses an account whose password is locked with a "!", even with the right key.
sed -i "s|^root:[^:]*:|root:$PASSWORD_HASH:|" etc/shadow

allow_key() {
  mkdir -m 700 "$1/.ssh"
  cp "$KEYS/login_key.pub" "$1/.ssh/authorized_keys"
  chmod 600 "$1/.ssh/authorized_keys"
}
allow_key root

if [ "$LOGIN" != root ]; then
  # Not 1000, nor 10000 to 42768: safeexec wants those for itself.
  echo "$LOGIN:x:2001:2001::/home/$LOGIN:/bin/sh" >>etc/passwd
  echo "$LOGIN:x:2001:" >>etc/group
  echo "$LOGIN:$PASSWORD_HASH:20000:0:99999:7:::" >>etc/shadow
  mkdir -m 750 "home/$LOGIN"
  allow_key "home/$LOGIN"
  chown -R 2001:2001 "home/$LOGIN"
  # The whole file: what the lower root's sudoers says is of no interest here.
  rm -f etc/sudoers
  {
    echo 'Defaults env_reset, secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"'
    echo 'root ALL=(ALL:ALL) ALL'
    [ -z "$SUDO_RULE" ] || echo "$LOGIN $SUDO_RULE"
  } >etc/sudoers
  chmod 440 etc/sudoers
fi

# --- its SSH server ---

cp "$KEYS/host_key" etc/ssh/ssh_host_ed25519_key
chmod 600 etc/ssh/ssh_host_ed25519_key
# MaxSessions stays at its default, as on real hosts; MaxStartups does not, since tests come in crowds.
cat >etc/ssh/sshd_config <<END
ListenAddress 0.0.0.0
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile /run/sshd.pid
LogLevel VERBOSE
MaxStartups 200
PermitRootLogin yes
PasswordAuthentication $PASSWORD_LOGIN
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
Subsystem sftp internal-sftp
END

# --- into it ---

# The upper layer's folder stays open as 9, the one way left to look at it from the machine (/proc/PID/fd/9).
exec 9<"$upper"
mkdir run/machine
pivot_root . run/machine
cd /
umount --lazy /run/machine
rmdir /run/machine
# A loop, because whoever ends every process called sleep shall not end the host.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root /bin/sh -c "
  echo ready $machine_pid
  exec >/dev/null 2>&1
  while :; do sleep infinity & wait; done
"
