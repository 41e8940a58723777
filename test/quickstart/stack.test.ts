import { expect, test } from "@jest/globals";
import { pendingIn } from "../../quickstart/cut-off.js";
import { findJail } from "../../quickstart/jail.js";
import { movedManifest } from "../../quickstart/project.js";

test("steps that a cut-off run left are counted", () => {
  expect(pendingIn(JSON.stringify({ version: 3, deployment: { pending_operations: [{ type: "creating" }] } }))).toBe(1);
  expect(pendingIn(JSON.stringify({ version: 3, deployment: { pending_operations: null } }))).toBe(0);
  expect(pendingIn(JSON.stringify({ version: 3 }))).toBe(0);
});

test("the jail is found among the outputs, and one that failed is none", () => {
  const jail = { path: "/q/jail", python: "3.13.5", printed: "2", command: "chroot /q/jail /bin/python3" };
  expect(findJail(["failed", { ...jail, path: "/srv/other" }, jail], "/q/jail")).toBe(jail);
  expect(findJail(["failed", null, { path: "/q/jail" }], "/q/jail")).toBeUndefined();
});

test("the project is the same in another folder, its program where it was", () => {
  expect(movedManifest("name: x\nmain: build/src/program.js\nruntime: nodejs\n", "/checkout")).toBe("name: x\nmain: /checkout/build/src/program.js\nruntime: nodejs\n");
  expect(() => movedManifest("name: x\n", "/checkout")).toThrow("Pulumi.yaml has no `main:`");
});
