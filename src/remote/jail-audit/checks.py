"""The programs of the audit's dynamic part: `checks.py PROGRAM ARGUMENT...`, run in the jail like sandboxed programs.

Each tries what a hostile program would try, but in a form that harms no host even if nothing confines it: it limits
itself, and undoes what worked. They print lines `CHECK VERDICT WORDS`; VERDICT is holds, weak, broken or unknown.
"""
import errno
import os
import signal
import sys
import time

MAX_FORKS = 200
MAX_SECONDS = 6
FAR = 1 << 30  # one byte at this offset makes a file of 1 GiB that takes one page
DIRECTORIES = ("/", "/scratch", "/static", "/tmp", "/dev", "/dev/shm", "/var/tmp", "/etc", "/lib", "/usr", "/bin", "/lib64")


def report(check, verdict, words):
    print(check, verdict, words, flush=True)


def reason(error):
    return getattr(error, "strerror", None) or type(error).__name__


def judge(check, wrong, right):
    """Reports `broken` with what is in `wrong`, or `holds` with the text `right` if `wrong` is empty."""
    report(check, "broken" if wrong else "holds", "; ".join(wrong[:5]) or right)


# --- checks that one process can do


def probe(addresses, listening, devices, file_kb):
    for check, run in (
        ("identity", identity),
        ("clean-environment", environment),
        ("descriptors", descriptors),
        ("system-folders", system_directories),
        ("host-accounts", host_accounts),
        ("file-size", lambda check: file_size(check, int(file_kb))),
        ("own-limits", own_limits),
        ("devices-work", lambda check: devices_work(check, devices.split())),
        ("no-network", lambda check: network(check, addresses, listening)),
        ("no-smtp", lambda check: smtp(check, addresses, listening)),
        ("privileged-calls", privileged_calls),
    ):
        try:
            run(check)
        except Exception as error:
            report(check, "unknown", "%s: %s" % (type(error).__name__, error))


def libc():
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def identity(check):
    import ctypes

    wrong = []
    for what, ids in ("uid", os.getresuid()), ("gid", os.getresgid()):
        if 0 in ids:
            wrong.append("%s is root's" % what)
        if len(set(ids)) > 1:
            wrong.append("real, effective and saved %s are %s" % (what, " ".join(map(str, ids))))
    groups = [group for group in os.getgroups() if group != os.getgid()]
    if groups:
        wrong.append("supplementary groups: %s" % " ".join(map(str, groups[:5])))
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    if libc().capget(header, data) == 0 and any(data):
        wrong.append("capabilities: %08x%08x effective, %08x%08x permitted, %08x%08x inheritable" % (data[3], data[0], data[4], data[1], data[5], data[2]))
    forbidden = libc().prctl(39, 0, 0, 0, 0) == 1
    judge(check, wrong, "uid %d, gid %d, no groups, no capabilities, new privileges %sforbidden" % (os.getuid(), os.getgid(), "" if forbidden else "not "))


def environment(check):
    wrong = ["a variable of the caller's is visible"] if "PYTHON3JAIL_AUDIT" in os.environ else []
    judge(check, wrong, "only " + " ".join(sorted(os.environ)[:10]))


def descriptors(check):
    wrong = []
    for number in range(3, 256):
        try:
            wrong.append("%d is open (%s)" % (number, "a folder" if os.fstat(number).st_mode & 0o170000 == 0o040000 else os.read(number, 6).decode("ascii", "replace").strip()))
        except OSError as error:
            if error.errno != errno.EBADF:
                wrong.append("%d is open" % number)
    judge(check, wrong, "none besides standard input, output and error")


def system_directories(check):
    wrong = []
    for directory in ("/", "/etc", "/lib", "/usr", "/bin", "/lib64", "/dev", "/static"):
        name = os.path.join(directory, ".audit")
        try:
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            os.unlink(name)
            wrong.append("%s can be written" % directory)
        except OSError:
            pass
    for file in ("/bin/python3", os.__file__, "/dev", "/REM_this_is_jail"):
        try:
            os.close(os.open(file, os.O_WRONLY))
            wrong.append("%s can be written" % file)
        except OSError:
            pass
    judge(check, wrong, "every attempt was refused")


def host_accounts(check):
    wrong = []
    for file in ("/etc/shadow", "/etc/gshadow"):
        try:
            os.close(os.open(file, os.O_RDONLY))
            wrong.append("%s can be read" % file)
        except OSError:
            pass
    judge(check, wrong, "no passwords can be read")


