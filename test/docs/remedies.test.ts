import { expect, test } from "@jest/globals";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { z } from "zod";
import { checkTable } from "../../src/audit/checks.js";
import { failureGroups } from "../../src/base/failure-codes.js";
import type { Command } from "../../src/cli/command.js";
import { commands } from "../../src/cli/commands.js";
import { kinds } from "../../src/kinds/kinds.js";
import { connectionSchema } from "../../src/ssh/connection.js";
import { repositoryRoot } from "../hosts/repository.js";
import { everyNode, failuresInSource, textOf } from "./failures-in-source.js";

/** Everything that tells a person what to do, with where it is from. */
const remedies: [string, string][] = [
  ...Object.entries(checkTable).map(([check, { remedy }]): [string, string] => [check, remedy]),
  ...Object.values(failureGroups).flatMap((group) =>
    Object.entries(group).map(([code, { whatToDo }]): [string, string] => [code, whatToDo]),
  ),
  ...failuresInSource().map(({ file, remedy }): [string, string] => [file, remedy]),
  ...globSync("src/**/*.ts", { cwd: repositoryRoot }).flatMap(remediesIn),
];

/** The texts of a source file that are a `remedy`, or the remedy of one of doctor's findings. */
function remediesIn(file: string): [string, string][] {
  const found: [string, string][] = [];
  const text = readFileSync(join(repositoryRoot, file), "utf8");
  everyNode(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), (node) => {
    const remedy =
      (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && /^remed(y|ies)$/.test(node.name.getText())
        ? node.initializer
        : ts.isCallExpression(node) && ["lacking", "warning"].includes(node.expression.getText())
          ? node.arguments[2]
          : undefined;
    if (!remedy) return;
    // Also the parts of one that is put together.
    everyNode(remedy, (part) => {
      const words = ts.isExpression(part) ? textOf(part) : undefined;
      if (words !== undefined) found.push([file, words]);
    });
  });
  return found;
}

/** What people write into a config or a program: every property of every resource, and of a connection. */
const properties = new Set<string>([
  ...Object.values(kinds).flatMap(({ schema, settings }) => [settings.key, ...propertiesIn(schema)]),
  ...propertiesIn(connectionSchema),
  // Of every resource, and of Pulumi's.
  ...["connection", "directories", "timeouts", "dependsOn"],
]);

function propertiesIn(schema: z.ZodType): string[] {
  const names: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, below] of Object.entries(value)) {
      if (key === "properties") names.push(...Object.keys(below as object));
      visit(below);
    }
  };
  visit(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return names;
}

const pulumiCommands: Readonly<Record<string, readonly string[]>> = {
  "pulumi up": ["--refresh", "--target", "--target-dependents"],
  "pulumi refresh": ["--clear-pending-creates"],
  "pulumi destroy": ["--target"],
  "pulumi cancel": [],
  "pulumi login": ["--local"],
  "pulumi config set": [],
  "pulumi stack": ["--show-urns"],
  "pulumi stack ls": [],
  "pulumi state delete": [],
};

/** Options of safeexec, which people start themselves. */
const safeexecOptions = "--cpu --clock --mem --nproc --fsize --env_vars --report_file --share_newnet".split(" ");

/** Commands of the host or the control machine. */
const systemCommands =
  "apk apt-get chmod chown dnf export findmnt fuser getent mknod mount npm pip pip-compile setcap ssh ssh-keygen swapoff sysctl timedatectl umask umount unshare usermod zypper env".split(
    " ",
  );

/** Names that others have given: programs, settings and words of their files. */
const othersNames =
  "sudo sh nologin exit make configure current nft iptables chroot safeexec close_fds strace getcap setpriv requiretty PATH dev exec suid none".split(
    " ",
  );

