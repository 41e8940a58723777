import pLimit from "p-limit";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError, messageOf } from "../base/errors.js";
import type { Connection } from "./connection.js";
import { diagnoseSession, diagnoseSudo } from "./diagnosis.js";
import { Logins } from "./logins.js";
import {
  bytesMark,
  LoginError,
  Master,
  type ChannelOptions,
  type ChannelResult,
  type SessionProgram,
  type Opened,
} from "./master.js";
import { Slots, type Holder } from "./slots.js";
import type { LateProgram, Transport } from "./transport.js";

/** Channels that we use at a time: sshd's MaxSessions is 10, one of them holds the connection open, and others may share the host. */
const channelsPerHost = 6;

/** What hosts share. */
export interface HostLimits {
  readonly logins: Logins;
  /** Connections open at a time: each is a process and a few descriptors here, and on a bastion the same again. More hosts take turns. */
  readonly connections: Slots;
}

/** The limits of one process. */
export function hostLimits(): HostLimits {
  return { logins: new Logins(), connections: new Slots(250) };
}

/** How long a failed login stands for all who ask after it, in milliseconds: a jail's many resources need not each wait for a dead host. */
const failureStands = 20_000;
/**
 * How long a connection that nobody uses stays, in milliseconds: longer than a jail's resources wait for one another, and short
 * enough that a fleet that waits for one build does not hold a thousand of them.
 */
const idleStays = 60_000;
/** Attempts at a login, where the connection does not say (`dialErrorLimit`). */
const defaultAttempts = 3;

