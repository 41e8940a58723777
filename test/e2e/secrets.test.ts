import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project, type PulumiResult } from "./engine.js";
import { endAll } from "./jail-stack.js";

// Keys and passwords given inline: they work, and are to be found nowhere.
const patience = 120_000;
const passphrase = "a phrase of three-and-twenty pears";
let fleet: HostFleet;
let host: Host;
const projects: Project[] = [];

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", passwordLogin: true });
});
afterAll(() => endAll(fleet, ...projects));

/** A stack of one JailRoot, whose connection comes from the config: small, and it logs in like all the others. */
async function oneJailRoot(path: string): Promise<Project> {
  const project = await Project.create({
    program: `
const { JailRoot } = require("pulumi-python3jail");
const fs = require("fs");
// Not from the config: what is plain there is plain in the state of the engine's own provider resource.
const connection = JSON.parse(fs.readFileSync("connection.json", "utf8"));
new JailRoot("judge-1", { host: "judge-1", connection, path: "${path}" });
`,
  });
  projects.push(project);
  return project;
}

function connection(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    host: host.address,
    port: host.port,
    user: "root",
    knownHostsFile: host.knownHostsFile,
    hostKeyPolicy: "strict",
    ...more,
  };
}

function connect(project: Project, to: Record<string, unknown>): void {
  writeFileSync(join(project.directory, "connection.json"), JSON.stringify(to));
}

/** Looks, as long as something runs, for a text in every command line of this machine, and in files of ours that others may read. */
async function nowhereSeen(texts: string[], run: () => Promise<PulumiResult>): Promise<PulumiResult> {
  const seen: string[] = [];
  const look = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const words = read(`/proc/${pid}/cmdline`);
      if (texts.some((text) => words.includes(text))) seen.push(words.replaceAll("\0", " "));
    }
    for (const folder of readdirSync(tmpdir()).filter((name) => name.startsWith("pj-"))) {
      if ((statSync(join(tmpdir(), folder), { throwIfNoEntry: false })?.mode ?? 0) & 0o077) seen.push(folder);
    }
  };
  const timer = setInterval(look, 20);
  try {
    const result = await run();
    for (const text of texts) expect(result.all).not.toContain(text);
    expect(seen).toEqual([]);
    return result;
  } finally {
    clearInterval(timer);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** What remains of connections in the folder for temporary files, but for those of a test that runs beside this one. */
function remains(project: Project): string[] {
  const alive = new Set(readdirSync("/proc"));
  return readdirSync(tmpdir()).filter((name) => {
    const pid = /^pj-(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !alive.has(pid) && project.directory !== "";
  });
}

test(
  "an inline key with a passphrase logs in, and is nowhere in plain text",
  async () => {
    const key = join(fleet.hosts[0]!.privateKeyFile, "..", "with-passphrase");
    await execa("cp", [host.privateKeyFile, key]);
    await execa("chmod", ["600", key]);
    await execa("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-f", key]);
    const privateKey = readFileSync(key, "utf8");
    const line = privateKey.split("\n")[2]!;

    const project = await oneJailRoot("/srv/by-key");
    connect(project, connection({ privateKey, privateKeyPassword: passphrase }));
    await nowhereSeen([line, passphrase], () => project.up());
    await nowhereSeen([line, passphrase], () => project.refresh({ flags: ["--diff"] }));
    const state = JSON.stringify(await project.exportState());
    expect(state).toContain(host.address);
    expect(state).not.toContain(passphrase);
    expect(state).not.toContain(line);
    await nowhereSeen([line, passphrase], () => project.destroy());
    expect(remains(project)).toEqual([]);
  },
  patience,
);

test(
  "a password logs in, and is nowhere in plain text, even if it is refused",
  async () => {
    const project = await oneJailRoot("/srv/by-password");
    const wrong = "wr0ng-pa55word";
    connect(project, connection({ password: wrong, agentSocketPath: "none" }));
    const refused = await nowhereSeen([wrong], () => project.up({ expectFailure: true }));
    expect(refused.all).toContain("judge-1: read the jail: the login was refused");
    connect(project, connection({ password: host.password, agentSocketPath: "none" }));
    await nowhereSeen([host.password], () => project.up());
    expect(JSON.stringify(await project.exportState())).not.toContain(host.password);
    await project.destroy();
  },
  patience,
);

test(
  "credentials by host name are in no state; after rotating them an up changes nothing, and destroy uses the new ones",
  async () => {
    const project = await oneJailRoot("/srv/by-credentials");
    const first = readFileSync(host.privateKeyFile, "utf8");
    connect(project, connection());
    await project.setSecret('python3jail:credentials["judge-1"].privateKey', first);
    await project.up();
    const state = await project.exportState({ showSecrets: true });
    const ours = (state.deployment.resources ?? []).filter(({ type }) => type.includes("python3jail"));
    expect(JSON.stringify(ours)).not.toContain(first.split("\n")[2]);
    expect(JSON.stringify(await project.exportState())).not.toContain(first.split("\n")[2]);

    const rotated = join(host.privateKeyFile, "..", "rotated");
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", rotated]);
    await project.setSecret('python3jail:credentials["judge-1"].privateKey', readFileSync(rotated, "utf8"));
    await project.preview({ flags: ["--expect-no-changes"] });
    // The engine keeps the config with its provider: this puts the new one there, and touches no resource.
    await project.up({ flags: ["--expect-no-changes"] });
    // The host takes the new key only; its own login key goes back in afterwards.
    const keys =
      (await host.run("sshd -T 2>/dev/null | sed -n 's/^authorizedkeysfile //p'")).stdout.trim().split(" ")[0] ?? "";
    const file = keys.startsWith("/") ? keys : `/root/${keys}`;
    const before = (await host.run(`cat ${file}`, { reject: false })).stdout;
    if (before !== "") {
      await host.run(`cat >${file}`, { input: readFileSync(`${rotated}.pub`, "utf8") });
      await project.destroy();
      await host.run(`cat >${file}`, { input: `${before}\n` });
    } else {
      throw new Error(`the host's authorized keys are not at ${file}`);
    }
    expect((await host.run("ls /srv")).stdout).not.toContain("by-credentials");
  },
  patience,
);
