import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { compareRoot, jailRoot } from "../../src/kinds/JailRoot.js";

const base = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail" };
const commit = "0123456789abcdef0123456789abcdef01234567";
const reasons = (change: object): string[] => checked(jailRoot.schema, { ...base, ...change }).reasons ?? [];

describe("a jail root's inputs", () => {
  test("have defaults", () => {
    expect(checked(jailRoot.schema, base).value).toEqual({
      ...base,
      owner: "root",
      group: "root",
      deleteContents: false,
      keepCache: false,
    });
  });

  test.each([
    "https://example.org/jail.git",
    "ssh://git@example.org:2222/jail",
    "git@example.org:group/jail.git",
    "file:///srv/git/jail",
    "git://example.org/jail",
  ])("may be a repository at %s", (url) => expect(reasons({ git: { url, commit } })).toEqual([]));

  test("may be a repository at a path of the host, which git takes as file://", () =>
    expect(checked(jailRoot.schema, { ...base, git: { url: "/srv/git/jail", commit } }).value).toMatchObject({
      git: { url: "file:///srv/git/jail", commit },
    }));

  const gitUrl =
    "git.url: must be a git URL (https://, ssh://, git://, file:// or user@host:path), or an absolute path on the host";
  const refused: [string, object, string][] = [
    ["a repository that git would run", { git: { url: "ext::sh -c id", commit } }, gitUrl],
    ["a repository like an option", { git: { url: "--upload-pack=id", commit } }, gitUrl],
    ["a repository of two lines", { git: { url: "https://a\nb", commit } }, gitUrl],
    ["a relative path", { git: { url: "git/jail", commit } }, gitUrl],
    [
      "half a commit",
      { git: { url: "https://a/b", commit: "0123abc" } },
      "git.commit: must be a whole commit id: 40 hexadecimal digits",
    ],
    [
      "a branch",
      { git: { url: "https://a/b", commit: "main" } },
      "git.commit: must be a whole commit id: 40 hexadecimal digits",
    ],
    ["a repository without its commit", { git: { url: "https://a/b" } }, "git.commit: is missing: a text"],
    [
      "an unknown key of the repository",
      { git: { url: "https://a/b", commit, branch: "main" } },
      'git: unknown property "branch" (known: commit, url)',
    ],
    [
      "an unknown key",
      { deleteContent: true },
      'unknown property "deleteContent": did you mean "deleteContents"? (known: connection, deleteContents, directories, git, group, host, keepCache, owner, path, timeouts)',
    ],
    ["an owner that is none", { owner: "a:b" }, "owner: must be a user's or group's name, or its number"],
    ["deleteContents in words", { deleteContents: "yes" }, "deleteContents: must be true or false"],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) => expect(reasons(change)).toEqual([reason]));
});

describe("what is seen of a jail, in words", () => {
  const owner = "owner\troot\t0\troot\t0";
  const ours = `jail\tours\nid\tthe-id\ncommit\t\n${owner}`;
  const wanted = { owner: "root", group: "root", git: undefined };
  const cases: [string, string, object, object][] = [
    ["all right", ours, {}, {}],
    [
      "right by numbers of owner and group",
      "jail\tours\nid\tthe-id\ncommit\t\nowner\tjudge\t1000\tUNKNOWN\t1001",
      { owner: "1000", group: "1001" },
      {},
    ],
    ["a lost marker", ours.replace("ours", "lost"), {}, { marker: "REM_this_is_jail or the jail's id is missing" }],
    ["a jail made by hand", `jail\tmarked\n${owner}`, {}, { marker: "REM_this_is_jail or the jail's id is missing" }],
    ["an empty folder", `jail\tempty\nmissing\tdev\n${owner}`, {}, { ".": "is not our jail", dev: "is missing" }],
    ["a folder of something else", `jail\tforeign\n${owner}`, {}, { ".": "is not our jail" }],
    [
      "another jail",
      ours.replace("the-id", "another"),
      {},
      { id: "is another jail's: this is not the machine, or not the jail, that was made here" },
    ],
    ["missing folders", `${ours}\nmissing\tdev\nmissing\tscratch`, {}, { dev: "is missing", scratch: "is missing" }],
    [
      "what is no folder",
      `${ours}\nwrong\tstatic\ta symbolic link`,
      {},
      { static: "is a symbolic link, should be a folder" },
    ],
    [
      "another owner and group",
      ours.replace(owner, "owner\tjudge\t1000\tstaff\t50"),
      {},
      { owner: "is judge, should be root", group: "is staff, should be root" },
    ],
    [
      "another commit",
      ours.replace("commit\t", `commit\t${commit}`),
      { git: { url: "https://a/b", commit: "f".repeat(40) } },
      { commit: `is ${commit}, should be ${"f".repeat(40)}` },
    ],
    [
      "no commit where one is wanted",
      ours,
      { git: { url: "https://a/b", commit } },
      { commit: `is none, should be ${commit}` },
    ],
    [
      "a commit where none is wanted",
      ours.replace("commit\t", `commit\t${commit}`),
      {},
      { commit: `is ${commit}, should be none` },
    ],
  ];
  test.each(cases)("%s", (_name, lines, change, drift) => {
    expect(compareRoot({ ...wanted, ...change }, "the-id", parseAnswer(`started\n${lines}\ndone\n`))).toEqual(drift);
  });
});