/** Why a text in backticks is nothing that a reader can use; undefined where it is. */
async function faultOf(text: string): Promise<string | undefined> {
  const words = text.replace(/^\(|\)$/g, "").split(/\s+/);
  const [first = "", ...rest] = words;
  if (first === "npx") return faultOf(rest.join(" "));
  if (first === "python3jail") return faultOfOwn(rest);
  if (first === "pulumi") return faultOfPulumi(words);
  if (text.startsWith("--")) {
    const known = [...safeexecOptions, ...(await ownOptions())];
    return known.includes(first) ? undefined : "no such option";
  }
  if (/^USER ALL=|^Max(Sessions|Startups) \d/.test(text) || othersNames.includes(text)) return undefined;
  if (/^kernel\.\w+ = \d+$/.test(text)) return undefined;
  if (text === "up") return undefined;
  if (/^python3jail:\w+$/.test(text)) return properties.has(first.slice(12)) || /:unreachable$/.test(text) ? undefined : "no such key";
  if (/^(PULUMI|PYTHON3JAIL)_\w+$/.test(text)) return isInSource(text) ? undefined : "no such variable";
  if (systemCommands.includes(first)) return undefined;
  // A property, `limits.files`, with or without a value: `sudo: true`, `source: {path, sha256}`.
  const [path = "", value = ""] = text.split(/: ?/, 2);
  const names = [...path.split("."), ...[...value.matchAll(/[{ ,](\w+)(?=[,}:])/g)].map(([, name = ""]) => name)];
  const unknown = names.filter((name) => !properties.has(name));
  return unknown.length === 0 || isValue(text) ? undefined : `no such command, option or property: ${unknown.join(", ")}`;
}

/** Whether it is a value that a property takes. */
function isValue(text: string): boolean {
  return ["forget", "pid_max", "failOn", "accept-new"].includes(text);
}

async function faultOfOwn(words: readonly string[]): Promise<string | undefined> {
  const [name = "", verb = ""] = words;
  const found = await commands[name]?.();
  const command = found && "commands" in found ? found.commands[verb] : found;
  if (!command) return "no such command";
  const options = words.filter((word) => word.startsWith("--")).map((word) => word.slice(2));
  const operands = Array.isArray(command.operands) ? (command.operands as string[]) : undefined;
  if (operands && !verb.startsWith("-") && verb !== "" && !operands.includes(verb)) return `it takes no ${verb}`;
  return options.every((option) => Object.hasOwn(command.options, option)) ? undefined : "no such option";
}

async function ownOptions(): Promise<string[]> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const each = all.flatMap((one): Command[] => ("commands" in one ? Object.values(one.commands) : [one]));
  return each.flatMap(({ options }) => Object.keys(options).map((name) => `--${name}`));
}

function faultOfPulumi(words: readonly string[]): string | undefined {
  const known = Object.keys(pulumiCommands)
    .filter((command) => words.join(" ").startsWith(command))
    .sort((one, other) => other.length - one.length)[0];
  if (known === undefined) return "no such command of Pulumi";
  const strange = words.filter((word) => word.startsWith("--") && !pulumiCommands[known]?.includes(word));
  return strange.length > 0 ? `Pulumi has no ${strange.join(", ")}` : undefined;
}

const program = globSync("src/**/*.ts", { cwd: repositoryRoot })
  .map((file) => readFileSync(join(repositoryRoot, file), "utf8"))
  .join("\n");

function isInSource(name: string): boolean {
  return name.startsWith("PULUMI_") || new RegExp(`env\\.${name}\\b`).test(program);
}

test("every command, option and property that a remedy names in backticks exists", async () => {
  expect(remedies.length).toBeGreaterThan(300);
  const faults = [];
  for (const [from, remedy] of remedies)
    for (const [, text = ""] of remedy.matchAll(/`([^`]+)`/g)) {
      if (/^…|…$/.test(text)) continue;
      const fault = await faultOf(text);
      if (fault !== undefined) faults.push(`${from}: \`${text}\`: ${fault}`);
    }
  expect([...new Set(faults)]).toEqual([]);
});

test.each([
  ["python3jail adopt HOST --plan", undefined],
  ["python3jail adopt --plain", "no such option"],
  ["python3jail cache prune", undefined],
  ["python3jail cache clean", "it takes no clean"],
  ["python3jail adapt", "no such command"],
  ["pulumi up --refresh", undefined],
  ["pulumi up --repair", "Pulumi has no --repair"],
  ["--host-key", "no such option"],
  ["limits.memory", "no such command, option or property: memory"],
  ["source: {path, sha512}", "no such command, option or property: sha512"],
  ["PYTHON3JAIL_CACHE", "no such variable"],
])("the test knows whether `%s` exists", async (text, fault) => {
  expect(await faultOf(text)).toBe(fault);
});
