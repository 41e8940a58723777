import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../hosts/repository.js";
import { templateSettings } from "./template-settings.js";

// The package as a user's compiler sees it: packed, and installed by each package manager into a project of theirs.
const temporary = realpathSync(mkdtempSync(join(tmpdir(), "python3jail-managers-")));
let archive: string;

beforeAll(async () => {
  const { stdout } = await execa("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", temporary], {
    cwd: repositoryRoot,
  });
  archive = join(temporary, stdout.trim().split("\n").at(-1)!);
  const managers = ["pnpm@12.21.0", "yarn@1.22.22", "bun@1.4.5"];
  await execa("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--prefix", temporary, ...managers]);
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** The README's ten lines, and what else people name. */
const program = `
import { PythonJail, JailFleet, type ConnectionArgs, type PythonJailArgs, type JailFleetArgs } from "pulumi-python3jail";

const connection: ConnectionArgs = { host: "192.0.2.10", user: "deploy", sudo: true };
const args: PythonJailArgs = { host: "judge-1", connection, path: "/srv/python3jail", python: { version: "3.13" } };
export const declare = () => new PythonJail("judge-1", { ...args, connection: { host: "192.0.2.10", identityFile: "~/.ssh/id" } });
export const run = (jail: PythonJail) => jail.command.apply((command) => command.length);
export const fleet: JailFleetArgs = { python: { version: "3.13" }, hosts: { "judge-1": null } };
export const classes = [PythonJail.name, JailFleet.name].join(" ");
// @ts-expect-error -- types that were lost would take anything
export const wrong: ConnectionArgs = { host: 22 };
`;

const modern = { strict: true, exactOptionalPropertyTypes: true, target: "es2023", module: "nodenext", outDir: "bin" };

/** What a package manager keeps goes into our own directory. */
const environment = {
  PATH: `${join(temporary, "node_modules/.bin")}:${process.env.PATH}`,
  CI: "1",
  YARN_CACHE_FOLDER: join(temporary, "yarn"),
  BUN_INSTALL_CACHE_DIR: join(temporary, "bun"),
  ...Object.fromEntries(
    ["CACHE", "CONFIG", "DATA", "STATE"].map((kind) => [`XDG_${kind}_HOME`, join(temporary, "xdg")]),
  ),
};

interface Manager {
  readonly name: string;
  readonly install: readonly string[];
}

const managers: readonly Manager[] = [
  { name: "npm", install: ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"] },
  { name: "pnpm", install: ["install", "--prefer-offline", "--ignore-scripts"] },
  { name: "yarn", install: ["install", "--prefer-offline", "--ignore-scripts", "--non-interactive", "--no-lockfile"] },
  { name: "bun", install: ["install", "--ignore-scripts"] },
];

describe.each(managers)("installed by $name", ({ name, install }) => {
  const folder = join(temporary, `by-${name}`);

  beforeAll(async () => {
    mkdirSync(folder);
    const manifest = {
      name: "infrastructure",
      version: "1.0.0",
      private: true,
      dependencies: { "@pulumi/pulumi": "^3.113.0", "pulumi-python3jail": `file:${archive}` },
      devDependencies: { "@types/node": "^24", typescript: "^5.0.0" },
    };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "index.ts"), program);
    writeFileSync(join(folder, "module.mts"), program);
    await execa(name, install, { cwd: folder, env: environment });
  });

  const compile = async (files: string[], compilerOptions: object): Promise<string> => {
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const { all } = await execa(join(folder, "node_modules/.bin/tsc"), ["-p", "."], {
      cwd: folder,
      all: true,
      reject: false,
    });
    return all;
  };
  const classes = async (text: string): Promise<string> =>
    (await execa("node", ["--input-type=module", "-e", text], { cwd: folder })).stdout;

  test("a program compiles under Pulumi's own template, and runs", async () => {
    expect(await compile(["index.ts"], templateSettings.compilerOptions)).toBe("");
    expect(await classes('import main from "./bin/index.js"; console.log(main.classes)')).toBe("PythonJail JailFleet");
  });

  test("programs compile as CommonJS and as ES modules of today's Node, with every check of types, and run", async () => {
    expect(await compile(["index.ts", "module.mts"], modern)).toBe("");
    expect(await classes('import { classes } from "./bin/module.mjs"; console.log(classes)')).toBe(
      "PythonJail JailFleet",
    );
  });
});

describe("the packed types", () => {
  const installed = join(temporary, "by-npm/node_modules/pulumi-python3jail");

  test("refer to no package except Pulumi's, as far as a program can reach them", () => {
    const packages = new Map<string, string>();
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, from = ""] of readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"([^"]+)"/g)) {
        if (from.startsWith(".")) visit(join(dirname(file), from.replace(/\.js$/, ".d.ts")));
        else packages.set(from, file);
      }
    };
    for (const entry of ["index.d.ts", "serve.d.ts"]) visit(join(installed, "build/src", entry));
    expect([...packages.keys()]).toEqual(["@pulumi/pulumi"]);
    expect(seen.size).toBeGreaterThan(20);
  });

  test("have no source map with a missing source", async () => {
    const { stdout } = await execa("tar", ["-tzf", archive]);
    expect(stdout.split("\n").filter((file) => file.endsWith(".map"))).toEqual([]);
    expect(existsSync(join(installed, "build/src/index.js"))).toBe(true);
  });
});
