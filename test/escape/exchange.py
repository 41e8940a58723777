"""exchange.py USER COUNT DIRECTORY FILE PATH...: as a user, exchanges each path with something else of its name, at random moments.

The others stand beside it: a symbolic link to DIRECTORY, one to FILE, a directory, a file. With `PATH=OTHER` it is OTHER alone. Makes the
file COUNT when it begins. SIGTERM ends it: it then says there how often it has exchanged something.
"""

import ctypes
import os
import random
import signal
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE, PR_SET_PDEATHSIG = -100, 2, 1
exchanged = 0
ended = False


def end(*_):
    global ended
    ended = True


def exchange(one, other):
    global exchanged
    if libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), RENAME_EXCHANGE) == 0:
        exchanged += 1


def make(function, *arguments):
    try:
        function(*arguments)
    except OSError:
        pass


def decoys(path, directory, file):
    names = [path + ending for ending in (".to-directory", ".to-file", ".directory", ".file")]
    make(os.symlink, directory, names[0])
    make(os.symlink, file, names[1])
    make(os.mkdir, names[2])
    make(lambda: open(names[3], "x").close())
    return names


user, count, directory, file, *paths = sys.argv[1:]
signal.signal(signal.SIGTERM, end)
with open(count, "w") as told:
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    pairs = []
    for path in paths:
        if "=" in path:
            pairs.append(path.split("="))
        else:
            pairs += [(path, decoy) for decoy in decoys(path, directory, file)]
    while not ended:
        one, other = random.choice(pairs)
        exchange(one, other)
        time.sleep(random.random() * 0.003)
        # A step that finds its own there again goes on to the next place.
        exchange(one, other)
        time.sleep(random.random() * 0.003)
    told.write(str(exchanged))
