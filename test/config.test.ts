import { expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jailArgsOf, parseConfig, projectRoot } from "../src/config.js";

const parsed = (values: Record<string, unknown>) => parseConfig("python3jail", Object.fromEntries(Object.entries(values).map(([key, value]) => [`python3jail:${key}`, JSON.stringify(value)])));
const hosts = (...settings: object[]) => settings.map((own, index) => ({ name: `judge-${index}`, connection: { host: "192.0.2.1" }, ...own }));
const python = { version: "3.13.5" };

test("files are the project's where their path is relative, a host's own over the stack's, and none where nothing is said", () => {
  const config = parsed({ python, files: { source: "site", ignore: ["*.md"] }, hosts: hosts({}, { files: { source: "/srv/site" } }) });
  expect(config.hosts.map((host) => jailArgsOf(config, host, "/project").files)).toEqual([
    { source: "/project/site", ignore: ["*.md"] },
    { source: "/srv/site", ignore: ["*.md"] },
  ]);
  const without = parsed({ python, files: {}, hosts: hosts({}) });
  expect(jailArgsOf(without, without.hosts[0]!, "/project")).toMatchObject({ files: undefined, system: {} });
});

test("files without a source are refused, with their place", () => {
  expect(() => parsed({ python, files: { ignore: ["*.md"] }, hosts: hosts({}) })).toThrow("python3jail:files.source: is missing (string)");
  expect(() => parsed({ python, hosts: hosts({}, { files: { removeStrays: true } }) })).toThrow("python3jail:hosts[1].files.source: is missing (string)");
  expect(() => parsed({ python, files: { source: "site", digest: "0" }, hosts: hosts({}) })).toThrow('python3jail:files: unknown property "digest"');
});

test("the system's settings are a host's own over the stack's", () => {
  const config = parsed({ python, system: { timezone: "Europe/Berlin", tmp: "directory" }, hosts: hosts({ system: { tmp: "none" } }) });
  expect(jailArgsOf(config, config.hosts[0]!, "/").system).toEqual({ timezone: "Europe/Berlin", tmp: "none" });
});

test("the project's folder is the one that is told, or else the next one up that has a Pulumi.yaml", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "project-")));
  try {
    mkdirSync(join(folder, "build", "src"), { recursive: true });
    expect(projectRoot("rootDirectory", join(folder, "build"))).toBe(join(folder, "build"));
    writeFileSync(join(folder, "Pulumi.yaml"), "");
    expect([projectRoot("/told", folder), projectRoot("rootDirectory", join(folder, "build", "src")), projectRoot("", folder)]).toEqual(["/told", folder, folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
