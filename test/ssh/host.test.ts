import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../../src/base/errors.js";
import type { Connection } from "../../src/ssh/connection.js";
import { Host, hostLimits } from "../../src/ssh/host.js";
import { HostPool } from "../../src/ssh/pool.js";
import { EvictingSemaphore } from "../../src/ssh/evicting-semaphore.js";

/**
 * Replaces OpenSSH's client: a master says that it is connected and stays, and a channel runs its command on this
 * machine. It records each call's arguments, and the files of the private folder at login.
 */
const fakeSsh = `#!/bin/sh
lab=$(dirname "$0")
socket= master= previous=
for word; do
  [ "$previous" != -S ] || socket=$word
  [ "$word" != -M ] || master=yes
  previous=$word command=$word
done
# Several calls may write at a time, so each line is one write.
printf '%s\\n' "$(printf '%s' "\${master:-no}"; printf '\\t%s' "$@")" >>"$lab/calls"
if [ "$master" = yes ]; then
  for file in "$(dirname "$socket")"/*; do [ ! -f "$file" ] || printf '%s %s %s\\n' "$(stat -c %a "$file")" "\${file##*/}" "$(head -n 1 "$file")" >>"$lab/at-login"; done
  env >>"$lab/at-login"
  if [ -s "$lab/refusals" ]; then
    refusal=$(head -n 1 "$lab/refusals")
    sed -i 1d "$lab/refusals"
    [ "$refusal" = ok ] || { echo "$refusal" >&2; exit 255; }
  fi
  touch "$socket"
  echo "what a login shell may print"
  sh -c "$command"
  rm -f "$socket"
  exit 0
fi
[ -e "$socket" ] || { echo "Control socket connect($socket): No such file or directory" >&2; exit 255; }
exec sh -c "$command"
`;
const fakeSudo = `#!/bin/sh
[ "$1 $2" = "-n --" ] || exit 3
echo "$LC_ALL" >"$(dirname "$0")/sudo-language"
if [ -s "$(dirname "$0")/sudo-refuses" ]; then cat "$(dirname "$0")/sudo-refuses" >&2; exit 1; fi
shift 2
exec "$@"
`;

let lab: string;
let path: string | undefined;
const hosts: Host[] = [];
beforeEach(() => {
  lab = mkdtempSync(join(tmpdir(), "fake-ssh-"));
  for (const [name, text] of [
    ["ssh", fakeSsh],
    ["sudo", fakeSudo],
  ] as const) {
    writeFileSync(join(lab, name), text);
    chmodSync(join(lab, name), 0o755);
  }
  path = process.env.PATH;
  process.env.PATH = `${lab}${delimiter}${path}`;
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  process.env.PATH = path;
  rmSync(lab, { recursive: true });
});

