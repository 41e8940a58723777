import { randomUUID } from "node:crypto";
import { ByteLimitExceeded, Meter } from "../base/bounded.js";
import type { Readable } from "node:stream";
import { askpassEnvironment, channelArguments, defaultConnectTimeout, masterArguments } from "./openssh.js";
import type { Connection } from "./connection.js";
import { diagnose, type Diagnosis } from "./diagnosis.js";
import { messageOf } from "../base/errors.js";
import { temporaryDirectory } from "../base/temporary.js";
import { Output } from "./output.js";
import { PrivateFolder, type LoginFiles } from "./secrets.js";
import type { LateProgram, ProgramResult } from "./transport.js";

/** How a command over a channel ended, and what it printed. */
export interface ChannelResult extends ProgramResult {
  readonly timedOut: boolean;
  /** The error of reading the input or storing the output on this machine. The command itself may have succeeded. */
  readonly localError?: unknown;
  /** True if the command sent more than it may. It was cut off. */
  readonly overflowed?: boolean;
}

export interface ChannelOptions {
  readonly input: string | Readable;
  readonly timeoutSeconds: number;
  /**
   * A local file to append the command's output to, at most `bytes` bytes. It receives what follows the line
   * `bytesMark`.
   */
  readonly appendTo?: { readonly file: string; readonly bytes: number };
}

/** The line that precedes the bytes of a file. A login shell may print text of its own before it. */
export const bytesMark = "python3jail-bytes";

/** Most bytes that a login shell may print before the mark. */
const mostBeforeMark = 64 * 1024;

/**
 * Returns a stream transform that drops everything up to the mark's line. Throws if more than `most` bytes follow it.
 */
function afterMark(most: number): (chunk: Uint8Array) => Generator<Uint8Array> {
  let seen: Buffer | undefined = Buffer.alloc(0);
  const before = new Meter(mostBeforeMark + most);
  const after = new Meter(most);
  return function* (chunk) {
    if (seen !== undefined) {
      before.count(chunk.length);
      seen = Buffer.concat([seen, chunk]);
      const mark = seen.indexOf(`${bytesMark}\n`);
      if (mark === -1) {
        if (seen.length > mostBeforeMark) throw new ByteLimitExceeded();
        return;
      }
      chunk = seen.subarray(mark + bytesMark.length + 1);
      seen = undefined;
    }
    after.count(chunk.length);
    yield chunk;
  };
}

/** A program for the login session: the command that starts its shell, its text, and its time limit in seconds. */
export interface SessionProgram {
  readonly command: string;
  readonly text: LateProgram;
  readonly timeoutSeconds: () => number;
}

/** An opened connection, and the result of the program that was sent with the login, if there was one. */
export interface Opened {
  readonly master: Master;
  readonly result: Promise<ChannelResult> | undefined;
}

/** A failed login: its diagnosis, and ssh's output. */
export class LoginError extends Error {
  constructor(
    readonly diagnosis: Diagnosis,
    readonly output: string,
  ) {
    super(diagnosis.reason);
  }
}

/** Loads execa when first needed. A preview connects to no host, and need not wait for it. */
const loadExeca = () => import("execa");

const connectedMark = "python3jail-connected";
/** Start of every mark. The session skips lines without it, such as text that the previous program left unread. */
const markStart = "python3jail-program-";
/**
 * The command of the session that logs in. It runs one program after the other. For each, it reads a line with a mark
 * and a line with a command. The command may read the text that follows. Then the session prints the exit code and the
 * mark.
 *
 * The session ends when its standard input ends, so the connection closes when this process ends, even if it is killed.
 * The quoted script contains no single quotation mark, because login shells escape it in different ways.
 */
const sessionCommand = `sh -c 'echo ${connectedMark}; while IFS= read -r mark; do case $mark in ${markStart}*) ;; *) continue ;; esac; IFS= read -r line || exit; eval "$line"; code=$?; echo; echo "$code $mark"; echo "$mark" >&2; done'`;
/**
 * Longest answer of a channel, in bytes: five times the longest real answer, which lists 10,000 missing files of a
 * jail.
 */
const mostAnswered = 4 * 1024 * 1024;
/** How much of a command's stderr is kept, in bytes: its end. */
const mostPrinted = 256 * 1024;

