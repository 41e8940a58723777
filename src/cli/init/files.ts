import { stringify } from "yaml";
import type { OwnPackage } from "../own-package.js";
import type { Connection } from "../../ssh/connection.js";

/** A stack to create, with its one host. */
export interface NewStack {
  readonly stack: string;
  readonly host: string;
  readonly connection: Connection;
  /** True if the host lacks a compiler or headers; `up` then installs them. */
  readonly installs: boolean;
}

/** A project whose files init writes. */
export interface NewProject {
  /** Folder of the stack files, relative to the project's folder. */
  readonly stacksFolder: string;
  readonly stacks: readonly NewStack[];
  readonly path: string;
  readonly version: string;
  /** This package, if init writes the whole project; else undefined. */
  readonly whole: OwnPackage | undefined;
  readonly hasPackageFile: boolean;
}

export interface NewFile {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly text: string;
}

/** Returns the files to write for a project. */
export function filesOf(project: NewProject): NewFile[] {
  return [
    ...(project.whole === undefined ? [] : projectFiles(project.whole, project.hasPackageFile)),
    ...project.stacks.map((stack) => ({
      path: `${project.stacksFolder}/Pulumi.${stack.stack}.yaml`,
      text: stackText(stack, project),
    })),
  ];
}

function stackText({ stack, host, connection, installs }: NewStack, { path, version }: NewProject): string {
  const { dialErrorLimit: _, ...lasting } = connection;
  const members = Object.entries(lasting).map(([key, value]) => `        ${key}: ${scalar(value)}`);
  return [
    `# The stack ${stack}, as \`python3jail init\` wrote it: what is said here counts, and init never changes it.`,
    "config:",
    `  python3jail:path: ${scalar(path)}`,
    "  python3jail:python:",
    `    version: ${scalar(version)}`,
    ...(installs
      ? [
          "    # The host lacks a compiler or headers: `up` installs them with its own package manager.",
          "    installBuildDependencies: true",
        ]
      : []),
    "  python3jail:hosts:",
    `    - name: ${scalar(host)} # the host's name for good: changing it means another host`,
    "      connection: # only how to get there: changing it touches nothing in the jail",
    ...members,
    "",
  ].join("\n");
}

function scalar(value: unknown): string {
  return stringify(value).trim();
}

function projectFiles(own: OwnPackage, hasPackageFile: boolean): NewFile[] {
  const sdk = own.dependencies["@pulumi/pulumi"] ?? "*";
  const dependencies = { "@pulumi/pulumi": sdk, pulumi: sdk, "pulumi-python3jail": `^${own.version}` };
  const packageFile = {
    path: "package.json",
    text: `${JSON.stringify({ name: "python3jail", private: true, main: "index.js", dependencies }, null, 2)}\n`,
  };
  return [
    ...(hasPackageFile ? [] : [packageFile]),
    {
      path: "Pulumi.yaml",
      text: `name: python3jail # the config's keys begin with it
description: A chroot jail with its own CPython on every host
main: index.js
stackConfigDir: stacks
runtime:
  name: nodejs
  options:
    typescript: false
    packagemanager: npm
`,
    },
    {
      path: "index.js",
      text: `// The stack's config in, a jail on every host out. For a program of your own see PythonJail and JailFleet.\nmodule.exports = require("pulumi-python3jail/program");\n`,
    },
    { path: ".gitignore", text: "node_modules/\n" },
  ];
}