function hostWith(connection: Partial<Connection> = {}): Host {
  const host = new Host("judge-1", { host: "192.0.2.1", ...connection });
  hosts.push(host);
  return host;
}
const calls = (): string[][] =>
  readFileSync(join(lab, "calls"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
const logins = (): string[][] => calls().filter(([master]) => master === "yes");
const privateFolder = (): string => {
  const words = logins().at(-1)!;
  return join(words[words.indexOf("-S") + 1]!, "..");
};
const failureOf = async (running: Promise<unknown>): Promise<HostError> => {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
  return error;
};

describe("a host", () => {
  test("runs a program on sh's standard input, and returns how it ended", async () => {
    expect(await hostWith().shell("try", "echo out; echo err >&2; exit 7", 10)).toEqual({
      exitCode: 7,
      stdout: "out\n",
      stderr: "err\n",
      timedOut: false,
    });
  });

  test("logs in once, however many programs run at once and later", async () => {
    const host = hostWith();
    const results = await Promise.all(Array.from({ length: 10 }, (_, index) => host.shell("try", `echo ${index}`, 10)));
    results.push(await host.shell("try", "echo last", 10));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
      "9",
      "last",
    ]);
    expect(logins()).toHaveLength(1);
  });

  test("runs programs one after the other in the login session, and concurrent ones in channels", async () => {
    const host = hostWith();
    const channels = (): number => calls().length - logins().length;
    for (const number of [1, 2, 3]) {
      const { stdout, stderr, exitCode } = await host.shell("try", `echo ${number}; echo err >&2; exit ${number}`, 10);
      expect([stdout, stderr, exitCode]).toEqual([`${number}\n`, "err\n", number]);
    }
    expect(channels()).toBe(0);
    await Promise.all([host.shell("try", "sleep 0.2", 10), host.shell("try", "true", 10)]);
    expect(channels()).toBe(1);
  });

  test("runs further programs while one that exceeded its time limit occupies the login session", async () => {
    const host = hostWith();
    await failureOf(host.shell("try", "sleep 2", 0.2));
    expect((await host.shell("try", "echo there", 10)).stdout).toBe("there\n");
    expect(logins()).toHaveLength(1);
  });

  test("opens at most six channels at a time, fewer than sshd allows", async () => {
    const host = hostWith();
    mkdirSync(join(lab, "now"));
    const program = `touch ${lab}/now/$$; sleep 0.1; ls ${lab}/now | wc -l; rm ${lab}/now/$$`;
    const seen = await Promise.all(Array.from({ length: 14 }, () => host.shell("try", program, 10)));
    expect(Math.max(...seen.map(({ stdout }) => Number(stdout)))).toBe(6);
  });

  const secret = { password: "hunter2-password", privateKey: "hunter2-key", privateKeyPassword: "hunter2-passphrase" };
  test("passes secrets to ssh only in private files, and removes these once the connection is open", async () => {
    await hostWith({ ...secret, proxy: { host: "bastion", ...secret } }).shell("try", "true", 10);
    const [atLogin] = [readFileSync(join(lab, "at-login"), "utf8")];
    for (const [name, value] of [
      ["key", "hunter2-key"],
      ["password", "hunter2-password"],
      ["passphrase", "hunter2-passphrase"],
    ]) {
      expect(atLogin).toContain(`600 host.${name} ${value}\n`);
      expect(atLogin).toContain(`600 proxy.${name} ${value}\n`);
    }
    expect(atLogin.replace(/^600 .*\n/gm, "")).not.toContain("hunter2");
    expect(readFileSync(join(lab, "calls"), "utf8")).not.toContain("hunter2");
    const left = ["host.key", "proxy.key", "host.password", "proxy.passphrase"].filter((name) =>
      existsSync(join(privateFolder(), name)),
    );
    expect([existsSync(privateFolder()), left]).toEqual([true, []]);
  });

  test("removes its private folder when it is closed, and when the login fails", async () => {
    const host = hostWith(secret);
    await host.shell("try", "true", 10);
    await host.close();
    expect(existsSync(privateFolder())).toBe(false);
    writeFileSync(join(lab, "refusals"), "root@192.0.2.1: Permission denied (publickey).\n");
    await failureOf(hostWith(secret).shell("try", "true", 10));
    expect(existsSync(privateFolder())).toBe(false);
  });

  test("tries a refused login only once, and the error says why and what to do", async () => {
    writeFileSync(join(lab, "refusals"), "root@192.0.2.1: Permission denied (publickey).\n");
    const error = await failureOf(hostWith(secret).shell("read the jail", "true", 10));
    expect(error.message).toBe(
      "judge-1: read the jail: the login was refused [refused-login]\n  its last lines:\n  | root@192.0.2.1: Permission denied (publickey).\n" +
        "  what to do: check the user, and the key (agent, `identityFile`, `privateKey`; on the command line `--identity`) or `password`",
    );
    expect([error.code, logins().length]).toEqual(["refused-login", 1]);
  });

  test("tries again if the server does not answer at first", async () => {
    writeFileSync(join(lab, "refusals"), "ssh: connect to host 192.0.2.1 port 22: Connection refused\nok\n");
    expect((await hostWith().shell("try", "echo there", 10)).stdout).toBe("there\n");
    expect(logins()).toHaveLength(2);
  });

  test("reports one failed login to all callers, without a login for each of them", async () => {
    writeFileSync(join(lab, "refusals"), "ssh: connect to host 192.0.2.1 port 22: Connection refused\n".repeat(9));
    const host = hostWith({ dialErrorLimit: 1 });
    const errors = await Promise.all(["a", "b", "c"].map((step) => failureOf(host.shell(step, "true", 10))));
    errors.push(await failureOf(host.shell("d", "true", 10)));
    expect(errors.map((error) => [error.failure.step, error.code])).toEqual(
      ["a", "b", "c", "d"].map((step) => [step, "unreachable"]),
    );
    expect(logins()).toHaveLength(1);
  });

  test("reports a lost connection, and opens a new one for the next program", async () => {
    const host = hostWith();
    await host.shell("try", "true", 10);
    // This program occupies the login session, so that the others need channels.
    const taken = host.shell("first", "sleep 0.3", 10);
    rmSync(join(privateFolder(), "s"));
    const errors = await Promise.all(["second", "third"].map((step) => failureOf(host.shell(step, "true", 10))));
    expect(errors.map(({ code }) => code)).toEqual(["connection-lost", "connection-lost"]);
    await Promise.allSettled([taken]);
    expect((await host.shell("try", "echo again", 10)).stdout).toBe("again\n");
    expect(logins()).toHaveLength(2);
  });

  test("keeps the new connection when a program on the old one fails late", async () => {
    const host = hostWith();
    await host.shell("try", "true", 10);
    const late = failureOf(host.shell("late", `touch ${lab}/begun; sleep 0.6; exit 255`, 10));
    while (!existsSync(join(lab, "begun"))) await sleep(5);
    rmSync(join(privateFolder(), "s"));
    await failureOf(host.shell("first", "true", 10));
    await host.shell("try", "true", 10);
    expect((await late).code).toBe("connection-lost");
    await host.shell("try", "true", 10);
    expect(logins()).toHaveLength(2);
  });

  test("names the time limit that a program exceeded", async () => {
    const error = await failureOf(hostWith().shell("build", "echo half; exec sleep 20", 0.3));
    expect([error.code, error.failure.reason, error.failure.output]).toEqual([
      "timeout",
      "not done after 0.3 s",
      "half\n",
    ]);
    expect(error.message).toContain("`timeouts.step`");
  });

  test("runs everything through sudo if that is set, with English messages", async () => {
    const { stdout } = await hostWith({ sudo: true }).shell("try", "echo root", 10);
    expect([stdout, readFileSync(join(lab, "sudo-language"), "utf8")]).toEqual(["root\n", "C\n"]);
  });

  test("reports that sudo refused", async () => {
    writeFileSync(join(lab, "sudo-refuses"), "sudo: a password is required\n");
    expect((await failureOf(hostWith({ sudo: true }).shell("try", "true", 10))).message).toMatch(
      /^judge-1: try: sudo asks for a password \[no-sudo\]\n.*NOPASSWD/s,
    );
  });

  test.each([false, true])("uploads a file to any path, accessible to its owner only (sudo: %j)", async (sudo) => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const target = join(lab, "it's a $(path)");
    await hostWith({ sudo }).upload(
      "send",
      target,
      () => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]),
      10,
    );
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect((statSync(target).mode & 0o777).toString(8)).toBe("600");
  });

  test.each([false, true])(
    "downloads a file from any position, whatever the login shell prints (sudo: %j)",
    async (sudo) => {
      const [there, here] = [join(lab, "it's there"), join(lab, "here")];
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
      writeFileSync(there, bytes);
      const one = hostWith({ sudo });
      writeFileSync(here, bytes.subarray(0, 1000));
      await one.download("fetch it", there, 1000, 299_000, here, 60);
      expect(readFileSync(here).equals(bytes)).toBe(true);
      await expect(one.download("fetch it", `${there}-not`, 0, 10, here, 60)).rejects.toMatchObject({
        code: "transfer",
        failure: { step: "fetch it" },
      });
    },
  );

  test("closes an idle connection, and opens a new one for the next program", async () => {
    const one = new Host("judge-1", { host: "192.0.2.1" }, 200);
    hosts.push(one);
    expect((await one.shell("look", "sleep 0.6; echo first", 60)).stdout).toBe("first\n");
    await one.shell("look", "echo second", 60);
    expect([logins().length, existsSync(privateFolder())]).toEqual([1, true]);
    await sleep(800);
    expect(existsSync(privateFolder())).toBe(false);
    expect((await one.shell("look", "echo third", 60)).stdout).toBe("third\n");
    expect(logins()).toHaveLength(2);
  });

  test("reports an upload that the host cannot store", async () => {
    const error = await failureOf(hostWith().upload("send", join(lab, "no", "folder"), () => Readable.from(["x"]), 10));
    expect([error.code, error.failure.step]).toEqual(["transfer", "send"]);
  });

  test("reports errors of this machine during a transfer, although the host took the part that was sent", async () => {
    const upload = (error: Error) =>
      failureOf(
        hostWith().upload(
          "send",
          join(lab, "sent"),
          () =>
            Readable.from(
              (function* () {
                yield "half";
                throw error;
              })(),
            ),
          10,
        ),
      );
    const unread = await upload(new Error("EIO: i/o error, read"));
    expect([unread.code, unread.failure.reason]).toEqual([
      "this-machine",
      "this machine could not read or store what goes over the connection: EIO: i/o error, read",
    ]);
    const changed = new HostError({
      host: "judge-1",
      step: "read the files",
      reason: "site.py has changed",
      code: "source-changed",
    });
    expect(await upload(changed)).toBe(changed);
    writeFileSync(join(lab, "there"), "x".repeat(200_000));
    const full = await failureOf(hostWith().download("fetch", join(lab, "there"), 0, 200_000, "/dev/full", 10));
    expect([full.code, full.failure.reason]).toEqual(["this-machine", expect.stringContaining("ENOSPC")]);
  });

  test("reports at once that this machine has no ssh", async () => {
    rmSync(join(lab, "ssh"));
    process.env.PATH = lab;
    const error = await failureOf(hostWith().shell("try", "true", 10));
    expect([error.code, error.failure.reason]).toEqual(["bad-configuration", "this machine has no ssh"]);
  });
});

