"""Usage: starts.py COUNT JAIL OTHER ARGUMENT...

Starts Python with these arguments in two jails in turn, as safeexec does: as a user without rights, with its environment.
Prints a line for each pair: the processor milliseconds of both starts. Unlike elapsed time, these do not grow when the
machine is busy.
"""
import os
import sys

ENVIRONMENT = {"PYTHONIOENCODING": "utf-8", "PYTHONHOME": "/", "PYTHONPATH": "/static"}


def milliseconds(jail, arguments):
    pid = os.fork()
    if pid == 0:
        os.chroot(jail)
        os.chdir("/")
        os.setgroups([])
        os.setgid(1000)
        os.setuid(10000)
        os.execve("/bin/python3", ["/bin/python3", *arguments], ENVIRONMENT)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit("python3 in %s ended with %d" % (jail, status))
    return 1000 * (usage.ru_utime + usage.ru_stime)


count, jail, other, *arguments = sys.argv[1:]
for turn in range(-1, int(count)):
    pair = milliseconds(jail, arguments), milliseconds(other, arguments)
    if turn >= 0:
        print(*pair)
