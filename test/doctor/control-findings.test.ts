import { expect, test } from "@jest/globals";
import { controlFindings } from "../../src/doctor/control-findings.js";
import { needsPassphrase, type ControlFacts } from "../../src/doctor/control-facts.js";

const good: ControlFacts = {
  node: "24.1.0",
  ssh: "OpenSSH_10.0p2",
  engine: { value: "v3.259.0" },
  backend: { value: "file://~" },
  cache: { path: "/home/ana/.cache/python3jail", usedBytes: 1e6, freeBytes: 50e9, writable: true },
  passphrase: { from: "variable" },
};

const faults = (facts: Partial<ControlFacts>): string[] =>
  controlFindings({ ...good, ...facts })
    .filter(({ result }) => result !== "fine")
    .map(({ result, check, text, remedy }) => `${result} ${check}: ${text} → ${remedy}`);

test("a control machine that has everything has no problem", () => {
  expect(faults({})).toEqual([]);
  expect(faults({ passphrase: undefined })).toEqual([]);
});

test.each<[facts: Partial<ControlFacts>, expected: string]>([
  [{ node: "20.20.2" }, "lacking node: this is Node 20.20.2 → install Node 22 or later"],
  [{ ssh: undefined }, "lacking ssh: there is no ssh → install OpenSSH's client (Debian's package: openssh-client)"],
  [
    { engine: { problem: "there is no `pulumi` on the PATH" }, backend: { problem: "the same" } },
    "lacking engine: there is no `pulumi` on the PATH → `npm install pulumi` in the project's folder",
  ],
  [
    { backend: { problem: "error: PULUMI_ACCESS_TOKEN must be set for login" } },
    "lacking backend: you are logged in to no Pulumi backend → `npx pulumi login --local`, or another backend",
  ],
  [
    { cache: { ...good.cache, writable: false } },
    "lacking cache: the cache /home/ana/.cache/python3jail may not be written by this user → give another place in `PYTHON3JAIL_CACHE_DIR`",
  ],
  [
    { cache: { ...good.cache, freeBytes: 20e6 } },
    "warning cache: the disk of the cache (/home/ana/.cache/python3jail) has 20.0 MB free → make room there (`python3jail cache prune`), or give another place in `PYTHON3JAIL_CACHE_DIR`",
  ],
  [
    { passphrase: { from: "nowhere" } },
    "lacking passphrase: the stack's secrets need a passphrase, and none is given → `export PULUMI_CONFIG_PASSPHRASE_FILE=FILE`, a file of yours with the passphrase in it (mode 0600)",
  ],
  [
    { passphrase: { from: "file", path: "~/p", is: "missing" } },
    "lacking passphrase: PULUMI_CONFIG_PASSPHRASE_FILE names ~/p, and there is no such file → put the passphrase into it (mode 0600): `(umask 077; cat >~/p)`",
  ],
  [
    { passphrase: { from: "file", path: "~/p", is: "open to others" } },
    "warning passphrase: others may read ~/p, or write it → `chmod 600 ~/p`",
  ],
  [
    { passphrase: { from: "file", path: "~/p", is: "unreadable" } },
    "lacking passphrase: ~/p may not be read by this user → `chmod u+r ~/p`, or give a file of yours",
  ],
])("%j is a finding with its remedy", (facts, expected) => expect(faults(facts)).toEqual([expected]));

test.each<[backend: string, file: object, needs: boolean]>([
  ["file://~", {}, true],
  ["s3://bucket", {}, true],
  ["https://app.pulumi.com/ana", {}, false],
  ["https://app.pulumi.com/ana", { encryptionsalt: "v1:x" }, true],
  ["file://~", { secretsprovider: "awskms://alias/x" }, false],
  ["file://~", { secretsprovider: "passphrase" }, true],
  ["", {}, false],
])("secrets of a stack at %j with %j need a passphrase: %j", (backend, file, needs) =>
  expect(needsPassphrase(backend, file)).toBe(needs),
);
