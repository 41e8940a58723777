import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askpassEnvironment } from "../../src/ssh/openssh.js";
import { PrivateFolder, removePrivateFolders } from "../../src/ssh/secrets.js";

const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
const login = {
  host: "h",
  password: "the password",
  privateKey: "-----BEGIN KEY-----\nabc\n-----END KEY-----",
  privateKeyPassword: "the passphrase",
  hostKey: "ssh-ed25519 AAAA\n",
};

describe("a private folder", () => {
  let folder: PrivateFolder;
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0);
    folder = new PrivateFolder();
  });
  afterEach(() => {
    process.umask(umask);
    folder.remove();
  });

  test("and its files are accessible to this user only, also under umask 0", () => {
    folder.add("host", login);
    folder.add("proxy", login);
    folder.addAskpass();
    expect(mode(folder.path)).toBe("700");
    expect(Object.fromEntries(readdirSync(folder.path).map((name) => [name, mode(join(folder.path, name))]))).toEqual({
      ...Object.fromEntries(
        ["host", "proxy"].flatMap((name) =>
          ["key", "known_hosts", "password", "passphrase"].map((kind) => [`${name}.${kind}`, "600"]),
        ),
      ),
      askpass: "700",
    });
  });

  test("holds a key with the final line break that OpenSSH requires, and a host key under the pinned name", () => {
    const files = folder.add("host", login);
    expect(readFileSync(files.identity!, "utf8")).toBe(`${login.privateKey}\n`);
    expect(readFileSync(files.knownHosts!, "utf8")).toBe("python3jail-pinned ssh-ed25519 AAAA\n");
  });

  test("has no files for secrets that the connection does not have", () => {
    expect(folder.add("host", { host: "h" })).toEqual({
      identity: undefined,
      knownHosts: undefined,
      password: undefined,
      passphrase: undefined,
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("keeps no secret after removeSecrets, and no longer exists after remove", () => {
    folder.add("host", login);
    folder.add("proxy", login);
    folder.addAskpass();
    folder.removeSecrets();
    expect(readdirSync(folder.path)).toEqual(["askpass"]);
    folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  });

  test("is removed with all others by removePrivateFolders, even during a login", () => {
    const other = new PrivateFolder();
    folder.add("host", login);
    removePrivateFolders();
    expect([folder, other].map(({ path }) => existsSync(path))).toEqual([false, false]);
  });

  test("has a path short enough for the name that ssh gives the socket while it binds", () => {
    // In /tmp, the usual temporary directory. A Unix socket's path may have 107 bytes, and ssh appends 17.
    expect(join("/tmp", folder.socket.slice(tmpdir().length)).length + 17).toBeLessThanOrEqual(107);
  });

  const questions: [string, string, "host" | "proxy", string][] = [
    ["the host's password", "deploy@192.0.2.1's password: ", "host", "host secret\n"],
    ["a password asked for by keyboard-interactive", "(deploy@192.0.2.1) Password: ", "host", "host secret\n"],
    ["the host key's passphrase", "Enter passphrase for key '/tmp/pj-1-x/host.key': ", "host", "host phrase\n"],
    ["the proxy's password", "jump@192.0.2.2's password: ", "proxy", "proxy secret\n"],
    ["the proxy key's passphrase", "Enter passphrase for key '/tmp/pj-1-x/proxy.key': ", "proxy", "proxy phrase\n"],
  ];
  test.each(questions)(
    "has an askpass program that answers the question for %s",
    async (_name, question, who, answer) => {
      folder.add("host", { host: "h", password: "host secret", privateKeyPassword: "host phrase" });
      const files = folder.add(who, { host: "h", password: `${who} secret`, privateKeyPassword: `${who} phrase` });
      const askpass = folder.addAskpass();
      const { stdout } = await execa(askpass, [question], {
        env: askpassEnvironment(askpass, files),
        stripFinalNewline: false,
      });
      expect(stdout).toBe(answer);
    },
  );

  test("has an askpass program that does not answer whether to trust an unknown host key", async () => {
    const files = folder.add("host", login);
    const askpass = folder.addAskpass();
    const { exitCode, stdout } = await execa(
      askpass,
      ["Are you sure you want to continue connecting (yes/no/[fingerprint])? "],
      { env: askpassEnvironment(askpass, files), reject: false },
    );
    expect([exitCode, stdout]).toEqual([1, ""]);
  });

  test("has an askpass program that answers nothing for a secret that was not given", async () => {
    const askpass = folder.addAskpass();
    const { stdout } = await execa(askpass, ["deploy@192.0.2.1's password: "], {
      env: askpassEnvironment(askpass, folder.add("host", { host: "h", privateKeyPassword: "p" })),
    });
    expect(stdout).toBe("");
  });
});
