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

/** What a command over a channel came to. */
export interface ChannelResult extends ProgramResult {
  readonly timedOut: boolean;
  /** What went wrong at this end with what is sent or stored: the command may have ended well all the same. */
  readonly failedHere?: unknown;
  /** It sent more than it may, and was cut off. */
  readonly tooMuch?: boolean;
}

export interface ChannelOptions {
  readonly input: string | Readable;
  readonly timeoutSeconds: number;
  /** A file here that what it prints is put to the end of, byte for byte, from behind the line `bytesMark` on: so many bytes at most. */
  readonly appendTo?: { readonly file: string; readonly bytes: number };
}

/** The line before the bytes of a file: what a login shell prints of its own stands before it. */
export const bytesMark = "python3jail-bytes";

/** Bytes that a login shell may print of its own before the mark. */
const mostBeforeMark = 64 * 1024;

/** Lets pass what follows the mark's line, so many bytes at most. */
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

/** A program for the session that logged in: the command that starts its shell, its text, and the seconds that it may take. */
export interface SessionProgram {
  readonly command: string;
  readonly text: LateProgram;
  readonly timeoutSeconds: () => number;
}

/** A connection, and what its first program came to. */
export interface Opened {
  readonly master: Master;
  readonly result: Promise<ChannelResult> | undefined;
}

/** A login that failed, with its reason. */
export class LoginError extends Error {
  constructor(
    readonly diagnosis: Diagnosis,
    readonly output: string,
  ) {
    super(diagnosis.reason);
  }
}

/** Loaded when first needed: a preview connects nowhere, and need not wait for it. */
const loadExeca = () => import("execa");

const connectedMark = "python3jail-connected";
/** Every mark begins so. Text that the program before left unread does not, so the session skips it. */
const markStart = "python3jail-program-";
/**
 * The command of the session that logs in. It runs one program after the other: for each it reads a line with a mark and a line with the
 * command, which may read a text that follows, and says how it ended in a line with the mark. It lives as long as our end of its standard
 * input: so the connection goes when this process goes, however that dies. No single quotation mark within: login shells know different ones.
 */
const sessionCommand = `sh -c 'echo ${connectedMark}; while IFS= read -r mark; do case $mark in ${markStart}*) ;; *) continue ;; esac; IFS= read -r line || exit; eval "$line"; code=$?; echo; echo "$code $mark"; echo "$mark" >&2; done'`;
/** Longest answer of a channel, in bytes: of the longest that there is, the contents of 10,000 files that a jail lacks, five times as much. */
const mostAnswered = 4 * 1024 * 1024;
/** What is kept of all that tools print besides, in bytes: the end of it. */
const mostPrinted = 256 * 1024;

/** Starts the ssh that holds a connection open. */
function hold(execa: Awaited<ReturnType<typeof loadExeca>>["execa"], args: string[], env: Record<string, string>) {
  return execa("ssh", args, { stdin: "pipe", reject: false, env, buffer: false });
}
type HoldingSsh = ReturnType<typeof hold>;

/** One authenticated OpenSSH connection (a ControlMaster); commands run over it as channels. */
export class Master {
  private ended = false;

  private constructor(
    private readonly folder: PrivateFolder,
    private readonly ssh: HoldingSsh,
    private readonly session: LoginSession,
  ) {
    void ssh.then(() => (this.ended = true));
  }

  /** Connects, and runs a program in the same session. Throws LoginError. */
  static async connect(connection: Connection, first?: SessionProgram): Promise<Opened> {
    const { execa } = await loadExeca();
    const { folder, files, proxyFiles, askpass } = prepareLogin(connection);
    const ssh = hold(
      execa,
      masterArguments(connection, folder.socket, files, proxyFiles, sessionCommand),
      askpass === undefined ? {} : askpassEnvironment(askpass, files),
    );
    const session = new LoginSession(ssh);
    try {
      // One bound over all of it: ConnectTimeout ends with the TCP connection, and a peer may fall silent after that.
      const letIn = session.connected(((connection.perDialTimeout || defaultConnectTimeout) + 15) * 1000);
      const result = first && session.run(first, letIn);
      result?.catch(() => undefined);
      await letIn;
      return { master: new Master(folder, ssh, session), result };
    } catch (error) {
      folder.remove();
      throw error;
    } finally {
      folder.removeSecrets();
    }
  }

