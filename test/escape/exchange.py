"""exchange.py DIRECTORY FILE PATH...: until it is ended, exchanges each path with something else of the same name, at random moments.

The others stand beside it: a symbolic link to DIRECTORY, one to FILE, a directory, a file. With `PATH=OTHER` it is OTHER alone.
"""

import ctypes
import os
import random
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def exchange(one, other):
    libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), RENAME_EXCHANGE)


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
    make(lambda name: open(name, "x").close(), names[3])
    return names


directory, file, *paths = sys.argv[1:]
pairs = []
for path in paths:
    if "=" in path:
        pairs.append(tuple(path.split("=")))
    else:
        pairs += [(path, decoy) for decoy in decoys(path, directory, file)]
while True:
    one, other = random.choice(pairs)
    exchange(one, other)
    time.sleep(random.random() * 0.003)
    # A step that finds its own there again goes on to the next place.
    exchange(one, other)
    time.sleep(random.random() * 0.003)