/** A host over OpenSSH: one connection, made when first needed, shared by all that work there. */
export class Host implements Holder, Transport {
  private master: Promise<Master> | undefined;
  private connecting: Promise<Master> | undefined;
  /** The same as `master`, where a promise would come too late. */
  private opened: Master | undefined;
  private failure: { readonly error: LoginError; readonly until: number } | undefined;
  private readonly channels = pLimit(channelsPerHost);
  /** Channels open. */
  private inUse = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    /** Logical name, for messages. */
    readonly name: string,
    private readonly connection: Connection,
    private readonly idleMilliseconds = idleStays,
    private readonly limits = hostLimits(),
  ) {}

  /** Whether somebody uses the connection, or is about to. */
  get busy(): boolean {
    return this.inUse > 0;
  }

  /**
   * Runs a program text as root, on the standard input of the shell that `command` starts (it begins with `exec`); `step` names it in errors.
   * Where nobody has logged in yet, it runs in the session that does. A program that is a function is asked for when it can be sent, and
   * gets a promise of the login. Throws HostError where it could not run at all.
   */
  async shell(
    step: string,
    program: string | LateProgram,
    timeoutSeconds: number | (() => number),
    command = "exec sh -s",
  ): Promise<ChannelResult> {
    const text = typeof program === "string" ? () => Promise.resolve(program) : program;
    const seconds = typeof timeoutSeconds === "number" ? () => timeoutSeconds : timeoutSeconds;
    return this.session(step, seconds, async () => {
      const sent = { command: this.asRoot(command), text, timeoutSeconds: seconds };
      const { master, result } = await this.connected(step, sent);
      return { master, result: await (result ?? master.runProgram(sent)) };
    });
  }

  /** Sends bytes to a path on the host, mode 0600, or to the end of what is there; the path's folder is there and ours. */
  async upload(
    step: string,
    path: string,
    content: () => Readable,
    timeoutSeconds: number,
    { append = false } = {},
  ): Promise<void> {
    // The path is the first line of the input, so it is in no command line.
    const receive = `exec sh -c 'umask 077; IFS= read -r path && cat >${append ? ">" : ""}"$path"'`;
    const { Readable } = await import("node:stream");
    async function* lines(): AsyncGenerator<Buffer | string> {
      yield `${path}\n`;
      for await (const chunk of content()) yield chunk as Buffer;
    }
    const result = await this.channel(step, receive, Readable.from(lines()), timeoutSeconds);
    if (result.exitCode !== 0) {
      throw new HostError({
        host: this.name,
        step,
        code: "upload",
        reason: `${path} could not be written there`,
        output: result.stderr,
        remedy: "look at the disk's free space",
      });
    }
  }

  /** Brings a file's bytes, from a position in it on and so many at most, to the end of a file here. Throws HostError. */
  async download(
    step: string,
    path: string,
    from: number,
    bytes: number,
    file: string,
    timeoutSeconds: number,
  ): Promise<void> {
    const send = `exec sh -c 'IFS= read -r path && IFS= read -r first && echo ${bytesMark} && tail -c "+$first" -- "$path"'`;
    const result = await this.channel(step, send, `${path}\n${from + 1}\n`, timeoutSeconds, { file, bytes });
    if (result.exitCode !== 0) {
      throw new HostError({
        host: this.name,
        step,
        code: "download-file",
        reason: "the file could not be read there",
        output: result.stderr,
        remedy: "run the same command again",
      });
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    this.limits.connections.give(this);
    const closing = this.master;
    this.master = undefined;
    await (await closing?.catch(() => undefined))?.close();
  }

  closeNow(): void {
    this.opened?.closeNow();
  }

  private async channel(
    step: string,
    command: string,
    input: string | Readable,
    timeoutSeconds: number,
    appendTo?: ChannelOptions["appendTo"],
  ): Promise<ChannelResult> {
    return this.session(
      step,
      () => timeoutSeconds,
      async () => {
        const { master } = await this.connected(step);
        const options = { input, timeoutSeconds, ...(appendTo === undefined ? {} : { appendTo }) };
        return { master, result: await master.run(this.asRoot(command), options) };
      },
      appendTo,
    );
  }

  /** In English, whatever the user's language there: sudo's refusals are to be understood. */
  private asRoot(command: string): string {
    return this.connection.sudo ? command.replace(/^exec /, "exec env LC_ALL=C sudo -n -- ") : command;
  }

  /** Runs something on the host and judges how it ended. */
  private async session(
    step: string,
    timeoutSeconds: () => number,
    run: () => Promise<{ readonly master: Master; readonly result: ChannelResult }>,
    appendTo?: ChannelOptions["appendTo"],
  ): Promise<ChannelResult> {
    return this.channels(() =>
      this.using(async () => {
        const { master, result } = await run();
        const sudo = this.connection.sudo && result.exitCode !== 0 ? diagnoseSudo(result.stderr) : undefined;
        if (sudo) throw new HostError({ host: this.name, step, ...sudo });
        if (result.tooMuch) {
          throw new HostError({
            host: this.name,
            step,
            code: "bad-answer",
            reason:
              appendTo === undefined
                ? "the host answered more than any step of ours does"
                : "the host sent more than it announced",
            output: result.stderr,
            remedy:
              "see whether the host, its login shell and its `sh` are what they should be; nothing of it was used",
          });
        }
        if (result.failedHere instanceof HostError) throw result.failedHere;
        if (result.failedHere !== undefined) {
          throw new HostError({
            host: this.name,
            step,
            code: "this-machine",
            reason: `this machine could not read or store what goes over the connection${appendTo === undefined ? "" : ` (${appendTo.file})`}: ${messageOf(result.failedHere)}`,
            remedy: "look at this machine's disk and at the file, then run the same command again",
          });
        }
        if (result.timedOut) {
          throw new HostError({
            host: this.name,
            step,
            code: "timeout",
            reason: `not done after ${timeoutSeconds()} s`,
            output: result.stderr || result.stdout,
            remedy: "see what keeps the host busy; the time limit is `timeouts`",
          });
        }
        // No step of ours exits with 255: it is ssh's own, whose master may not yet know that it has ended.
        if (result.exitCode === 255) {
          const refused = diagnoseSession(result.stderr);
          if (refused) throw new HostError({ host: this.name, step, ...refused, output: result.stderr });
          void master.close();
          throw new HostError({
            host: this.name,
            step,
            code: "connection-lost",
            reason: "the connection was lost",
            output: result.stderr,
            remedy: "run the same command again: it goes on where this ended",
          });
        }
        return result;
      }),
    );
  }

  /**
   * Keeps the connection, once there is one, for as long as some work lasts. When nobody uses it for long, or when another host
   * needs its place, it is closed; the next one connects anew.
   */
  async using<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.idle);
    this.inUse += 1;
    try {
      return await work();
    } finally {
      this.inUse -= 1;
      if (this.inUse === 0) {
        this.idle = setTimeout(() => void this.close(), this.idleMilliseconds).unref();
        this.limits.connections.idle(this);
      }
    }
  }

  /** The connection; `result` is there where `first` has gone with the login. */
  private async connected(step: string, first?: SessionProgram): Promise<Opened> {
    const current = await this.master?.catch(() => undefined);
    if (current?.alive) return { master: current, result: undefined };
    let opened: Promise<Opened> | undefined;
    // Several channels may ask at once: the first to come here connects for all.
    if (!this.connecting) {
      opened = this.login(first);
      this.connecting = opened.then(({ master }) => master).finally(() => (this.connecting = undefined));
    }
    this.master = this.connecting;
    // Whoever asks for it next sees its failure.
    this.master.catch(() => undefined);
    return (opened ?? this.master.then((master) => ({ master, result: undefined }))).catch((error: unknown) => {
      throw error instanceof LoginError
        ? new HostError({ host: this.name, step, ...error.diagnosis, output: error.output })
        : error;
    });
  }

  private async login(first?: SessionProgram): Promise<Opened> {
    if (this.failure && Date.now() < this.failure.until) throw this.failure.error;
    const limit = this.connection.dialErrorLimit ?? defaultAttempts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.limits.connections.take(this);
        const opened = await this.limits.logins.run(this.connection, () => Master.connect(this.connection, first));
        this.opened = opened.master;
        return opened;
      } catch (error) {
        this.limits.connections.give(this);
        if (!(error instanceof LoginError)) throw error;
        if (error.diagnosis.transient && (limit === -1 || attempt < limit)) {
          // Jitter, so that a thousand hosts behind one bastion do not come back in step.
          await sleep(Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2));
          continue;
        }
        this.failure = { error, until: Date.now() + failureStands };
        throw error;
      }
    }
  }
}
