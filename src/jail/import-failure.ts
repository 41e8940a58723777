import { cut } from "../base/text.js";
import type { SandboxRun } from "./sandbox-run.js";

/** The reason why a module of a package cannot be imported, and a probable remedy. */
export interface ImportFailure {
  /** The last line that the run printed to standard error. */
  readonly lastLine: string;
  readonly cure: string;
}

/** Patterns in the output of a failed import, with a probable remedy each. `MODULE` stands for the module's name. */
const cures: readonly (readonly [said: RegExp, cure: string])[] = [
  [
    /pthread_create failed|can't start new thread|Resource temporarily unavailable|blas_thread/i,
    "it starts too many threads for `limits.processes`: set `environment: {OPENBLAS_NUM_THREADS: 1}` here and in your runner, or raise that limit",
  ],
  [
    /OpenBLAS/,
    "it needs more memory than `limits.memoryKb`: set `environment: {OPENBLAS_NUM_THREADS: 1}` here and in your runner, or raise that limit",
  ],
  [
    /MemoryError|Cannot allocate memory|failed to map segment|bad_alloc|[Uu]nable to allocate|Memory Limit|out of memory/,
    "it needs more memory than `limits.memoryKb`: raise that limit",
  ],
  [
    /cannot open shared object file|cannot load library|could not find.*librar|[Ll]ibrary not found/,
    'it opens a library at run time: give `libraries: {trace: [["/bin/python3", "-c", "import MODULE"]]}`, or name the library in `libraries: {extra: […]}`; the host must have it',
  ],
  [
    /File too large|SIGXFSZ|Output Limit/,
    "it writes a larger file than `limits.fileKb`: raise that limit, and give `system: {tmp: directory}`",
  ],
  [
    /MPLCONFIGDIR|Permission denied|Read-only file system|No usable temporary directory|could not be created|cannot create director|home directory/,
    "it wants a directory to write to: give `system: {tmp: directory}`, and name it in the variable that the package reads, such as `environment: {MPLCONFIGDIR: /tmp}` or `environment: {HOME: /tmp}`, here and in your runner",
  ],
  [
    /Time Limit|[Kk]illed|SIGXCPU|CPU time/,
    "it takes longer than `limits.cpuSeconds` or `limits.clockSeconds`: raise these limits",
  ],
  [/No module named/, "add the package that has this module to `requirements`, or leave out what needs it"],
];

/** Names of signals that tell why a program ended when it could not print the reason. */
const signals: Readonly<Record<number, string>> = { 9: "Killed", 24: "SIGXCPU", 25: "SIGXFSZ" };

const verdict = /^(OK$|Command (exited|terminated)|elapsed time:|memory usage:|cpu usage:)/;

/** Explains a failed import. */
export function importFailureOf({ exitCode, errors }: SandboxRun, module: string): ImportFailure {
  const signal = exitCode > 128 && exitCode < 193 ? exitCode - 128 : undefined;
  const own = errors.filter((line) => line.trim() !== "" && !verdict.test(line));
  const end =
    errors.find((line) => line.startsWith("Command ")) ??
    (signal === undefined ? `ended with exit code ${exitCode}` : `ended by signal ${signal}`);
  const text = [...own, end, signals[signal ?? 0] ?? ""].join("\n");
  const [, cure = "see what it says"] = cures.find(([said]) => said.test(text)) ?? [];
  return { lastLine: cut(own.at(-1)?.trim() ?? end, 200), cure: cure.replace("MODULE", module) };
}
