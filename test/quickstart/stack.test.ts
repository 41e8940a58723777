import { expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTorn, pendingIn } from "../../quickstart/cut-off.js";
import { findJail } from "../../quickstart/jail.js";
import { movedManifest } from "../../quickstart/project.js";

test("steps that a cut-off run left are counted", () => {
  expect(pendingIn(JSON.stringify({ version: 3, deployment: { pending_operations: [{ type: "creating" }] } }))).toBe(1);
  expect(pendingIn(JSON.stringify({ version: 3, deployment: { pending_operations: null } }))).toBe(0);
  expect(pendingIn(JSON.stringify({ version: 3 }))).toBe(0);
});

test("files that a killed engine was writing are known", () => {
  const folder = mkdtempSync(join(tmpdir(), "python3jail-test-"));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  try {
    expect(isTorn(file("local.json", "{}"))).toBe(false);
    expect(isTorn(file("local.json.attrs", '{"user.content_type":"text/plain"}'))).toBe(false);
    expect(isTorn(file("local.json.bak.attrs", ""))).toBe(true);
    expect(isTorn(file("local.json.18ead2191da7ea34.tmp", "{}"))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the jail is found among the outputs, and one that failed is none", () => {
  const jail = { path: "/q/jail", python: "3.13.5", printed: "2", command: "chroot /q/jail /bin/python3" };
  expect(findJail(["failed", { ...jail, path: "/srv/other" }, jail], "/q/jail")).toBe(jail);
  expect(findJail(["failed", null, { path: "/q/jail" }], "/q/jail")).toBeUndefined();
});

test("the project is the same in another folder, its program where it was", () => {
  expect(movedManifest("name: x\nmain: build/src/program.js\nruntime: nodejs\n", "/checkout")).toBe(
    "name: x\nmain: /checkout/build/src/program.js\nruntime: nodejs\n",
  );
  expect(() => movedManifest("name: x\n", "/checkout")).toThrow("Pulumi.yaml has no `main:`");
});
