import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { statusStep } from "../../src/status/live.js";
import { shells } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import { writeManifest } from "./manifest.js";

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
});
afterEach(() => jail.remove());

describe.each(shells)("under %s", (shell) => {
  const look = (key = "") => jail.complete(statusStep, { key }, { shell });

  test("reads sizes, and the libraries from our records, and follows no symlink in the jail", async () => {
    jail.put("static/large", Buffer.alloc(3 << 20, 1));
    symlinkSync("/usr", jail.at("static/elsewhere"));
    writeManifest(
      jail.records,
      "libraries",
      [],
      [`./.libraries/a-set/lib64/libx.so.1 type=file sha256digest=${"ab".repeat(32)} mode=0644`],
    );
    const answer = await look();
    expect(Number(answer.one("size")[0])).toBeGreaterThan(3000);
    expect(Number(answer.one("size")[0])).toBeLessThan(4000);
    expect(answer.all("library")).toEqual([["lib64/libx.so.1", "abababab"]]);
    expect(answer.all("log")).toEqual([]);
  });

  test("reads the last lines of the build's log, with any characters", async () => {
    const { stdout: libc } = await execa("getconf", ["GNU_LIBC_VERSION"]);
    const { stdout: machine } = await execa("uname", ["-m"]);
    const build = join(jail.folder, `cache/builds/k3y-${machine}-${libc.replace(" ", "-")}`);
    mkdirSync(build, { recursive: true });
    writeFileSync(
      join(build, "log"),
      `${Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n")}\n\u001b[31m  a\ttab \\n\n`,
    );
    await execa("gzip", [join(build, "log")]);
    const log = (await look("k3y")).all("log");
    expect(log).toHaveLength(20);
    expect(log.slice(-2)).toEqual([["line 39"], ["?[31m  a?tab \\n"]]);
  });

  test("accepts a missing jail, and writes nothing", async () => {
    const before = await jail.listing();
    await look();
    expect(await jail.listing()).toEqual(before);
    rmSync(jail.path, { recursive: true });
    expect((await look()).maybe("jail")).toBe("none");
  });
});
