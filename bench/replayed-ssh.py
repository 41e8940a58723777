#!/usr/bin/python3 -IS
"""Replaces OpenSSH's client: records what a real host answers to each step, or answers so for a simulated host.

Environment: REPLAY_FOLDER has the answers of a phase (REPLAY_PHASE: up, refresh). With REPLAY_RECORDS=yes, this runs the
real client (REPLAY_CLIENT) and records its answers. Otherwise, logins and steps take some time (at most REPLAY_DELAY
seconds), and the hosts of REPLAY_DOWN (separated by commas) refuse connections.
"""
import hashlib
import json
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
uuid = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def steps_of(program: str) -> list[tuple[str, str | None]]:
    """Lists a program's steps, remembered reads and others, each with its key and the mark that ends its answer, if any."""
    found = []
    for match in re.finditer(r"^recall (\S+) .*$|^step\(\) \{\n(.*\n.*)\n(?:.*\n)*?(?=^step )^step (.*?) </dev/null\nanswer 'done'", program, re.M):
        recalled, text, call = match.groups()
        mark = re.compile(r'"(looked-[0-9a-f-]+ \d+) \$code" >&3').search(program, match.end())
        # Leave out a jail's new id, which differs each time.
        key = f"recall {recalled}" if recalled else f"{text}\n{uuid.sub('', call)}"
        found.append((hashlib.sha1(key.encode()).hexdigest(), mark and mark.group(1)))
    return found


def write_down(program: str, answer: str) -> None:
    """Records the answer to each step of a program, with its exit code."""
    os.makedirs(folder, exist_ok=True)
    for key, mark in steps_of(program):
        text, code = answer, "0"
        if mark:
            text, _, rest = answer.partition(f"{mark} ")
            code, _, answer = rest.partition("\n")
        with open(os.path.join(folder, key), "w") as file:
            json.dump([text, code], file)


def answer_of(program: str) -> str:
    """Returns the answer of a simulated host."""
    time.sleep(random.uniform(0.1, 1) * delay)
    answer = ""
    for key, mark in steps_of(program):
        try:
            with open(os.path.join(folder, key)) as file:
                text, code = json.load(file)
        except FileNotFoundError:
            sys.stderr.write("nobody has answered this\n")
            text, code = "", "1"
        answer += text + (f"{mark} {code}\n" if mark else "")
    return answer


def programs_of_session():
    """Yields the programs on standard input one after another, each as (mark, command, text)."""
    while mark := sys.stdin.readline():
        if not mark.startswith("python3jail-program-"):
            continue
        command, text = sys.stdin.readline(), ""
        while not text.endswith("\n}\n\nexit\n"):
            line = sys.stdin.readline()
            if not line:
                return
            text += line
        yield mark.rstrip("\n"), command, text


if "-M" in arguments:
    real = None
    if recording:
        real = subprocess.Popen(client, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        # The login's output, up to the line that ends the login.
        for line in real.stdout:
            sys.stdout.write(line)
            if line.startswith("python3jail-connected"):
                break
    else:
        host = arguments[arguments.index("--") + 1]
        time.sleep(random.uniform(0.3, 1) * delay)
        if host in os.environ.get("REPLAY_DOWN", "").split(","):
            sys.stderr.write(f"ssh: connect to host {host} port 22: Connection refused\n")
            sys.exit(255)
        print("python3jail-connected")
    sys.stdout.flush()
    for mark, command, text in programs_of_session():
        if real:
            real.stdin.write(f"{mark}\n{command}{text}")
            real.stdin.flush()
            answer = ""
            for line in real.stdout:
                if line.rstrip("\n").endswith(mark):
                    code = line.split(" ")[0]
                    break
                answer += line
            write_down(text, answer)
        else:
            answer, code = answer_of(text), "0"
        sys.stdout.write(f"{answer}\n{code} {mark}\n")
        sys.stdout.flush()
        sys.stderr.write(f"{mark}\n")
        sys.stderr.flush()
    if real:
        real.stdin.close()
        real.wait()
    sys.exit(0)

if recording and arguments[-1] != "exec sh -s" and "exec env" not in arguments[-1]:
    # Bytes of a file, which no simulated host receives.
    os.execv(client[0], client)

program = sys.stdin.read()
if recording:
    done = subprocess.run(client, input=program, text=True, stdout=subprocess.PIPE)
    sys.stdout.write(done.stdout)
    write_down(program, done.stdout)
    sys.exit(done.returncode)
sys.stdout.write(answer_of(program))