describe("the limit on open connections", () => {
  const connections = new EvictingSemaphore(2);
  const hostNamed = (name: string): Host => {
    const host = new Host(name, { host: "192.0.2.1" }, 60_000, { ...hostLimits(), connections });
    hosts.push(host);
    return host;
  };
  /** Counts the masters that run now. */
  const open = (): number => logins().filter((words) => existsSync(words[words.indexOf("-S") + 1]!)).length;

  test("holds for many hosts at once, and every host gets a connection in the end", async () => {
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, existsSync(join(lab, "calls")) ? open() : 0)), 10);
    const answers = await Promise.all(
      Array.from({ length: 7 }, (_, number) =>
        hostNamed(`judge-${number}`).shell("look", `sleep 0.1; echo ${number}`, 60),
      ),
    );
    clearInterval(watch);
    expect(answers.map(({ stdout }) => stdout.trim())).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    expect([most, logins().length]).toEqual([2, 7]);
  });

  test("closes the connection that was idle for longest, which is opened again when needed", async () => {
    const [first, second, third] = ["judge-1", "judge-2", "judge-3"].map(hostNamed) as [Host, Host, Host];
    const look = (host: Host) => host.shell("look", "true", 60);
    await look(first);
    await look(second);
    await look(first);
    await look(third);
    await look(first);
    expect(logins()).toHaveLength(3);
    await look(second);
    expect([logins().length, open()]).toEqual([4, 2]);
  });

  test("does not count failed logins", async () => {
    writeFileSync(join(lab, "refusals"), "root@192.0.2.1: Permission denied (publickey).\n".repeat(3));
    for (const name of ["judge-1", "judge-2", "judge-3"]) await failureOf(hostNamed(name).shell("look", "true", 60));
    await Promise.all(["judge-4", "judge-5"].map((name) => hostNamed(name).shell("look", "true", 60)));
    expect(open()).toBe(2);
  });
});

describe("the pool", () => {
  test("returns the same host for the same settings, in whatever order", () => {
    const pool = new HostPool();
    const host = pool.at("judge-1", { host: "h", user: "u" });
    expect(pool.at("judge-1", { user: "u", host: "h" })).toBe(host);
    expect(pool.at("judge-1", { host: "h", user: "other" })).not.toBe(host);
    expect(pool.at("judge-2", { host: "h", user: "u" })).not.toBe(host);
  });

  test("closes every connection", async () => {
    const pool = new HostPool();
    await pool.at("judge-1", { host: "h" }).shell("try", "true", 10);
    const folder = privateFolder();
    await pool.close();
    expect(existsSync(folder)).toBe(false);
  });
});
