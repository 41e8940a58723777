import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import { scriptText } from "../../src/remote/scripts.js";
import { runStep } from "../../src/remote/run-step.js";
import { everyTool, toolPackages, toolsFor, toolsOf } from "../../src/remote/tools.js";
import { buildSteps } from "../../src/python/building.js";
import { filesSteps } from "../../src/kinds/JailFiles.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import { repositoryRoot } from "../hosts/repository.js";
import { inSession, LocalHost } from "./local-host.js";
import { ScratchJail } from "./scratch-jail.js";

let jail: ScratchJail;
beforeEach(async () => void (jail = await ScratchJail.make()));
afterEach(() => jail.remove());

const debian =
  "printf 'ID=debian\\n' >/run/os-release-of-test; mount --bind /run/os-release-of-test /etc/os-release; rm /run/os-release-of-test";
/** Hides programs of the machine, as no shell runs a file that is not regular. */
const without = (...tools: string[]): string =>
  [...tools.map((tool) => `mount --bind /dev/null /usr/bin/${tool}`), debian].join("\n");
const failing = async (running: Promise<unknown>): Promise<HostError> => {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
  return error;
};

describe.each(["dash", "bash"] as const)("under %s", (shell) => {
  test.each([
    ["tar", "tar"],
    ["sha256sum", "coreutils"],
    ["find", "findutils"],
    ["stat", "coreutils"],
    ["mktemp", "coreutils"],
    ["xargs", "findutils"],
    ["awk", "mawk"],
  ])("a step fails on a host without %s before it does anything, and names the package", async (tool, brings) => {
    const before = await jail.listing();
    const error = await failing(
      runStep(inSession(new LocalHost({ shell, before: without(tool) }, "judge-1")), filesSteps.apply, jail, {
        key: "a-key",
        target: "static",
        digest: "a-digest",
        list: "",
        removeUnmanaged: false,
      }),
    );
    expect(error.message).toBe(
      `judge-1: put the files into the jail: the host has no ${tool} [missing-tool]\n  what to do: install what is missing: \`apt-get install -y ${brings}\``,
    );
    expect(await jail.listing()).toEqual(before);
  });

  test("a step, or a read, names all missing tools at once, with the packages of the distribution", async () => {
    const host = inSession(new LocalHost({ shell, before: without("find", "xargs", "stat", "cmp") }, "judge-1"));
    const looks = [
      failing(runStep(host, filesSteps.read, jail, { key: "a-key", target: "static", digest: "" })),
      failing(runStep(host, rootSteps.read, jail, { folders: [] })),
    ];
    for (const error of await Promise.all(looks)) {
      expect([error.code, error.failure.reason, error.failure.remedy]).toEqual([
        "missing-tool",
        "the host has no cmp, no find, no stat, no xargs",
        "install what is missing: `apt-get install -y coreutils diffutils findutils`",
      ]);
    }
  });
});

test("a step does not check for tools that only other steps use", () => {
  expect(toolsFor(filesSteps.apply)).toContain("tar");
  expect(toolsFor(rootSteps.read)).not.toContain("tar");
  expect(toolsFor(buildSteps.begin)).toEqual(expect.arrayContaining(["setsid", "tar", "gzip"]));
});

test("every tool that a script runs is one that its steps check for", () => {
  const known = new Set([...toolsFor({ script: "base.sh" }), ...Object.values(toolsOf).flat()]);
  const starts = /(?:^|[|;&({!]|\$\(|\b(?:do|then|else|if|while|until|exec)\b)\s*([a-z][a-z0-9]*)(?=\s|\)|$)/gm;
  const scripts = readdirSync(join(repositoryRoot, "src", "remote"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".sh"),
  );
  // These run detached, with the tools that begin.sh checked for.
  const askedBy = (file: string): string =>
    /python-build\/(recipe|making|trim)\.sh/.test(file) ? "python-build/begin.sh" : file;
  const unasked = scripts.flatMap((file) => {
    // Calls of tools that may be missing: the script tests for them, or hides the error.
    const text = scriptText(file)
      .replace(/^\s*#.*$/gm, "")
      .replace(/\(unshare --mount\)/g, "")
      .replace(/getconf \w+ (2>\/dev\/null|>\/dev\/null 2>&1)/g, "");
    const used = new Set(
      [...text.matchAll(starts)]
        .map(([, word]) => word!)
        .filter((word) => known.has(word) && !text.includes(`have ${word}`)),
    );
    const asked = [file, askedBy(file)].flatMap((script) => toolsFor({ script }));
    return [...used].filter((word) => !asked.includes(word)).map((word) => `${file}: ${word}`);
  });
  expect(unasked).toEqual([]);
});

test("the package of every tool is known", () => {
  expect(everyTool.length).toBeGreaterThan(30);
  expect(everyTool.filter((name) => toolPackages([name]).length !== 1)).toEqual([]);
});
