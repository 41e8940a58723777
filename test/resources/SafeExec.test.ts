import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProviderProcess } from "../../src/provider/process.js";
import { lifecycle } from "../../src/provider/lifecycle.js";
import { checked } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { compareSafeExec, safeExec, sourceText, upstream } from "../../src/kinds/SafeExec.js";

const commit = "0123456789abcdef0123456789abcdef01234567";
const sha256 = "0".repeat(64);
const base = { host: "judge-1", connection: { host: "h" } };
const reasons = (change: object): string[] => checked(safeExec.schema, { ...base, ...change }).reasons ?? [];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "safeexec-inputs-"));
  mkdirSync(join(folder, "source"));
  writeFileSync(join(folder, "source/Makefile"), "all:\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("inputs", () => {
  test("have defaults", () => {
    expect(checked(safeExec.schema, { ...base, git: { commit } }).value).toEqual({
      ...base,
      path: "/usr/local/bin/safeexec",
      git: { url: upstream, commit },
      firewall: false,
    });
  });

  test.each<[string, object]>([
    ["a repository of one's own", { git: { url: "ssh://git@example.org/safeexec", commit } }],
    ["an archive", { source: { url: "https://example.org/safeexec.tar.gz", sha256 } }],
    ["a local archive", { source: { path: "/a/safeexec.tgz", sha256 } }],
    ["what is not known yet", { git: { commit: unknownValue } }],
    ["a folder that is not known yet", { source: { folder: unknownValue } }],
    ["another place", { git: { commit }, path: "/opt/judge/bin/safeexec" }],
  ])("may be %s", (_name, change) => expect(reasons(change)).toEqual([]));

  const refused: [string, object, string][] = [
    ["without a source", {}, "git: is missing: give `git: {commit}`, or `source`"],
    [
      "with two sources",
      { git: { commit }, source: { path: "/x", sha256 } },
      "source: must not be given together with `git`",
    ],
    ["git without a commit", { git: {} }, "git.commit: is missing: a text"],
    ["a branch", { git: { commit: "master" } }, "git.commit: must be a whole commit id: 40 hexadecimal digits"],
    [
      "a repository that git would run",
      { git: { url: "ext::sh -c id", commit } },
      "git.url: must be a git URL (https://, ssh://, git://, file:// or user@host:path), or an absolute path on the host",
    ],
    [
      "a password with a line break in a URL",
      { source: { url: "https://u:secret%0a@example.org/x.tgz", sha256 } },
      "source.url: must be a URL in which the special characters of a user and password are percent-encoded (%2F for /)",
    ],
    [
      "a token behind a repository's URL",
      { git: { url: "https://github.com/o/r?token=x", commit } },
      "git.url: must not hold a query (?…): give a token as the user or the password (https://TOKEN@…)",
    ],
    [
      "a password for ssh",
      { git: { url: "ssh://git:secret@github.com/o/r", commit } },
      "git.url: must not hold a password: use a deploy key on the host",
    ],
    [
      "an archive without its sha256",
      { source: { url: "https://example.org/x.tgz" } },
      "source.sha256: is missing: a text",
    ],
    ["a relative path", { git: { commit }, path: "bin/safeexec" }, "path: must be an absolute path (begin with /)"],
    [
      "the root as a path",
      { git: { commit }, path: "/" },
      "path: must be a program's path, such as /usr/local/bin/safeexec",
    ],
    ["a path that climbs", { git: { commit }, path: "/usr/local/bin/../safeexec" }, "path: must not contain '..'"],
    ["firewall in words", { git: { commit }, firewall: "yes" }, "firewall: must be true or false"],
    [
      "an unknown key",
      { git: { commit }, mode: "4755" },
      'unknown property "mode" (known: connection, directories, firewall, git, host, path, requireFree, source, timeouts)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) => expect(reasons(change)).toContain(reason));

  test("may not be a folder that is not there: said before anything is done", () => {
    expect(reasons({ source: { folder: "/not/there" } })).toEqual([
      expect.stringMatching(/^source\.folder: cannot be read on this machine \(there is no folder \/not\/there/),
    ]);
  });

  test("know a folder's content from the check on: what changes in it shows in a preview, and a refresh needs it no more", () => {
    const life = lifecycle(safeExec, new ProviderProcess());
    const given = { ...base, source: { folder: join(folder, "source") } };
    const inputsNow = () => life.check({}, given).inputs as Record<string, unknown>;
    const first = inputsNow();
    expect(life.diff("id", first, inputsNow()).changes).toBe(false);
    writeFileSync(join(folder, "source/Makefile"), "all: more\n");
    expect(life.diff("id", first, inputsNow())).toMatchObject({ changes: true, replaces: [] });
    rmSync(join(folder, "source"), { recursive: true });
    // What lies in the state is taken as it is.
    const { revision: _, ...recorded } = first;
    expect(checked(safeExec.schema, recorded).value).toEqual(recorded);
  });

  test("tell one from another by host and path", () => {
    const life = lifecycle(safeExec, new ProviderProcess());
    const at = (change: object) =>
      checked(safeExec.schema, { ...base, git: { commit }, ...change }).value as unknown as Record<string, unknown>;
    expect(life.diff("id", at({}), at({ path: "/opt/safeexec" })).replaces).toEqual(["path"]);
    expect(life.diff("id", at({}), at({ firewall: true }))).toMatchObject({ changes: true, replaces: [] });
  });
});

test("what it was built from is text, whatever its address is", () => {
  expect(sourceText({ git: { url: "https://one", commit } })).toBe(`commit ${commit}`);
  expect(sourceText({ source: { url: "https://one", sha256 } })).toBe(sourceText({ source: { path: "/x", sha256 } }));
  expect(sourceText({ source: { folder: "/x", digest: sha256 } })).toBe(`folder ${sha256}`);
});

describe("what is seen of it, in words", () => {
  const wanted = { host: "judge-1", path: "/opt/safeexec", git: { url: upstream, commit }, firewall: false };
  const right = ["program\tthere\tabc\t4755\troot\troot", "built\tabc", `source\tcommit ${commit}`, "host\tjudge-1"];
  const instead = (...lines: string[]): string[] => [...lines, ...right];
  const cases: [string, string[], object, Record<string, string>][] = [
    ["all right", right, {}, {}],
    ["nothing there", ["program\tnone", "built\t", "source\t", "host\t"], {}, { "/opt/safeexec": "is missing" }],
    ["a link", instead("program\ta symbolic link"), {}, { "/opt/safeexec": "is a symbolic link, should be a program" }],
    [
      "another mode",
      instead("program\tthere\tabc\t0755\troot\troot"),
      {},
      { "/opt/safeexec": "mode is 0755, should be 4755" },
    ],
    [
      "other owners",
      instead("program\tthere\tabc\t4755\tjudge\tstaff"),
      {},
      { "/opt/safeexec": "owner is judge, should be root; group is staff, should be root" },
    ],
    ["another content", instead("program\tthere\tdef\t4755\troot\troot"), {}, { "/opt/safeexec": "was altered" }],
    [
      "a program that we have no record of",
      ["program\tthere\tabc\t4755\troot\troot", "built\t", "source\t", "host\t"],
      {},
      { "/opt/safeexec": "was not installed by us, or not wholly" },
    ],
    [
      "a mount without setuid",
      [...right, "dead\tnosuid"],
      {},
      { "/opt/safeexec": "is dead: its file system is mounted nosuid" },
    ],
    [
      "another source",
      right,
      { git: { url: upstream, commit: "f".repeat(40) } },
      { source: "is another than the one that was declared" },
    ],
    ["another host's", right, { host: "judge-2" }, { host: "is declared as judge-1 too" }],
    ["a firewall that is right", [...right, "firewall\tnft\tthere\tours"], { firewall: true }, {}],
    [
      "a rule that is gone",
      [...right, "firewall\tnft\tmissing\tours"],
      { firewall: true },
      { "firewall rule": "is missing" },
    ],
    [
      "a rule of somebody else's",
      [...right, "firewall\tnft\tthere\t"],
      { firewall: true },
      { "firewall rule": "is not recorded as ours" },
    ],
    ["no firewall at all", [...right, "firewall\t\tmissing\t"], { firewall: true }, { "firewall rule": "is missing" }],
    [
      "a rule that nobody declares any more",
      [...right, "firewall\tnft\tthere\tours"],
      {},
      { "firewall rule": "is not declared" },
    ],
    ["what is only a warning", [...right, "taken\tgid 1000 is x's\tgive it another"], {}, {}],
    [
      "what is more than a warning",
      [...right, "taken\tgid 1000 is x's\tgive it another\tgroup"],
      { requireFree: true },
      { "requireFree: gid 1000 is x's": "is not as declared" },
    ],
    [
      "a group in use that the firewall would cut off",
      [...right, "firewall\tnft\tthere\tours", "taken\tgid 1000 is x's\tgive it another\tgroup"],
      { firewall: true },
      { "firewall: gid 1000 is x's": "is not as declared" },
    ],
    [
      "users in use beside a firewall",
      [...right, "firewall\tnft\tthere\tours", "taken\tuids are in use\tgive them others\tusers"],
      { firewall: true },
      {},
    ],
    [
      "a group in use that the firewall may cut off",
      [...right, "firewall\tnft\tthere\tours", "taken\tgid 1000 is x's\tgive it another\tgroup"],
      { firewall: true, requireFree: false },
      {},
    ],
  ];
  test.each(cases)("%s", (_name, lines, change, drift) =>
    expect(compareSafeExec({ ...wanted, ...change }, parseAnswer(["started", ...lines, "done"].join("\n")))).toEqual(
      drift,
    ),
  );
});
