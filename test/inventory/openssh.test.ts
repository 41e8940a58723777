import { describe, expect, test } from "@jest/globals";
import { opensshHosts, pathsOf } from "../../src/inventory/openssh.js";

const config = `
# Host commented-out
Host *
  User deploy
host judge-1 judge-2   # two of a kind
  HostName %h.example.org
HOST=judge-3
	Host "judge-4" !judge-5 judge-* ?udge
Match host judge-6
  Port 2222
Include more.conf "others/*"
Host judge-1
  ProxyJump bastion
Host "unclosed
`;
const files: Record<string, string[]> = {
  "more.conf": ["Host judge-7\nInclude more.conf"],
  "others/*": ["Host judge-8", "Host judge-2 judge-9"],
};

test("the names that Host lines have, each once, and those of included files; no patterns", () => {
  expect(opensshHosts(config, (pattern) => files[pattern] ?? [])).toEqual([
    "judge-1",
    "judge-2",
    "judge-3",
    "judge-4",
    "judge-7",
    "judge-8",
    "judge-9",
  ]);
});

test("files that include themselves come to an end", () => {
  let read = 0;
  expect(opensshHosts("Host a\nInclude self", () => [`Host a${(read += 1)}\nInclude self`])).toContain("a16");
  expect(read).toBe(16);
});

describe("the paths that an Include means", () => {
  const folders: Record<string, string[]> = {
    "/": ["etc"],
    "/etc": ["ssh"],
    "/etc/ssh": ["b.conf", "a.conf", ".hidden.conf", "readme"],
  };
  const cases: [string, string[]][] = [
    ["/etc/ssh/a.conf", ["/etc/ssh/a.conf"]],
    ["/etc/ssh/*.conf", ["/etc/ssh/a.conf", "/etc/ssh/b.conf"]],
    ["/*/ssh/?.conf", ["/etc/ssh/a.conf", "/etc/ssh/b.conf"]],
    ["/etc/ssh/.*.conf", ["/etc/ssh/.hidden.conf"]],
    ["/nowhere/*", []],
  ];
  test.each(cases)("%s", (pattern, paths) =>
    expect(pathsOf(pattern, (folder) => folders[folder] ?? [])).toEqual(paths),
  );
});