/** Starts the ssh that keeps a connection open. */
function startMaster(
  execa: Awaited<ReturnType<typeof loadExeca>>["execa"],
  args: string[],
  env: Record<string, string>,
) {
  return execa("ssh", args, { stdin: "pipe", reject: false, env, buffer: false });
}
type MasterProcess = ReturnType<typeof startMaster>;

/** An authenticated OpenSSH connection (a ControlMaster). Commands run over it as channels. */
export class Master {
  private ended = false;

  private constructor(
    private readonly folder: PrivateFolder,
    private readonly ssh: MasterProcess,
    private readonly session: LoginSession,
  ) {
    void ssh.then(() => (this.ended = true));
  }

  /** Connects, and sends `first` to the session that logs in. Throws LoginError. */
  static async connect(connection: Connection, first?: SessionProgram): Promise<Opened> {
    const { execa } = await loadExeca();
    const { folder, files, proxyFiles, askpass } = prepareLogin(connection);
    const ssh = startMaster(
      execa,
      masterArguments(connection, folder.socket, files, proxyFiles, sessionCommand),
      askpass === undefined ? {} : askpassEnvironment(askpass, files),
    );
    const session = new LoginSession(ssh);
    try {
      // A time limit for the whole login: ConnectTimeout covers only the TCP connection, and a peer may hang after
      // that.
      const loggedIn = session.connected(((connection.perDialTimeout || defaultConnectTimeout) + 15) * 1000);
      const result = first && session.run(first, loggedIn);
      result?.catch(() => undefined);
      await loggedIn;
      return { master: new Master(folder, ssh, session), result };
    } catch (error) {
      folder.remove();
      throw error;
    } finally {
      folder.removeSecrets();
    }
  }

  /** Whether the connection is still open. */
  get alive(): boolean {
    return !this.ended;
  }

  /** Runs a program in the login session if that is free, or else in a channel of its own. */
  async runProgram(program: SessionProgram): Promise<ChannelResult> {
    const loggedIn = Promise.resolve();
    if (this.session.isFree) return this.session.run(program, loggedIn);
    const { command, text, timeoutSeconds } = program;
    return this.run(command, { input: await text(loggedIn), timeoutSeconds: timeoutSeconds() });
  }

  /** Runs one command on the host. It does not throw if the command fails: the result says how it ended. */
  async run(remoteCommand: string, { input, timeoutSeconds, appendTo }: ChannelOptions): Promise<ChannelResult> {
    const { execa } = await loadExeca();
    const printed = new Output(mostPrinted, "end");
    const ssh = execa("ssh", channelArguments(this.folder.socket, remoteCommand), {
      input,
      ...(appendTo === undefined
        ? {}
        : {
            stdout: [
              { transform: afterMark(appendTo.bytes), binary: true as const },
              { file: appendTo.file, append: true as const },
            ],
          }),
      buffer: { stdout: appendTo === undefined, stderr: false },
      reject: false,
      timeout: timeoutSeconds * 1000,
      forceKillAfterDelay: 2000,
      stripFinalNewline: false,
      maxBuffer: mostAnswered,
    });
    ssh.stderr.on("data", (chunk: Buffer) => printed.add(chunk));
    const result = await ssh;
    const overflowed = result.isMaxBuffer || result.cause instanceof ByteLimitExceeded;
    return {
      exitCode: result.exitCode,
      stdout: typeof result.stdout === "string" ? result.stdout : "",
      stderr: printed.toString(),
      timedOut: result.timedOut,
      ...(overflowed ? { overflowed } : { localError: result.cause }),
    };
  }

  async close(): Promise<void> {
    this.ended = true;
    this.ssh.stdin.end();
    this.ssh.kill("SIGTERM");
    await this.ssh;
    this.folder.remove();
  }

  /** Closes the connection at the end of the process, when it is too late to wait. */
  closeNow(): void {
    this.ssh.kill("SIGKILL");
    this.folder.remove();
  }
}

