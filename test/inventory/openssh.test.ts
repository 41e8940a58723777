import { describe, expect, test } from "@jest/globals";
import { opensshHosts, expandGlob } from "../../src/inventory/openssh.js";

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

test("opensshHosts returns the names in Host lines and included files, each once, without patterns", () => {
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

test("opensshHosts stops at files that include themselves", () => {
  let read = 0;
  expect(opensshHosts("Host a\nInclude self", () => [`Host a${(read += 1)}\nInclude self`])).toContain("a16");
  expect(read).toBe(16);
});

describe("expandGlob", () => {
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
  test.each(cases)("expands %s", (pattern, paths) =>
    expect(expandGlob(pattern, (folder) => folders[folder] ?? [])).toEqual(paths),
  );
});
