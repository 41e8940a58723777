import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { Host } from "./host.js";
import { HostFleet } from "./host-fleet.js";
import { identifyProcess } from "./process-identity.js";
import { RunDirectory } from "./run-directory.js";
import { PATH } from "./tools.js";

interface SshOutcome {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** What a person's own ssh would say; options given here win over the host's. */
async function ssh(host: Host, command: string, options: string[] = [], input = ""): Promise<SshOutcome> {
  const flags = options.flatMap((option) => ["-o", option]);
  const { exitCode, stdout, stderr } = await execa("ssh", [...flags, ...host.sshArguments(), command], {
    reject: false,
    input,
  });
  return { exitCode, stdout, stderr };
}

/** The sleeps that run on a host, each as it was started. */
async function sleepsOn(host: Host): Promise<string[]> {
  const script =
    "for p in /proc/[0-9]*; do [ \"$(cat $p/comm)\" != sleep ] || tr '\\0' ' ' <$p/cmdline; echo; done 2>/dev/null";
  const { stdout } = await host.run(script);
  return stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^sleep \d/.test(line))
    .sort();
}

function namespacesInUse(): Set<string> {
  const kinds = ["net", "mnt", "pid"];
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Set(
    processes.flatMap((pid) =>
      kinds.flatMap((kind) => {
        try {
          return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
        } catch {
          return [];
        }
      }),
    ),
  );
}

async function hasInterface(name: string): Promise<boolean> {
  return !(await execa("ip", ["link", "show", name], { env: { PATH }, reject: false })).failed;
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await condition()) {
      return true;
    }
    await sleep(25);
  }
  return false;
}