  /** Whether the connection still stands. */
  get alive(): boolean {
    return !this.ended;
  }

  /** Runs a program: in the session that logged in where that is free, or else in one of its own. */
  async runProgram(program: SessionProgram): Promise<ChannelResult> {
    const letIn = Promise.resolve();
    if (this.session.isFree) return this.session.run(program, letIn);
    const { command, text, timeoutSeconds } = program;
    return this.run(command, { input: await text(letIn), timeoutSeconds: timeoutSeconds() });
  }

  /** Runs one command on the host. Never throws for what the command does. */
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
    const tooMuch = result.isMaxBuffer || result.cause instanceof ByteLimitExceeded;
    return {
      exitCode: result.exitCode,
      stdout: typeof result.stdout === "string" ? result.stdout : "",
      stderr: printed.toString(),
      timedOut: result.timedOut,
      ...(tooMuch ? { tooMuch } : { failedHere: result.cause }),
    };
  }

  async close(): Promise<void> {
    this.ended = true;
    this.ssh.stdin.end();
    this.ssh.kill("SIGTERM");
    await this.ssh;
    this.folder.remove();
  }

  /** For the end of the process, where nothing can be awaited. */
  closeNow(): void {
    this.ssh.kill("SIGKILL");
    this.folder.remove();
  }
}

/** Writes what ssh needs for a login. Throws LoginError where this machine's disk does not take it. */
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

/** The session that logs in. Programs run in it one after the other. */
class LoginSession {
  private stdout = new Output(mostAnswered, "start");
  private stderr = new Output(mostPrinted, "end");
  private busy = false;

  constructor(private readonly ssh: HoldingSsh) {
    ssh.stdout.on("data", (chunk: Buffer) => {
      this.stdout.add(chunk);
      if (this.stdout.tooMuch) ssh.kill("SIGKILL");
    });
    ssh.stderr.on("data", (chunk: Buffer) => this.stderr.add(chunk));
  }

  /** Whether a program can run in it now. */
  get isFree(): boolean {
    return !this.busy;
  }

  /** The host has let us in. Throws LoginError. */
  async connected(milliseconds: number): Promise<void> {
    const first = await orLate(Promise.race([this.stdout.has(connectedMark), this.ssh]), milliseconds);
    if (first === undefined) return;
    const timedOut = first === "late";
    if (timedOut) this.ssh.kill("SIGKILL");
    const ended = await this.ssh;
    const missing =
      ended.code === "ENOENT"
        ? "ssh: command not found: install OpenSSH's client on this machine"
        : this.stderr.toString();
    const stdout = this.stdout.toString();
    throw new LoginError(diagnose(missing, timedOut, { exitCode: ended.exitCode, stdout }), missing || stdout);
  }

  /** Sends a program as soon as it has its text, and waits for its end. A program that takes too long occupies the session for good. */
  async run({ command, text, timeoutSeconds }: SessionProgram, letIn: Promise<void>): Promise<ChannelResult> {
    this.busy = true;
    const program = await text(letIn).catch((error: unknown) => {
      // Nothing was sent.
      this.busy = false;
      throw error;
    });
    const mark = `${markStart}${randomUUID()}`;
    // The shell that reads the text must not wait for more.
    this.ssh.stdin.write(`${mark}\n${command.replace(/^exec /, "")}\n${program}\nexit\n`);
    await letIn;
    const told = Promise.all([this.stdout.has(`${mark}\n`), this.stderr.has(`${mark}\n`)]);
    const ended = await orLate(Promise.race([told, this.ssh]), timeoutSeconds() * 1000);
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
      ...(stdout.tooMuch && { tooMuch: true }),
    };
  }
}

/** What some work comes to, or `late` where that takes longer. */
async function orLate<T>(work: Promise<T>, milliseconds: number): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Where the answer of a program begins: behind what the login printed. */
function startOf(printed: string): number {
  const connected = printed.indexOf(`${connectedMark}\n`);
  return connected === -1 ? 0 : connected + connectedMark.length + 1;
}
