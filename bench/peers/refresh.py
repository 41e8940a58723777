"""Reads what a refresh of a jail reads, as a pyinfra deploy would: one operation for each of our resources."""
from pyinfra.operations import server

jail = "/srv/python3jail"
looks = {
    "the folder and its marker": f"test -e {jail}/REM_this_is_jail",
    "python": f"""test "$(cd {jail} && find bin lib/python3.13 -printf '%i %s %C@ %p\\n' | sort | sha256sum)" = "$(cat /var/tmp/python.digest)" """,
    "the libraries": f"""test "$(cd {jail} && find lib lib64 .libraries -path lib/python3.13 -prune -o -printf '%i %s %C@ %p\\n' | sort | sha256sum)" = "$(cat /var/tmp/libraries.digest)" """,
    "accounts": f"sha1sum {jail}/etc/passwd",
    "null": f"test \"$(stat -c '%t:%T %a %U:%G' {jail}/dev/null)\" = '1:3 666 root:root'",
    "random": f"test \"$(stat -c '%t:%T %a %U:%G' {jail}/dev/random)\" = '1:8 666 root:root'",
    "urandom": f"test \"$(stat -c '%t:%T %a %U:%G' {jail}/dev/urandom)\" = '1:9 444 root:root'",
    "permissions": f"""test -z "$(find {jail} ! -type l ! -path '{jail}/dev/*' ! -path '{jail}/scratch*' \\( -perm -002 -o ! -user root \\))" """,
    "what runs inside": f"test \"$(chroot --userspec=10000:1000 {jail} /bin/python3 -S -c 'print(1+1)')\" = 2",
}
for name, command in looks.items():
    server.shell(name=name, commands=[command])
