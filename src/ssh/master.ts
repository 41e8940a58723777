import type { ResultPromise } from "execa";
import type { Readable } from "node:stream";
import { askpassEnvironment, channelArguments, defaultConnectTimeout, masterArguments } from "./openssh.js";
import type { Connection } from "./connection.js";
import { diagnose, type Diagnosis } from "./diagnosis.js";
import { messageOf } from "../errors.js";
import { PrivateFolder, temporaryFolder, type LoginFiles } from "./secrets.js";

/** What a command over a channel came to. */
export interface ChannelResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** What went wrong at this end with what is sent or stored: the command may have ended well all the same. */
  readonly failedHere?: unknown;
}

export interface ChannelOptions {
  readonly input: string | Readable;
  readonly timeoutSeconds: number;
  /** A file here that what it prints is put to the end of, byte for byte, from behind the line `bytesMark` on. */
  readonly appendTo?: string;
}

/** The line before the bytes of a file: what a login shell prints of its own stands before it. */
export const bytesMark = "python3jail-bytes";

/** Lets pass what follows the mark's line. */
function afterMark(): (chunk: Uint8Array) => Generator<Uint8Array> {
  let seen: Buffer | undefined = Buffer.alloc(0);
  return function* (chunk) {
    if (seen === undefined) return yield chunk;
    seen = Buffer.concat([seen, chunk]);
    const mark = seen.indexOf(`${bytesMark}\n`);
    if (mark === -1) return;
    const rest = seen.subarray(mark + bytesMark.length + 1);
    seen = undefined;
    yield rest;
  };
}

/** A login that failed, with its reason. */
export class LoginError extends Error {
  constructor(readonly diagnosis: Diagnosis, readonly output: string) {
    super(diagnosis.reason);
  }
}

/** Loaded when first needed: a preview connects nowhere, and need not wait for it. */
const loadExeca = () => import("execa");

const connectedMark = "python3jail-connected";
// It lives as long as our end of its standard input, so the connection goes when this process goes, however that dies.
const holdOpen = `sh -c 'echo ${connectedMark}; exec cat >/dev/null'`;
/** Longest answer that is kept; a step that prints more is broken. */
const outputLimit = 32 * 1024 * 1024;

/** One authenticated OpenSSH connection (a ControlMaster); commands run over it as channels. */
export class Master {
  private ended = false;

  private constructor(
    private readonly folder: PrivateFolder,
    private readonly ssh: ResultPromise,
  ) {
    void ssh.then(() => (this.ended = true));
  }

  /** Connects. Throws LoginError. */
  static async connect(connection: Connection): Promise<Master> {
    const { execa } = await loadExeca();
    const { folder, files, proxyFiles, askpass } = prepareLogin(connection);
    const ssh = execa("ssh", masterArguments(connection, folder.socket, files, proxyFiles, holdOpen), {
      stdin: "pipe",
      reject: false,
      env: askpass === undefined ? {} : askpassEnvironment(askpass, files),
      maxBuffer: 1024 * 1024,
    });
    try {
      // One bound over all of it: ConnectTimeout ends with the TCP connection, and a peer may fall silent after that.
      await connected(ssh, ((connection.perDialTimeout || defaultConnectTimeout) + 15) * 1000);
      return new Master(folder, ssh);
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

  /** Runs one command on the host. Never throws for what the command does. */
  async run(remoteCommand: string, { input, timeoutSeconds, appendTo }: ChannelOptions): Promise<ChannelResult> {
    const { execa } = await loadExeca();
    const result = await execa("ssh", channelArguments(this.folder.socket, remoteCommand), {
      input,
      ...(appendTo === undefined ? {} : { stdout: [{ transform: afterMark(), binary: true }, { file: appendTo, append: true }], buffer: { stdout: false } }),
      reject: false,
      timeout: timeoutSeconds * 1000,
      forceKillAfterDelay: 2000,
      stripFinalNewline: false,
      maxBuffer: outputLimit,
    });
    return { exitCode: result.exitCode, stdout: typeof result.stdout === "string" ? result.stdout : "", stderr: result.stderr as string, timedOut: result.timedOut, failedHere: result.isMaxBuffer ? undefined : result.cause };
  }

  async close(): Promise<void> {
    this.ended = true;
    this.ssh.stdin?.end();
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
function prepareLogin(connection: Connection): { folder: PrivateFolder; files: LoginFiles; proxyFiles: LoginFiles | undefined; askpass: string | undefined } {
  let folder: PrivateFolder | undefined;
  try {
    folder = new PrivateFolder();
    const files = folder.add("host", connection);
    const proxyFiles = connection.proxy && folder.add("proxy", connection.proxy);
    const asks = [files, proxyFiles].some((login) => (login?.password ?? login?.passphrase) !== undefined);
    return { folder, files, proxyFiles, askpass: asks ? folder.addAskpass() : undefined };
  } catch (error) {
    folder?.remove();
    const reason = `this machine's folder for temporary files, ${temporaryFolder()}, cannot be written`;
    throw new LoginError({ code: "bad-configuration", reason, remedy: "make room there, or set TMPDIR to a folder that can be written", transient: false, gone: false }, messageOf(error));
  }
}

function connected(ssh: ResultPromise, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      ssh.kill("SIGKILL");
    }, milliseconds);
    ssh.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      if (!stdout.includes(connectedMark)) return;
      clearTimeout(timer);
      resolve();
    });
    void ssh.then((result) => {
      clearTimeout(timer);
      const stderr = typeof result.stderr === "string" ? result.stderr : "";
      const missing = result.code === "ENOENT" ? "ssh: command not found: install OpenSSH's client on this machine" : stderr;
      reject(new LoginError(diagnose(missing, timedOut, { exitCode: result.exitCode, stdout }), missing || stdout));
    });
  });
}