def file_size(check, limit_kb):
    wrong, tried = [], 0
    far = max(FAR, limit_kb << 11)
    size = "%d GiB" % (far >> 30)
    for directory in ("",) + DIRECTORIES:
        try:
            if directory:
                name = os.path.join(directory, ".audit-size")
                file = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                os.unlink(name)
            else:
                file = os.memfd_create("audit")
        except (OSError, AttributeError):
            continue
        tried += 1
        try:
            os.pwrite(file, b"x", far)
            wrong.append("a file of %s can be made in %s" % (size, directory or "memory"))
        except OSError:
            pass
        os.close(file)
    if tried:
        judge(check, wrong, size + " was refused")
    else:
        report(check, "unknown", "no file could be made to try")


def own_limits(check):
    import resource

    wrong, limited = [], []
    for name in ("CPU", "AS", "NPROC", "NOFILE", "FSIZE", "CORE"):
        number = getattr(resource, "RLIMIT_" + name)
        soft, hard = resource.getrlimit(number)
        if soft == resource.RLIM_INFINITY:
            continue
        limited.append("%s %d" % (name, soft))
        try:
            # Succeeds if only the soft limit is set, or if the process has the right to raise hard limits.
            resource.setrlimit(number, (soft + 1, hard if hard > soft or hard == resource.RLIM_INFINITY else hard + 1))
            wrong.append("the limit %s could be raised" % name)
        except (ValueError, OSError):
            pass
    if not limited:
        wrong.append("there is no limit on anything")
    judge(check, wrong, "no limit could be raised: " + ", ".join(limited))


def devices_work(check, devices):
    wrong = []
    for device in devices:
        try:
            if device == "dev/null":
                with open("/dev/null", "r+b", buffering=0) as null:
                    if null.write(b"x") != 1 or null.read(1) != b"":
                        wrong.append("/dev/null does not swallow what is written")
            elif device in ("dev/urandom", "dev/random"):
                file = os.open("/" + device, os.O_RDONLY | os.O_NONBLOCK)
                if device == "dev/urandom" and os.read(file, 16) == os.read(file, 16):
                    wrong.append("/dev/urandom gives no random bytes")
                os.close(file)
        except OSError as error:
            wrong.append("/%s: %s" % (device, reason(error)))
    judge(check, wrong, ", ".join(devices) or "none is declared")


def attempts(targets):
    """Tries TCP connections; yields a text for each that got an answer."""
    import socket

    for host, port, refusal_counts in targets:
        with socket.socket() as attempt:
            attempt.settimeout(0.5)
            try:
                attempt.connect((host, port))
                yield "%s port %d could be connected to" % (host, port)
            except ConnectionRefusedError:
                if refusal_counts:
                    yield "%s port %d answered (connection refused)" % (host, port)
            except OSError:
                pass


