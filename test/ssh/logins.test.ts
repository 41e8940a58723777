import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "../../src/ssh/connection.js";
import { Logins } from "../../src/ssh/logins.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "logins-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes an OpenSSH configuration with these lines, and returns its path. */
function configured(...lines: string[]): string {
  const file = join(folder, `config-${lines.length}-${lines.join("").length}`);
  writeFileSync(file, lines.join("\n"));
  return file;
}

/** Asks for all logins at once, and returns the largest number that ran at a time. */
async function mostAtOnce(connections: readonly Connection[]): Promise<number> {
  const logins = new Logins();
  let now = 0;
  let most = 0;
  const login = async (): Promise<void> => {
    now += 1;
    most = Math.max(most, now);
    await sleep(20);
    now -= 1;
  };
  await Promise.all(connections.map((connection) => logins.run(connection, login)));
  return most;
}
const many = (connectionOf: (number: number) => Connection): Connection[] =>
  Array.from({ length: 40 }, (_, number) => connectionOf(number));

test("at most eight logins at a time go through each jump host", async () => {
  const through = (jump: string): Connection[] =>
    many((number) => ({ host: `10.0.0.${number}`, proxy: { host: jump, user: "root" } }));
  expect(await mostAtOnce(through("bastion"))).toBe(8);
  expect(await mostAtOnce([...through("bastion"), ...through("other")])).toBe(16);
});

test.each([["ProxyJump bastion"], ["Host judge-*", "  proxycommand ssh -W %h:%p bastion"], ["Include more.conf"]])(
  "at most eight logins run at a time if the configuration may name a jump host: %s",
  async (...lines) => {
    const sshConfigFile = configured(...lines);
    expect(await mostAtOnce(many((number) => ({ host: `judge-${number}`, sshConfigFile })))).toBe(8);
  },
);

test("more than eight logins run at a time if there is no jump host", async () => {
  const sshConfigFile = configured("# ProxyJump bastion", "Host judge-*", "  User root");
  expect(await mostAtOnce(many((number) => ({ host: `judge-${number}`, sshConfigFile })))).toBeGreaterThan(8);
});
