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
import { EvictingSemaphore, type Holder } from "./evicting-semaphore.js";
import type { LateProgram, Transport } from "./transport.js";

/**
 * Channels that we open at a time on one connection. sshd's default of MaxSessions is 10, and one session keeps the
 * connection open. The rest is for other users of the host.
 */
const channelsPerHost = 6;

/** Limits that all hosts of a pool share. */
export interface HostLimits {
  readonly logins: Logins;
  /** Connections open at a time. Each takes a process and a few descriptors here, and the same on a bastion. */
  readonly connections: EvictingSemaphore;
}

/** Creates the limits of one process. */
export function hostLimits(): HostLimits {
  return { logins: new Logins(), connections: new EvictingSemaphore(250) };
}

/**
 * How long later logins fail with the error of a failed one, in milliseconds. Otherwise each of a jail's resources
 * would wait for a dead host.
 */
const failureLifetime = 20_000;
/**
 * How long an unused connection stays open, in milliseconds. This is longer than a jail's resources wait for one
 * another. It is short enough that a fleet that waits for one build does not keep a thousand connections.
 */
const defaultIdleTimeout = 60_000;
/** Attempts to log in, if the connection's `dialErrorLimit` is not given. */
const defaultAttempts = 3;

/** A host over OpenSSH. It has one connection, which is opened when first needed and which all callers share. */
export class Host implements Holder, Transport {
  private master: Promise<Master> | undefined;
  private connecting: Promise<Master> | undefined;
  /** The last opened master, for `closeNow`, which cannot wait for a promise. */
  private opened: Master | undefined;
  private failure: { readonly error: LoginError; readonly until: number } | undefined;
  private readonly channels = pLimit(channelsPerHost);
  /** Callers of `using` whose work has not ended. */
  private inUse = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    /** Logical name, for messages. */
    readonly name: string,
    private readonly connection: Connection,
    private readonly idleTimeout = defaultIdleTimeout,
    private readonly limits = hostLimits(),
  ) {}

  /** Whether work is in flight that uses the connection, or will use it. */
  get busy(): boolean {
    return this.inUse > 0;
  }

  /** Runs a program (see Transport). If no connection is open, the program runs in the session that logs in. */
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

  async upload(
    step: string,
    path: string,
    content: () => Readable,
    timeoutSeconds: number,
    { append = false } = {},
  ): Promise<void> {
    // The path is the first line of the input: a command line would show it to other users of the host.
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
        code: "transfer",
        reason: `${path} could not be written there`,
        output: result.stderr,
        remedy: "check the free space there",
      });
    }
  }

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
        code: "transfer",
        reason: "the file could not be read there",
        output: result.stderr,
        remedy: "run the same command again",
      });
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    this.limits.connections.release(this);
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

  /**
   * Prefixes a command with sudo if the connection says so. LC_ALL=C makes sudo's errors English, for `diagnoseSudo`.
   */
  private asRoot(command: string): string {
    return this.connection.sudo ? command.replace(/^exec /, "exec env LC_ALL=C sudo -n -- ") : command;
  }

  /**
   * Runs `run` with a channel and an open connection. Throws HostError for every failure but the program's own exit
   * code.
   */
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
        if (result.overflowed) {
          throw new HostError({
            host: this.name,
            step,
            code: "bad-answer",
            reason:
              appendTo === undefined
                ? "the host answered more than any step of ours does"
                : "the host sent more than it announced",
            output: result.stderr,
            remedy: "check the host, its login shell and its `sh`; nothing that it sent was used",
          });
        }
        if (result.localError instanceof HostError) throw result.localError;
        if (result.localError !== undefined) {
          throw new HostError({
            host: this.name,
            step,
            code: "this-machine",
            reason: `this machine could not read or store what goes over the connection${appendTo === undefined ? "" : ` (${appendTo.file})`}: ${messageOf(result.localError)}`,
            remedy: "check this machine's disk and at the file, then run the same command again",
          });
        }
        if (result.timedOut) {
          throw new HostError({
            host: this.name,
            step,
            code: "timeout",
            reason: `not done after ${timeoutSeconds()} s`,
            output: result.stderr || result.stdout,
            remedy: "find what keeps the host busy, or raise `timeouts.step` (of a build `timeouts.build`)",
          });
        }
        // No step of ours exits with 255, so it is ssh's exit code. The master's process may not have ended yet: close
        // it.
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
   * Keeps the connection open while some work lasts. An unused connection is closed after `idleTimeout`, or earlier if
   * another host waits for a connection. The next program opens a new one.
   */
  async using<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.idle);
    this.inUse += 1;
    try {
      return await work();
    } finally {
      this.inUse -= 1;
      if (this.inUse === 0) {
        this.idle = setTimeout(() => void this.close(), this.idleTimeout).unref();
        this.limits.connections.markIdle(this);
      }
    }
  }

  /**
   * Returns the connection, and opens it if needed. If it had to log in, it has sent `first`, and `result` is its
   * result.
   */
  private async connected(step: string, first?: SessionProgram): Promise<Opened> {
    const current = await this.master?.catch(() => undefined);
    if (current?.alive) return { master: current, result: undefined };
    let opened: Promise<Opened> | undefined;
    // Several channels may ask at once: the first one connects for all.
    if (!this.connecting) {
      opened = this.login(first);
      this.connecting = opened.then(({ master }) => master).finally(() => (this.connecting = undefined));
    }
    this.master = this.connecting;
    // Each caller handles the failure of its own promise. Without this handler, Node would report this one as
    // unhandled.
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
        await this.limits.connections.acquire(this);
        const opened = await this.limits.logins.run(this.connection, () => Master.connect(this.connection, first));
        this.opened = opened.master;
        return opened;
      } catch (error) {
        this.limits.connections.release(this);
        if (!(error instanceof LoginError)) throw error;
        if (error.diagnosis.transient && (limit === -1 || attempt < limit)) {
          // Jitter, so that a thousand hosts behind one bastion do not log in again at the same moment.
          await sleep(Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2));
          continue;
        }
        this.failure = { error, until: Date.now() + failureLifetime };
        throw error;
      }
    }
  }
}