def network(check, addresses, listening):
    import socket

    wrong = []
    # 192.0.2.1 is in a range reserved for documentation. The resolver asks the
    # loopback's address if no name server is configured.
    for what, where in ("a raw address (192.0.2.1)", ("192.0.2.1", 9)), ("a name server", ("127.0.0.1", 53)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            datagram.settimeout(0.5)
            try:
                datagram.sendto(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06python\x03org\x00\x00\x01\x00\x01", where)
                wrong.append("something could be sent to %s" % what)
            except OSError:
                pass
    wrong += attempts([("127.0.0.1", int(port), False) for port in listening.split(",") if port])
    wrong += attempts([(address, 9, True) for address in addresses.split(",") if address])
    if not wrong:
        # glibc waits five seconds, twice: stop it earlier.
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.alarm(2)
        try:
            socket.getaddrinfo("python.org", 80)
            wrong.append("the name python.org was resolved")
        except (OSError, KeyboardInterrupt):
            pass
        signal.alarm(0)
    interfaces = [name for _, name in socket.if_nameindex()]
    judge(check, wrong, "no address was reached, no name resolved; interfaces: " + " ".join(interfaces[:5]))


def smtp(check, addresses, listening):
    hosts = [address for address in addresses.split(",") if address]
    wrong = list(attempts([("127.0.0.1", 25, "25" in listening.split(","))] + [(host, 25, True) for host in hosts]))
    judge(check, wrong, "port 25 was not reached")


def privileged_calls(check):
    import ctypes

    wrong = []
    call = libc()

    def refused(what, result):
        if result != -1 or ctypes.get_errno() not in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ESRCH):
            wrong.append("%s is not refused" % what)

    for directory in DIRECTORIES:
        name = os.path.join(directory, ".audit-node")
        try:
            os.mknod(name, 0o020600, os.makedev(1, 3))
            os.unlink(name)
            wrong.append("mknod is not refused in %s" % directory)
        except OSError:
            pass
    # The type does not exist: a process that may mount gets "no such device", any other gets "not permitted".
    refused("mount", call.mount(b"none", b"/", b"no-such-file-system", 0, None))
    refused("a new user namespace", call.unshare(0x10000000))
    parent = os.getppid()
    if parent > 0:
        attached = call.ptrace(16, parent, None, None)
        refused("ptrace of the parent", attached)
        if attached == 0:
            call.ptrace(17, parent, None, None)
    try:
        os.chroot("/static")
        wrong.append("chroot is not refused")
        for _ in range(64):
            os.chdir("..")
        os.chroot(".")
        wrong.append("chroot and `..` lead out of the jail")
    except OSError:
        pass
    judge(check, wrong, "chroot, mknod, mount, ptrace and a user namespace were refused")


# --- programs that a limit must stop


def fork_bomb(most):
    # Start more processes than the limit allows; MAX_FORKS bounds them in any case.
    bound = min(int(most) + 20, MAX_FORKS) if int(most) else MAX_FORKS
    children = []
    why = None
    while len(children) < bound:
        try:
            child = os.fork()
        except OSError as error:
            why = reason(error)
            break
        if child == 0:
            time.sleep(MAX_SECONDS)
            os._exit(0)
        children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if why:
        report("fork-bomb", "holds", "stopped after %d: %s" % (len(children), why))
    elif int(most) + 20 > MAX_FORKS:
        report("fork-bomb", "unknown", "a limit of %s processes is above what is tried (%d)" % (most, MAX_FORKS))
    else:
        report("fork-bomb", "broken", "%d processes were started" % len(children))


def memory_bomb(limit_kb, free_mb):
    step = 4 << 20
    wanted = (int(limit_kb) << 10) + (64 << 20)
    blocks = []
    try:
        while len(blocks) * step < wanted:
            blocks.append(bytearray(step))
    except MemoryError:
        allocated = len(blocks) * step >> 20
        blocks.clear()
        report("memory-bomb", "holds", "MemoryError after %d MB" % allocated)
        return
    # Memory that is allocated is not in use yet. Use it only if the host can spare it.
    if wanted > int(free_mb) << 18:
        report("memory-bomb", "unknown", "%d MB could be asked for; the host has too little to try their use" % (wanted >> 20))
        return
    for block in blocks:
        block[::4096] = b"x" * (step // 4096)
    report("memory-bomb", "broken", "%d MB could be used" % (wanted >> 20))


def spin():
    # On a busy host a second of processor time takes many by the clock.
    start = time.monotonic()
    while time.process_time() < 3:
        if time.monotonic() - start > 35:
            report("time-limits", "unknown", "the host is too busy to try a limit of processor time")
            return
    report("time-limits", "broken", "a program could spin for 3 s of processor time")


def sleep():
    time.sleep(MAX_SECONDS)
    report("time-limits", "broken", "a program could sleep for %d s" % MAX_SECONDS)


def stop():
    os.kill(os.getpid(), signal.SIGSTOP)


def output_flood():
    written = 0
    block = b"0123456789abcde\n" * 4096
    verdict, words = "broken", "8 MB were taken"
    try:
        while written < 8 << 20:
            written += os.write(1, block)
    except OSError as error:
        verdict, words = "holds", "stopped after %d kB: %s" % (written >> 10, reason(error))
    os.write(2, ("output-flood %s %s\n" % (verdict, words)).encode())


# --- between runs


def segment(mark):
    call = libc()
    return call, int(mark, 16)


def leave(mark):
    for directory in DIRECTORIES:
        try:
            os.close(os.open(os.path.join(directory, ".audit-" + mark), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except OSError:
            pass
    try:
        call, key = segment(mark)
        call.shmget(key, 4096, 0o1666)
    except (OSError, ImportError):
        pass
    try:
        child = os.fork()
        if child == 0:
            os.setsid()
            for number in 0, 1, 2:
                os.close(number)
            time.sleep(2 * MAX_SECONDS)
            os._exit(0)
        print("left", child, flush=True)
    except OSError:
        pass


def find(mark, left):
    strong, weak = [], []
    for directory in DIRECTORIES:
        name = os.path.join(directory, ".audit-" + mark)
        if os.path.lexists(name):
            (weak if directory in ("/tmp", "/dev/shm") else strong).append("a file in " + directory)
            try:
                os.unlink(name)
            except OSError:
                pass
    try:
        call, key = segment(mark)
        found = call.shmget(key, 0, 0)
        if found != -1:
            call.shmctl(found, 0, None)
            strong.append("shared memory (System V)")
    except (OSError, ImportError):
        pass
    if int(left):
        try:
            os.kill(int(left), 0)
            strong.append("a process")
        except PermissionError:
            strong.append("a process")
        except OSError:
            pass
    verdict = "broken" if strong else "weak" if weak else "holds"
    report("no-leftovers", verdict, ", ".join(strong + weak) + " of the run before" if strong or weak else "no file, shared memory or process of the run before")


def wait_here():
    print("here", flush=True)
    sys.stdin.read()


def look_around():
    wrong = []
    own = os.getpid()
    for other in range(max(2, own - 2000), own + 200):
        try:
            if other != own:
                os.kill(other, 0)
                wrong.append("another program can be signalled")
                break
        except OSError:
            pass
    try:
        listed = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
        if listed:
            wrong.append("/proc lists %d other processes" % len(listed))
    except OSError:
        pass
    judge("other-sandboxes", wrong, "no other process can be listed or signalled")


# --- what must work


def text():
    print(sys.stdin.readline().strip(), flush=True)


def crash():
    try:
        import ctypes

        ctypes.string_at(0)
    finally:
        os.kill(os.getpid(), signal.SIGSEGV)


def modules():
    import importlib

    wrong = []
    for name in (
        "abc array ast asyncio base64 bisect bz2 calendar cmath collections contextlib copy csv ctypes dataclasses datetime decimal "
        "difflib enum fractions functools hashlib heapq hmac html io itertools json logging lzma math operator os pathlib pickle "
        "random re secrets shutil sqlite3 ssl statistics string struct subprocess tempfile textwrap threading time traceback "
        "types typing unicodedata unittest urllib.request uuid weakref xml.etree.ElementTree zlib zoneinfo"
    ).split():
        try:
            importlib.import_module(name)
        except Exception as error:
            wrong.append("%s: %s" % (name, error))
    judge("modules", wrong, "the standard modules import")


def threads():
    import threading

    threading.stack_size(256 << 10)
    done = []
    try:
        several = [threading.Thread(target=done.append, args=(number,)) for number in range(4)]
        for thread in several:
            thread.start()
        for thread in several:
            thread.join()
    except RuntimeError as error:
        report("threads", "broken", "after %d: %s" % (len(done), error))
        return
    report("threads", "holds" if sorted(done) == [0, 1, 2, 3] else "broken", "%d threads ran" % len(done))


def spaces(*directories):
    """Does what programs do with the directories that everybody may write to."""
    import fcntl
    import subprocess
    import tempfile

    def temporary_file():
        for directory in directories:
            with tempfile.NamedTemporaryFile(dir="/" + directory) as file:
                file.write(b"x" * (64 << 10))
                file.flush()
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if "tmp" in directories and tempfile.gettempdir() != "/tmp":
            raise OSError("/tmp is not used")

    def another_program():
        child = subprocess.run([sys.executable, "-S", "-c", "print(6*7)"], stdout=subprocess.PIPE, timeout=10)
        if child.stdout.strip() != b"42":
            raise OSError("it printed %r, exit code %d" % (child.stdout[:20], child.returncode))

    def worker_process():
        import multiprocessing

        context = multiprocessing.get_context("fork")
        lock = context.Lock()
        reader, writer = context.Pipe(False)

        def work():
            with lock:
                writer.send(42)

        process = context.Process(target=work)
        process.start()
        answered = reader.poll(10) and reader.recv() == 42
        process.kill()
        process.join()
        if not answered:
            raise OSError("it gave no answer")

    wrong = []
    for what, attempt in ("a temporary file", temporary_file), ("a subprocess", another_program), ("multiprocessing", worker_process):
        # Semaphores are files in /dev/shm.
        if attempt is worker_process and "dev/shm" not in directories:
            continue
        try:
            attempt()
        except Exception as error:
            wrong.append("%s: %s" % (what, error))
    judge("spaces", wrong, "temporary files, locks and subprocesses work in " + ", ".join("/" + directory for directory in directories))


globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
