#!/usr/bin/python3 -IS
"""Stands for OpenSSH's client: writes down what a real host answered to each step, or answers so for a host that is not there.

Environment: REPLAY_FOLDER has the answers of a phase (REPLAY_PHASE: up, refresh). REPLAY_RECORDS=yes: run the real client
(REPLAY_CLIENT) and write its answers down. Without, logins and steps take some time (REPLAY_DELAY, seconds at most), and the hosts
of REPLAY_DOWN (parted by commas) refuse.
"""
import hashlib
import os
import random
import re
import subprocess
import sys
import time

arguments = sys.argv[1:]
recording = os.environ.get("REPLAY_RECORDS") == "yes"
client = [os.environ.get("REPLAY_CLIENT", "/usr/bin/ssh"), *arguments]
folder = os.path.join(os.environ["REPLAY_FOLDER"], os.environ["REPLAY_PHASE"])
delay = float(os.environ.get("REPLAY_DELAY", "0.2"))

if "-M" in arguments:
    if recording:
        os.execv(client[0], client)
    host = arguments[arguments.index("--") + 1]
    time.sleep(random.uniform(0.3, 1) * delay)
    if host in os.environ.get("REPLAY_DOWN", "").split(","):
        sys.stderr.write(f"ssh: connect to host {host} port 22: Connection refused\n")
        sys.exit(255)
    print("python3jail-connected", flush=True)
    os.execv("/bin/cat", ["cat"])

if recording and arguments[-1] != "exec sh -s":
    # A file's bytes: no simulated host is sent any.
    os.execv(client[0], client)

program = sys.stdin.read()
# A step is known by the first line of its text and its arguments, but for a jail's new id.
names = re.findall(r"^step\(\) \{\n(# .*)$", program, re.M)
calls = re.findall(r"^step (.*?) </dev/null\nanswer 'done'", program, re.M | re.S)
marks = re.findall(r'"(looked-[0-9a-f-]+ \d+) \$code" >&3', program)
uuid = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
keys = [hashlib.sha1(f"{name}\n{uuid.sub('', call)}".encode()).hexdigest() for name, call in zip(names, calls)]

if recording:
    done = subprocess.run(client, input=program, text=True, stdout=subprocess.PIPE)
    sys.stdout.write(done.stdout)
    os.makedirs(folder, exist_ok=True)
    rest = done.stdout
    for key, mark in zip(keys, marks or [None]):
        answer, _, rest = rest.partition(f"{mark} ") if mark else (rest, "", "")
        rest = rest.partition("\n")[2]
        with open(os.path.join(folder, key), "w") as file:
            file.write(answer)
    sys.exit(done.returncode)

time.sleep(random.uniform(0.1, 1) * delay)
for key, mark in zip(keys, marks or [None]):
    try:
        with open(os.path.join(folder, key)) as file:
            sys.stdout.write(file.read())
        code = 0
    except FileNotFoundError:
        sys.stderr.write("nobody has answered this\n")
        code = 1
    if mark:
        sys.stdout.write(f"{mark} {code}\n")
        sys.stderr.write(f"{mark} {code}\n")