/** Writes the files that ssh needs for a login. Throws LoginError if this machine cannot store them. */
function prepareLogin(connection: Connection): {
  folder: PrivateFolder;
  files: LoginFiles;
  proxyFiles: LoginFiles | undefined;
  askpass: string | undefined;
} {
  let folder: PrivateFolder | undefined;
  try {
    folder = new PrivateFolder();
    const files = folder.add("host", connection);
    const proxyFiles = connection.proxy && folder.add("proxy", connection.proxy);
    const asks = [files, proxyFiles].some((login) => (login?.password ?? login?.passphrase) !== undefined);
    return { folder, files, proxyFiles, askpass: asks ? folder.addAskpass() : undefined };
  } catch (error) {
    folder?.remove();
    const reason = `this machine's folder for temporary files, ${temporaryDirectory()}, cannot be written`;
    throw new LoginError(
      {
        code: "bad-configuration",
        reason,
        remedy: "make room there, or set TMPDIR to a folder that can be written",
        transient: false,
        gone: false,
      },
      messageOf(error),
    );
  }
}

/** The session that logs in. It runs programs one after the other, see `sessionCommand`. */
class LoginSession {
  private stdout = new Output(mostAnswered, "start");
  private stderr = new Output(mostPrinted, "end");
  private busy = false;

  constructor(private readonly ssh: MasterProcess) {
    ssh.stdout.on("data", (chunk: Buffer) => {
      this.stdout.add(chunk);
      if (this.stdout.overflowed) ssh.kill("SIGKILL");
    });
    ssh.stderr.on("data", (chunk: Buffer) => this.stderr.add(chunk));
  }

  /** Whether the session can run a program now. */
  get isFree(): boolean {
    return !this.busy;
  }

  /** Waits for the login. Throws LoginError if it fails or takes longer. */
  async connected(milliseconds: number): Promise<void> {
    const first = await withTimeout(Promise.race([this.stdout.waitFor(connectedMark), this.ssh]), milliseconds);
    if (first === undefined) return;
    const timedOut = first === "late";
    if (timedOut) this.ssh.kill("SIGKILL");
    const ended = await this.ssh;
    const stderr =
      ended.code === "ENOENT"
        ? "ssh: command not found: install OpenSSH's client on this machine"
        : this.stderr.toString();
    const stdout = this.stdout.toString();
    throw new LoginError(diagnose(stderr, timedOut, { exitCode: ended.exitCode, stdout }), stderr || stdout);
  }

  /**
   * Sends a program as soon as its text is there, and waits for its end. Its time limit counts from the login on. The
   * session stays busy for ever after a program that exceeds its time limit.
   */
  async run({ command, text, timeoutSeconds }: SessionProgram, loggedIn: Promise<void>): Promise<ChannelResult> {
    this.busy = true;
    const program = await text(loggedIn).catch((error: unknown) => {
      // Nothing was sent, so the session is free again.
      this.busy = false;
      throw error;
    });
    const mark = `${markStart}${randomUUID()}`;
    // `exit` ends the shell that reads the text: its standard input stays open.
    this.ssh.stdin.write(`${mark}\n${command.replace(/^exec /, "")}\n${program}\nexit\n`);
    await loggedIn;
    const marks = Promise.all([this.stdout.waitFor(`${mark}\n`), this.stderr.waitFor(`${mark}\n`)]);
    const ended = await withTimeout(Promise.race([marks, this.ssh]), timeoutSeconds() * 1000);
    const { stdout, stderr } = this;
    const answered = stdout.toString();
    const lines = answered.slice(startOf(answered));
    const [, answer = lines, code] = new RegExp(`^([^]*)\n(\\d+) ${mark}\n`).exec(lines) ?? [];
    if (Array.isArray(ended)) {
      this.stdout = new Output(mostAnswered, "start");
      this.stderr = new Output(mostPrinted, "end");
      this.busy = false;
    }
    return {
      exitCode: Array.isArray(ended) ? Number(code) : ended === "late" ? undefined : ended.exitCode,
      stdout: answer,
      stderr: stderr.toString().split(`${mark}\n`)[0] ?? "",
      timedOut: ended === "late",
      ...(stdout.overflowed && { overflowed: true }),
    };
  }
}

/** Returns the result of some work, or "late" if it takes longer than the time limit. */
async function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Returns the position at which the first program's output begins, after what the login printed. */
function startOf(printed: string): number {
  const connected = printed.indexOf(`${connectedMark}\n`);
  return connected === -1 ? 0 : connected + connectedMark.length + 1;
}
