import type { Readable } from "node:stream";

/** How a program on a host ended, and what it printed. */
export interface ProgramResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A function that composes a program's text when it can be sent. `connected` is fulfilled after the login. */
export type LateProgram = (connected: Promise<void>) => Promise<string>;

/**
 * A connection to a host, which runs programs as root and transfers files. `Host` uses OpenSSH. Tests use this machine
 * instead of a host. `step` names the failed work in errors. All functions throw HostError.
 */
export interface Transport {
  /** Logical name of the host, for messages. */
  readonly name: string;

  /**
   * Runs a program as root: sends its text to the standard input of the shell that `command` starts. `command` begins
   * with `exec`. A program that is a function is called when its text can be sent. Returns how the program ended.
   * Throws HostError if it could not run, or exceeded its time limit.
   */
  shell(
    step: string,
    program: string | LateProgram,
    timeoutSeconds: number | (() => number),
    command?: string,
  ): Promise<ProgramResult>;

  /** Writes bytes to a file on the host (mode 0600), or appends them. Its directory must exist, and be one of ours. */
  upload(
    step: string,
    path: string,
    content: () => Readable,
    timeoutSeconds: number,
    options?: { readonly append?: boolean },
  ): Promise<void>;

  /** Appends bytes of a file on the host to a local file: those from position `from` on, at most `bytes`. */
  download(
    step: string,
    path: string,
    from: number,
    bytes: number,
    file: string,
    timeoutSeconds: number,
  ): Promise<void>;

  /** Keeps the connection open during work that runs several programs. */
  using<T>(work: () => Promise<T>): Promise<T>;
}