describe("a host of a fleet", () => {
  let fleet: HostFleet | undefined;
  let host: Host;
  let other: Host;
  let cacheDirectory: string;

  beforeAll(async () => {
    cacheDirectory = mkdtempSync(join(tmpdir(), "python3jail-test-cache-"));
    fleet = await HostFleet.create();
    host = await fleet.addHost({ name: "judge-1" });
    other = await fleet.addHost({
      name: "judge-2",
      user: "operator",
      sudo: "with-password",
      passwordLogin: true,
      mounts: { "/srv/nodev": "nodev", "/srv/noexec": "noexec", "/srv/small": "size=1m" },
      cacheDirectory,
    });
  });

  afterAll(async () => {
    await fleet?.destroy();
    rmSync(cacheDirectory, { recursive: true, force: true });
  });

  test("answers over ssh with its key", async () => {
    const answer = await ssh(host, "hostname; id -un; hostname -I");
    expect(answer.stdout.split("\n").map((line) => line.trim())).toEqual(["judge-1", "root", host.address]);
  });

  test("gives each host a root, processes and devices of its own", async () => {
    await ssh(host, "echo here >/usr/lib/only-on-judge-1");
    expect((await ssh(host, "cat /usr/lib/only-on-judge-1")).stdout).toBe("here");
    expect((await ssh(other, "cat /usr/lib/only-on-judge-1")).exitCode).toBe(1);
    expect(existsSync("/usr/lib/only-on-judge-1")).toBe(false);
    expect(existsSync(join(host.rootDirectory, "usr/lib/only-on-judge-1"))).toBe(true);
    await host.run("rm /usr/lib/only-on-judge-1");

    expect((await ssh(host, "tr '\\0' ' ' </proc/1/cmdline; ls /root /home /var/lib/python3jail")).stdout).toMatch(
      /^\/bin\/sh/,
    );
    expect(Number((await ssh(host, "ls -d /proc/[0-9]* | wc -l")).stdout)).toBeLessThan(15);
    await host.run("rm /dev/null && mknod -m 600 /dev/null c 1 3");
    expect((await other.run("stat -c %a /dev/null")).stdout).toBe("666");
    expect((await execa("stat", ["-c", "%a", "/dev/null"])).stdout).toBe("666");
    await host.run("chmod 666 /dev/null");
  });

  test("allows device nodes, which work unless the file system is mounted nodev", async () => {
    const make = (path: string): string =>
      `rm -f ${path} && mknod -m 666 ${path} c 1 3 && echo lost >${path} && stat -c '%F %t,%T %a' ${path}`;
    expect((await ssh(host, make("/opt/null"))).stdout).toBe("character special file 1,3 666");
    await host.run("rm /opt/null");

    const dead = await other.run(make("/srv/nodev/null"), { reject: false });
    expect(dead.exitCode).not.toBe(0);
    expect(dead.stderr).toContain("Permission denied");
  });

  test("mounts with the options asked for", async () => {
    const script = "printf '#!/bin/sh\\necho ran' >/srv/noexec/x; chmod +x /srv/noexec/x; /srv/noexec/x";
    expect((await other.run(script, { reject: false })).stderr).toContain("Permission denied");
    const full = await other.run("head -c 2000000 /dev/zero >/srv/small/file", { reject: false });
    expect(full.stderr).toContain("No space left on device");
    await other.run("rm /srv/noexec/x /srv/small/file");
  });

  test("keeps /var/cache/python3jail where it was asked to", async () => {
    await other.run("echo kept >/var/cache/python3jail/file");
    expect(readFileSync(join(cacheDirectory, "file"), "utf8")).toBe("kept\n");
    expect((await host.run("ls -A /var/cache/python3jail", { reject: false })).stdout).toBe("");
  });

  test("adds a user with a password and the asked right to sudo", async () => {
    expect((await ssh(other, "id -un")).stdout).toBe("operator");
    expect((await ssh(other, "sudo -n true")).stderr).toContain("a password is required");
    expect((await ssh(other, "sudo -S -p '' id -un", [], `${other.password}\n`)).stdout).toBe("root");
  });

  test("accepts a password at login if that is requested", async () => {
    const askpass = join(cacheDirectory, "askpass");
    await writeFile(askpass, `#!/bin/sh\necho ${other.password}\n`, { mode: 0o700 });
    const login = async (target: Host) =>
      execa(
        "ssh",
        ["-o", "BatchMode=no", "-o", "PreferredAuthentications=password", ...target.sshArguments(), "id -un"],
        {
          env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" },
          reject: false,
        },
      );
    expect((await login(other)).stdout).toBe("operator");
    expect((await login(host)).stderr).toContain("Permission denied (publickey)");
  });

  test("counts connections and logins", async () => {
    const [connections, logins] = [await host.sshConnections(), await host.sshLogins()];
    await ssh(host, "true");
    expect([await host.sshConnections(), await host.sshLogins()]).toEqual([connections + 1, logins + 1]);
    await ssh(host, "true", ["PreferredAuthentications=password"]);
    expect([await host.sshConnections(), await host.sshLogins()]).toEqual([connections + 2, logins + 1]);
  });

  test("lists changed files, and none if nothing changed", async () => {
    const before = await host.listing();
    const withTimes = await host.listing({ changeTimes: true });
    await ssh(host, "ls -lR /etc >/dev/null; cat /etc/passwd >/dev/null");
    expect(await host.listing({ changeTimes: true })).toEqual(withTimes);

    await ssh(
      host,
      "mkdir -p /var/lib/python3jail /usr/local/jail && mknod -m 640 /usr/local/jail/node c 1 3 && rm /etc/issue && ln -s a /opt/b",
    );
    const changed = (await host.listing()).filter((line) => !before.includes(line));
    expect(changed).toEqual([
      expect.stringMatching(/^\/etc\/issue removed$/),
      expect.stringMatching(/^\/opt\/b link 0777 0:0 size=1 modified=\d+ -> a$/),
      expect.stringMatching(/^\/usr\/local\/jail folder 0755 0:0$/),
      expect.stringMatching(/^\/usr\/local\/jail\/node character-device 0640 0:0 device=1,3 size=0 modified=\d+$/),
      expect.stringMatching(/^\/var\/lib\/python3jail folder 0755 0:0$/),
    ]);
    expect(await host.listing({ paths: ["/usr/local/jail"] })).toHaveLength(2);

    // A folder in which something came and went is no difference; that it was written to still shows in its change time.
    await ssh(host, "rm -r /usr/local/jail /opt/b /var/lib/python3jail");
    expect((await host.listing()).filter((line) => !line.startsWith("/etc/issue"))).toEqual(before);
    expect((await host.listing({ changeTimes: true })).some((line) => line.startsWith("/usr/local folder "))).toBe(
      true,
    );
  });

  test("lists the files on separate mounts", async () => {
    const before = await other.listing();
    await other.run("touch /srv/small/file");
    expect(await other.listing()).toContainEqual(expect.stringMatching(/^\/srv\/small\/file file /));
    await other.run("rm /srv/small/file");
    expect(await other.listing()).toEqual(before);
  });

  test("is unreachable while it is taken down, and works afterwards", async () => {
    const patient = ssh(host, "sleep 1; echo still there");
    await eventually(async () => (await sleepsOn(host)).length > 0);
    await host.takeDown();
    const outcome = await ssh(host, "true", ["ConnectTimeout=1"]);
    expect(outcome).toMatchObject({ exitCode: 255 });
    expect(outcome.stderr).toMatch(/timed out|No route to host/);
    expect((await ssh(other, "true")).exitCode).toBe(0);
    await host.bringUp();
    expect((await patient).stdout).toBe("still there");
    expect((await ssh(host, "echo back")).stdout).toBe("back");
  });

  test("refuses connections while its server is stopped", async () => {
    await host.refuse();
    expect((await ssh(host, "true")).stderr).toContain("Connection refused");
    await host.accept();
    expect((await ssh(host, "echo back")).stdout).toBe("back");
  });

  test("ends connections, but neither the server nor detached processes", async () => {
    const cut = ssh(host, "setsid sleep 4711 >/dev/null 2>&1 & sleep 4712");
    expect(await eventually(async () => (await sleepsOn(host)).length === 2)).toBe(true);
    await host.dropConnections();
    expect((await cut).exitCode).toBe(255);
    expect(await sleepsOn(host)).toContain("sleep 4711");
    expect((await ssh(host, "echo still listening")).stdout).toBe("still listening");
  });

  test("has a host key that can change", async () => {
    expect(readFileSync(host.knownHostsFile, "utf8")).toBe(`${host.address} ${await host.hostKey()}\n`);
    await host.changeHostKey();
    expect((await ssh(host, "true")).stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
    await writeFile(host.knownHostsFile, `${host.address} ${await host.hostKey()}\n`);
    expect((await ssh(host, "echo known again")).stdout).toBe("known again");
  });

  test("reaches only this machine over the network", async () => {
    const { machineAddress } = fleet!;
    const server = createServer((_request, response) => response.end("served"));
    await new Promise<void>((resolve) => server.listen(0, machineAddress, resolve));
    const { port } = server.address() as AddressInfo;
    const request = `exec 3<>/dev/tcp/${machineAddress}/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3`;
    const answer = await host.run(`bash -c "${request}"`);
    server.close();
    expect(answer.stdout).toBe("served");
    expect((await host.run("ip route")).stdout).not.toContain("default");
  });

  test("does not clash with another fleet", async () => {
    const second = await HostFleet.create();
    try {
      const namesake = await second.addHost({ name: "judge-1" });
      expect(namesake.address).not.toBe(host.address);
      expect((await ssh(namesake, "hostname")).stdout).toBe("judge-1");
      expect((await ssh(host, "hostname")).stdout).toBe("judge-1");
      const across = await host.run(`ssh -F none -o BatchMode=yes ${namesake.address} true`, { reject: false });
      expect(across.stderr).toContain("Network is unreachable");
    } finally {
      await second.destroy();
    }
  });
});

describe("a fleet that has ended", () => {
  test("leaves nothing once it is destroyed", async () => {
    const mounts = readFileSync("/proc/self/mounts", "utf8");
    const named = (await execa("ip", ["netns"], { env: { PATH } })).stdout;
    const fleet = await HostFleet.create();
    const host = await fleet.addHost({ name: "short-lived" });
    await ssh(host, "setsid sleep 4713 >/dev/null 2>&1 &");

    const cable = `p3jail${fleet.machineAddress.split(".")[2]}`;
    const runDirectory = dirname(dirname(host.privateKeyFile));
    const namespaces = ["net", "mnt", "pid"].map((kind) => readlinkSync(`${dirname(host.rootDirectory)}/ns/${kind}`));
    expect(namespaces.every((namespace) => namespacesInUse().has(namespace))).toBe(true);
    expect(await hasInterface(cable)).toBe(true);
    expect(existsSync(runDirectory)).toBe(true);

    await fleet.destroy();
    expect(namespaces.filter((namespace) => namespacesInUse().has(namespace))).toEqual([]);
    expect(await hasInterface(cable)).toBe(false);
    expect(existsSync(runDirectory)).toBe(false);
    expect(readFileSync("/proc/self/mounts", "utf8")).toBe(mounts);
    expect((await execa("ip", ["netns"], { env: { PATH } })).stdout).toBe(named);
  });

  test("ends with a killed owner, and the next fleet removes its files", async () => {
    const owner = execa(process.execPath, [join(__dirname, "fixtures", "fleet-owner.js")], {
      reject: false,
      buffer: false,
    });
    const line = await new Promise<string>((resolve) => owner.stdout.setEncoding("utf8").once("data", resolve));
    const remains = JSON.parse(line) as { runDirectory: string; cable: string; namespace: string };
    expect(namespacesInUse().has(remains.namespace)).toBe(true);

    owner.kill("SIGKILL");
    await owner;
    expect(await eventually(() => !namespacesInUse().has(remains.namespace))).toBe(true);
    expect(await eventually(async () => !(await hasInterface(remains.cable)))).toBe(true);
    expect(existsSync(remains.runDirectory)).toBe(true);

    await (await HostFleet.create()).destroy();
    expect(existsSync(remains.runDirectory)).toBe(false);
  });

  test("is ended from its record, which ends nothing else", async () => {
    const [recorded, reused] = [
      execa("sleep", ["4714"], { reject: false }),
      execa("sleep", ["4715"], { reject: false }),
    ];
    const identity = identifyProcess(recorded.pid ?? 0);
    // An owner that cannot be: the machine started no process before its first clock tick.
    const remains = mkdtempSync(join(tmpdir(), `python3jail-hosts-${process.pid}-0-`));
    writeFileSync(join(remains, "processes"), `${recorded.pid} ${identity?.startTime}\n${reused.pid} 1\n`);

    await RunDirectory.clearRemains();
    expect((await recorded).signal).toBe("SIGKILL");
    expect(identifyProcess(reused.pid ?? 0)).toBeDefined();
    expect(existsSync(remains)).toBe(false);
    reused.kill();
    await reused;
  });
});
