import { expect, test } from "@jest/globals";
import { importFailureOf } from "../../src/jail/import-failure.js";
import type { SandboxRun } from "../../src/jail/sandbox-run.js";

const run = (errors: string[], exitCode = 1): SandboxRun => ({
  via: "chroot",
  command: "chroot",
  exitCode,
  seconds: 1,
  printed: [],
  errors,
});
const traceback = ["Traceback (most recent call last):", '  File "<string>", line 1, in <module>'];
const memory = /^it needs more memory than `limits\.memoryKb`: raise that limit$/;

// What real packages said, and what Python and safeexec say.
const cases: [name: string, SandboxRun, lastLine: string, cure: RegExp][] = [
  ["MemoryError", run([...traceback, "MemoryError", ""]), "MemoryError", memory],
  [
    "a library that does not fit into memory",
    run([...traceback, "ImportError: libfoo.so: failed to map segment from shared object"]),
    "ImportError: libfoo.so: failed to map segment from shared object",
    memory,
  ],
  [
    "OpenBLAS without memory",
    run(["OpenBLAS error: Memory allocation still failed after 10 retries, giving up."], 1),
    "OpenBLAS error: Memory allocation still failed after 10 retries, giving up.",
    /limits\.memoryKb.*OPENBLAS_NUM_THREADS: 1/,
  ],
  [
    "OpenBLAS without threads",
    run(
      [
        "OpenBLAS blas_thread_init: pthread_create failed for thread 15 of 64: Resource temporarily unavailable",
        "OpenBLAS blas_thread_init: RLIMIT_NPROC 16 current, 16 max",
      ],
      130,
    ),
    "OpenBLAS blas_thread_init: RLIMIT_NPROC 16 current, 16 max",
    /limits\.processes.*OPENBLAS_NUM_THREADS: 1/,
  ],
  [
    "a library that is opened at run time",
    run([...traceback, "OSError: libsndfile.so: cannot open shared object file: No such file or directory"]),
    "OSError: libsndfile.so: cannot open shared object file: No such file or directory",
    /trace: \[\["\/bin\/python3", "-c", "import soundfile"\]\].*extra/,
  ],
  [
    "matplotlib without a directory",
    run([
      "OSError: Matplotlib requires access to a writable cache directory, but there was an issue with the default path (/.config/matplotlib), and a temporary directory could not be created; set the MPLCONFIGDIR environment variable to a writable directory",
    ]),
    expect.stringMatching(/^OSError: Matplotlib requires .*…$/) as unknown as string,
    /tmp: directory.*MPLCONFIGDIR: \/tmp/,
  ],
  [
    "a file that is not to be written",
    run([...traceback, "PermissionError: [Errno 13] Permission denied: '/static/cache'"]),
    "PermissionError: [Errno 13] Permission denied: '/static/cache'",
    /tmp: directory/,
  ],
  ["a file that is too large", run([], 153), "ended by signal 25", /limits\.fileKb/],
  [
    "time, through safeexec",
    run(["Time Limit Exceeded", "elapsed time: 10 seconds", "memory usage: 8460 kbytes"], 0),
    "Time Limit Exceeded",
    /limits\.cpuSeconds/,
  ],
  [
    "a signal, through safeexec",
    run(["Command terminated by signal (9: Killed)", "elapsed time: 1 seconds"], 0),
    "Command terminated by signal (9: Killed)",
    /limits\.cpuSeconds/,
  ],
  [
    "a module that is not there, through safeexec",
    run(["ModuleNotFoundError: No module named 'tkinter'", "Command exited with non-zero status (1)", "cpu usage: 1"]),
    "ModuleNotFoundError: No module named 'tkinter'",
    /requirements/,
  ],
  ["a crash", run([], 139), "ended by signal 11", /^see what it says$/],
];

test.each(cases)(
  "an import that fails for want of %s is told in its last line, with a cure",
  (_, failed, line, cure) => {
    const failure = importFailureOf(failed, "soundfile");
    expect(failure.lastLine).toEqual(line);
    expect(failure.cure).toMatch(cure);
  },
);
