import { spawn } from "node:child_process";

/** A program may print this many bytes. */
const maxOutput = 1024 * 1024;

/** Bytes that are kept of the end of standard error. safeexec's report comes last, so a program cannot push it out. */
const keptErrors = 8192;

/**
 * Python code that reads the program from standard input, runs it, and leaves the rest, the task's input, to it. Python
 * itself may lack the memory to print a MemoryError.
 */
const launcher = `
def run():
    import os
    def read(size):
        data = b""
        while len(data) < size:
            part = os.read(0, size - len(data))
            if not part: raise EOFError("standard input ends before the program does")
            data += part
        return data
    source = read(int(read(10)))
    try:
        exec(compile(source, "program.py", "exec"), globals())
    except MemoryError:
        globals().clear()
        os.write(2, b"MemoryError\\n")
        os._exit(1)
run()
`;

/**
 * Runs a program in the jail. Only `command`, which is ours, is parsed by a shell: the program and its input are bytes on
 * standard input.
 */
export function runInJail(command, program, input) {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", `exec ${command} "$@"`, "sh", "-c", launcher], {
      cwd: "/",
      env: { PATH: process.env.PATH },
    });
    const output = Buffer.alloc(maxOutput);
    let size = 0;
    let errors = Buffer.alloc(0);
    child.stdout.on("data", (part) => {
      part.copy(output, size);
      size += part.length;
      // The program's next write fails, which ends most programs; the time limit ends the others.
      if (size > maxOutput) child.stdout.destroy();
    });
    child.stderr.on("data", (part) => {
      errors = Buffer.concat([errors, part]).subarray(-keptErrors);
    });
    child.on("error", reject);
    child.on("close", (exitCode) => {
      resolve({ output: output.subarray(0, size), errors, tooMuchOutput: size > maxOutput, exitCode });
    });
    // A program need not read its input.
    child.stdin.on("error", () => {});
    const code = Buffer.from(program);
    child.stdin.end(Buffer.concat([Buffer.from(String(code.length).padStart(10, "0")), code, Buffer.from(input)]));
  });
}

/**
 * Judges a run by safeexec's report and exit code, and by the output. Throws if there is no report: then the program did
 * not run.
 */
export function judge({ output, errors, tooMuchOutput, exitCode }, expected) {
  const lines = errors.toString().trimEnd().split("\n");
  const [status = "", elapsed, memory, cpu] = lines.splice(-4);
  const figures = /^elapsed time: \d+ seconds\nmemory usage: (\d+) kbytes\ncpu usage: ([\d.]+) seconds$/.exec(
    [elapsed, memory, cpu].join("\n"),
  );
  if (!figures) throw new Error(`safeexec gave no report, exit code ${exitCode}: ${errors.toString().slice(-500)}`);
  const used = { cpuSeconds: Number(figures[2]), memoryKb: Number(figures[1]) };
  const lastError = shortened(lines.findLast((line) => line.trim() !== "") ?? "");

  if (tooMuchOutput) return { verdict: "output limit", detail: `more than ${maxOutput} bytes`, ...used };
  // The status has no line of its own after an error text that ends without a line break.
  if (status.endsWith("Time Limit Exceeded")) return { verdict: "time limit", ...used };
  if (status.endsWith("Memory Limit Exceeded") || /^[\w.]*MemoryError\b/.test(lastError))
    return { verdict: "memory limit", detail: lastError, ...used };
  if (!status.endsWith("OK") || exitCode !== 0)
    return { verdict: "runtime error", detail: lastError || shortened(status), ...used };
  const difference = firstDifference(output.toString(), expected);
  if (difference !== undefined) return { verdict: "wrong answer", detail: difference, ...used };
  return { verdict: "accepted", ...used };
}

/** Describes the first line that differs. Blanks at the end of a line, and empty lines at the end, do not count. */
function firstDifference(output, expected) {
  const [printed, wanted] = [output, expected].map((text) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => line.trimEnd()),
  );
  const index = printed.findIndex((line, number) => line !== wanted[number]);
  if (index >= 0) return `line ${index + 1} of the output is ${JSON.stringify(shortened(printed[index]))}`;
  if (printed.length < wanted.length) return `the output ends after line ${printed.length}`;
  return undefined;
}

function shortened(line) {
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
