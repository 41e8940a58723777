import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
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

jest.setTimeout(60_000);

let jail: ScratchJail;
beforeEach(async () => void (jail = await ScratchJail.make()));
afterEach(() => jail.remove());

const debian =
  "printf 'ID=debian\\n' >/run/os-release-of-test; mount --bind /run/os-release-of-test /etc/os-release; rm /run/os-release-of-test";
/** Hides programs of the machine: what is no regular file is no program to any shell. */
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
  ])("a host without %s is told so before anything is done", async (tool, brings) => {
    const before = await jail.listing();
    const error = await failing(
      runStep(inSession(new LocalHost({ shell, before: without(tool) }, "judge-1")), filesSteps.ensure, jail, {
        key: "a-key",
        target: "static",
        digest: "a-digest",
        list: "",
        removeStrays: false,
      }),
    );
    expect(error.message).toBe(
      `judge-1: put the files into the jail: the host has no ${tool}\n  what to do: install what is missing: \`apt-get install -y ${brings}\``,
    );
    expect(await jail.listing()).toEqual(before);
  });

  test("all that a host lacks is told at once, with the packages of its distribution, also where it is looked at", async () => {
    const host = inSession(new LocalHost({ shell, before: without("find", "xargs", "stat", "cmp") }, "judge-1"));
    const looks = [
      failing(runStep(host, filesSteps.observe, jail, { key: "a-key", target: "static", digest: "" })),
      failing(runStep(host, rootSteps.observe, jail, { folders: [] })),
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

test("a step that no tool is missing for needs none that only others use", () => {
  expect(toolsFor(filesSteps.ensure)).toContain("tar");
  expect(toolsFor(rootSteps.observe)).not.toContain("tar");
  expect(toolsFor(buildSteps.begin)).toEqual(expect.arrayContaining(["setsid", "tar", "gzip"]));
});

test("every tool that a script starts is one that its steps ask for", () => {
  const known = new Set([...toolsFor({ script: "base.sh" }), ...Object.values(toolsOf).flat()]);
  const starts = /(?:^|[|;&({!]|\$\(|\b(?:do|then|else|if|while|until|exec)\b)\s*([a-z][a-z0-9]*)(?=\s|\)|$)/gm;
  const scripts = readdirSync(join(repositoryRoot, "src", "remote"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".sh"),
  );
  // Detached, these run with what begin.sh asked for.
  const askedBy = (file: string): string =>
    /python-build\/(recipe|making|trim)\.sh/.test(file) ? "python-build/begin.sh" : file;
  const unasked = scripts.flatMap((file) => {
    // What may be missing says so, or is asked in a way that hides its absence.
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

test("of every tool we know which package brings it", () => {
  expect(everyTool.length).toBeGreaterThan(30);
  expect(everyTool.filter((name) => toolPackages([name]).length !== 1)).toEqual([]);
});
