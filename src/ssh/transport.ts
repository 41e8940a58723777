import type { Readable } from "node:stream";

/** How a program on a host ended, and what it printed. */
export interface ProgramResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program text that is put together when it can be sent. `connected` is fulfilled once the host has let us in. */
export type LateProgram = (connected: Promise<void>) => Promise<string>;

/**
 * A way to a host: runs programs there as root, and moves files. `Host` is the one over OpenSSH; tests have one on this machine. Every
 * `step` names in errors what the work is for. All functions throw HostError.
 */
export interface Transport {
  /** Logical name of the host, for messages. */
  readonly name: string;

  /**
   * Runs a program text on the standard input of the shell that `command` starts (it begins with `exec`). A program that is a function is
   * asked for its text when that can be sent. Throws HostError where it could not run; how it ended is the result.
   */
  shell(
    step: string,
    program: string | LateProgram,
    timeoutSeconds: number | (() => number),
    command?: string,
  ): Promise<ProgramResult>;

  /** Writes bytes to a path on the host, mode 0600, or to the end of the file there. The path's directory exists, and is ours. */
  upload(
    step: string,
    path: string,
    content: () => Readable,
    timeoutSeconds: number,
    options?: { readonly append?: boolean },
  ): Promise<void>;

  /** Appends bytes of a file on the host to a local file: from a position on, and so many at most. */
  download(
    step: string,
    path: string,
    from: number,
    bytes: number,
    file: string,
    timeoutSeconds: number,
  ): Promise<void>;

  /** Keeps the connection open while some work lasts that runs several programs. */
  using<T>(work: () => Promise<T>): Promise<T>;
}
