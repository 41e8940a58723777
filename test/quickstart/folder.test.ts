import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder, mountsIn, placesFor } from "../../quickstart/folder.js";
import { placesIn, requirePlainPath } from "../../quickstart/places.js";

let temporary: string;

beforeEach(() => {
  temporary = realpathSync(mkdtempSync(join(tmpdir(), "python3jail-test-")));
});

afterEach(() => rmSync(temporary, { recursive: true, force: true }));

test("a new folder, with its parents, is nobody else's to look into", () => {
  const directory = join(temporary, "a", "b");
  makeFolder(placesIn(directory));
  makeFolder(placesIn(directory));
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test("a folder with anybody else's files is never taken", () => {
  writeFileSync(join(temporary, "thesis.tex"), "");
  expect(() => makeFolder(placesIn(temporary))).toThrow("holds files that are not the quickstart's");
  expect(existsSync(placesIn(temporary).mark)).toBe(false);
});

test("the host's part lies in a directory of root's own where others could change the folder", () => {
  const elsewhere = expect.stringMatching(/^\/var\/lib\/python3jail-quickstart-[0-9a-f]{12}\/jail$/);
  expect(placesFor({ directory: "/tmp/q" }).jail).toEqual(elsewhere);
  expect(placesFor({ directory: "/tmp/q" }).jail).not.toBe(placesFor({ directory: "/tmp/r" }).jail);
  const rootsOwn = placesFor({ directory: "/srv/not-there/q" }).jail;
  expect(rootsOwn).toEqual(process.getuid?.() === 0 ? "/srv/not-there/q/jail" : elsewhere);
});

test("links on the way are resolved, also where the end is not there yet", () => {
  mkdirSync(join(temporary, "real"));
  symlinkSync("real", join(temporary, "link"));
  expect(placesFor({ directory: join(temporary, "link", "new", "q"), cache: join(temporary, "link") })).toMatchObject({
    directory: join(temporary, "real", "new", "q"),
    cache: join(temporary, "real"),
  });
});

test.each(["/home/a b/q", "/home/100%/q", "/home/$USER/q", '/home/"a"/q', "/home/a:b/q", "/home/a\\b", "/home/a\nb"])(
  "%j is refused",
  (path) => {
    expect(() => requirePlainPath(path)).toThrow("has the character");
  },
);

test.each(["/home/user/pulumi-python3jail/.python3jail/quickstart", "/home/josé/müll_1.0+x@y=z,~"])(
  "%j will do",
  (path) => {
    requirePlainPath(path);
  },
);

test("mount points in a folder", () => {
  const mounts = [
    "/dev/vda / ext4 rw 0 0",
    "tmpfs /q tmpfs rw 0 0",
    "tmpfs /q/a\\040b tmpfs rw 0 0",
    "tmpfs /q2 tmpfs rw 0 0",
    "",
  ].join("\n");
  expect(mountsIn(mounts, "/q")).toEqual(["/q", "/q/a b"]);
  expect(mountsIn(mounts, "/r")).toEqual([]);
});
