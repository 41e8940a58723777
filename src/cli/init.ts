import { execa } from "execa";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { confirmed, refuseUnlessAnswered, type Terminal } from "../base/terminal.js";
import { UsageError } from "../base/usage-error.js";
import { checkUp, type HostCheckUp } from "../doctor/check-up.js";
import { controlFindings } from "../doctor/control-findings.js";
import { readControlFacts, type ControlFacts } from "../doctor/control-facts.js";
import { isReady } from "../doctor/finding.js";
import { ownPassphraseFile, passphraseSource, useOwnPassphrase } from "../local/passphrase.js";
import { projectIn } from "../local/project-file.js";
import { pulumi } from "../local/pulumi.js";
import { newestVersion } from "../python/releases.js";
import { defaultPath } from "../remote/host-paths.js";
import type { Session } from "../remote/session.js";
import type { Connection } from "../ssh/connection.js";
import { cwdOption, defineCommand } from "./command.js";
import { checkUpBlock } from "./doctor-report.js";
import { connectionOptions, connectionTo } from "./hosts.js";
import { readCount, readName, readPath, readVersion, stackNames, usualName } from "./init/answers.js";
import { filesOf, type NewFile, type NewProject, type NewStack } from "./init/files.js";
import { answerTo, askHere, type Ask } from "./init/question.js";
import { ownPackage } from "./own-package.js";

const options = {
  host: {
    type: "string",
    multiple: true,
    value: "HOST",
    help: "[user@]host, or an alias of ~/.ssh/config; give one for each environment",
  },
  name: {
    type: "string",
    multiple: true,
    value: "NAME",
    help: "permanent name of the host (default: the first part of HOST)",
  },
  user: { type: "string", value: "USER", help: "user to log in as (default: from OpenSSH's configuration)" },
  ...connectionOptions,
  "accept-new": { type: "boolean", default: false, help: "accept an unknown host key at the first login" },
  path: { type: "string", value: "PATH", help: `path of the jails on the hosts (default: ${defaultPath})` },
  python: { type: "string", value: "VERSION", help: "version of CPython (default: the newest)" },
  environments: { type: "string", value: "N", help: "number of environments, each a stack with its own host (1 to 3)" },
  backend: {
    type: "string",
    value: "URL",
    help: "where Pulumi keeps its state (default: where you are logged in, or else this machine: file://~)",
  },
  cwd: cwdOption,
  yes: { type: "boolean", short: "y", default: false, help: "ask nothing; use the options and defaults" },
} as const;

/** Name of the project that `init` writes. The keys of its config begin with this name. */
const projectName = "python3jail";

export const initCommand = defineCommand({
  summary: "writes a stack for one of your hosts, step by step",
  usage: ["[OPTION…]"],
  about: [
    "Asks which host gets a jail, logs in to check that it can have one, and writes the stack's file. In an empty folder it writes a small project too. It creates the stack, and a passphrase file if there is none, and ends with Pulumi's preview. It changes no existing file, and nothing on the host.",
  ],
  options,
  closing: [
    "Exit code: 0 done, 1 the host cannot be reached, you declined or the preview failed, 2 the command line is wrong.",
  ],

  async run(values, _, terminal, session) {
    refuseUnlessAnswered({ dryRun: false, yes: values.yes, json: false });
    const around: Surroundings = { ask: values.yes ? undefined : askHere, terminal, session };
    const folder = resolve(values.cwd);
    const place = placeIn(folder);
    const facts = await readControlFacts(folder, undefined);
    if (!isUsable(facts, terminal)) return 1;
    // Set the backend for this process only; the login that lasts comes after the files are written.
    const backend = values.backend ?? ("value" in facts.backend ? undefined : "file://~");
    if (backend !== undefined) process.env.PULUMI_BACKEND_URL = backend;

    const asked = await askAll(values, folder, place.stacksFolder, around);
    if (!asked) return 1;
    const hasPackageFile = existsSync(join(folder, "package.json"));
    const files = filesOf({ ...place, ...asked, hasPackageFile });
    refuseExisting(folder, files);
    const newPassphrase = passphraseSource(process.env).from === "nowhere";
    terminal.write(`\nTo be written in ${folder}:\n${files.map((file) => `  ${file.path}\n`).join("")}`);
    if (newPassphrase) terminal.write(`  ${ownPassphraseFile()}, with a new passphrase\n`);
    if (around.ask && !(await confirmed("Write this?"))) {
      terminal.write("nothing was written\n");
      return 1;
    }
    write(folder, files);
    if (newPassphrase) makePassphrase();
    if (backend !== undefined) await pulumi(folder, "login", backend);
    const stacks = asked.stacks.map(({ stack }) => stack);
    for (const stack of stacks) await pulumi(folder, "stack", "init", stack, "--no-select");
    const code = await preview(folder, stacks[0] ?? "", terminal);
    tellNext(asked, terminal);
    return code;
  },
});

interface InitValues extends HostOptions {
  readonly host?: string[];
  readonly name?: string[];
  readonly path?: string;
  readonly python?: string;
  readonly environments?: string;
}

/** Answers, from options or from the user. */
interface Asked extends Pick<NewProject, "stacks" | "path" | "version"> {
  /** Stacks whose hosts lack nothing. */
  readonly ready: ReadonlySet<string>;
}

/**
 * Asks for what the options do not give. Returns undefined if a host is unreachable and nobody can be asked for
 * another.
 */
async function askAll(
  values: InitValues,
  folder: string,
  stacksFolder: string,
  around: Surroundings,
): Promise<Asked | undefined> {
  const { ask } = around;
  const count = await answerTo(
    {
      option: "environments",
      given: values.environments ?? (values.host ? String(values.host.length) : undefined),
      asks: "How many environments (dev, prod, …), each with a host of its own?",
      usual: "1",
      read: readCount,
    },
    ask,
  );
  if ((values.host?.length ?? 0) > count) throw new UsageError("give one --host for each of the --environments");
  const path = await answerTo(
    { option: "path", given: values.path, asks: "Where is the jail to be?", usual: defaultPath, read: readPath },
    ask,
  );
  const version = await answerTo(
    { option: "python", given: values.python, asks: "Which Python?", usual: newestVersion(), read: readVersion },
    ask,
  );
  const there = await stacksThere(folder);
  const fileOf = (stack: string): string => join(folder, stacksFolder, `Pulumi.${stack}.yaml`);
  const stacks: NewStack[] = [];
  const ready = new Set<string>();
  for (const [index, stack] of stackNames(count, (name) => there.has(name) || existsSync(fileOf(name))).entries()) {
    const given = { host: values.host?.[index], name: values.name?.[index], options: values };
    const found = await hostFor(stack, given, path, around);
    if (!found) return undefined;
    stacks.push(found.made);
    if (found.ready) ready.add(stack);
  }
  return { stacks, path, version, ready };
}

/** Returns where the stack files go, and whether init writes the project as well. Throws UsageError. */
function placeIn(folder: string): Pick<NewProject, "stacksFolder" | "whole"> {
  const project = projectIn(folder);
  if (!project) {
    if (existsSync(join(folder, "Pulumi.yaml"))) throw new UsageError(`${folder}/Pulumi.yaml cannot be read`);
    return { stacksFolder: "stacks", whole: ownPackage() };
  }
  if (project.name !== projectName)
    throw new UsageError(
      `${folder} is the project ${JSON.stringify(project.name)}, with a program of its own: add a PythonJail there, or take an empty folder (--cwd)`,
    );
  return { stacksFolder: relative(folder, project.stackConfigDir) || ".", whole: undefined };
}

/** Lists the project's stacks in the backend, whatever folder they were made in. */
async function stacksThere(folder: string): Promise<Set<string>> {
  const list = JSON.parse(await pulumi(folder, "stack", "ls", "--project", projectName, "--json")) as {
    name: string;
  }[];
  return new Set(list.map(({ name }) => name.split("/").at(-1) ?? name));
}

/** True if this machine has what init itself needs; prints what is missing. */
function isUsable(facts: ControlFacts, terminal: Terminal): boolean {
  const needed = controlFindings(facts).filter(({ check }) => ["node", "ssh", "engine", "cache"].includes(check));
  if (isReady(needed)) return true;
  terminal.write(`${checkUpBlock({ host: "this machine", findings: needed }, terminal)}\n`);
  return false;
}

/** Connection options for all hosts. */
type HostOptions = Parameters<typeof connectionTo>[1] & { readonly user?: string; readonly "accept-new": boolean };

interface GivenHost {
  readonly host: string | undefined;
  readonly name: string | undefined;
  readonly options: HostOptions;
}

interface Surroundings {
  readonly ask: Ask | undefined;
  readonly terminal: Terminal;
  readonly session: Session;
}

/** Asks for a stack's host until the login works. Returns undefined if it fails and nobody can be asked for another. */
async function hostFor(
  stack: string,
  { host, name, options: given }: GivenHost,
  path: string,
  around: Surroundings,
): Promise<{ made: NewStack; ready: boolean } | undefined> {
  const { ask, terminal } = around;
  for (let destination = host; ; destination = undefined) {
    const connection = await answerTo(
      {
        option: "host",
        given: destination,
        asks: `Host of ${stack} ([user@]host, or an alias of ~/.ssh/config)`,
        read: (text) => withOptions(connectionTo(text, given), given),
      },
      ask,
    );
    terminal.write(`${connection.host}: logging in\n`);
    const reached = await reach(connection, path, around);
    terminal.write(`${checkUpBlock({ ...reached.found, host: connection.host }, terminal)}\n`);
    if (reached.found.findings.some(({ check, result }) => result === "lacking" && ["login", "root"].includes(check))) {
      if (!ask) return undefined;
      continue;
    }
    const named = await answerTo(
      { option: "name", given: name, asks: "Its name for good", usual: usualName(connection.host), read: readName },
      ask,
    );
    const installs = reached.found.findings.some(({ check, result }) => check === "compiler" && result === "warning");
    return {
      made: { stack, host: named, connection: reached.connection, installs },
      ready: isReady(reached.found.findings),
    };
  }
}

function withOptions(connection: Connection, { user, "accept-new": acceptNew }: HostOptions): Connection {
  const { sshConfigFile, identityFile } = connection;
  return {
    ...connection,
    ...(user !== undefined && connection.user === undefined && { user }),
    ...(acceptNew && { hostKeyPolicy: "accept-new" }),
    ...(sshConfigFile !== undefined && { sshConfigFile: resolve(sshConfigFile) }),
    ...(identityFile !== undefined && { identityFile: resolve(identityFile) }),
  };
}

/** Logs in, and uses sudo if it is needed and works. Asks the user whether to accept an unknown host key. */
async function reach(
  connection: Connection,
  path: string,
  { ask, session }: Surroundings,
): Promise<{ connection: Connection; found: HostCheckUp }> {
  const settings = { python: { installBuildDependencies: true } };
  const look = async (by: Connection): Promise<{ connection: Connection; found: HostCheckUp }> => {
    const [found] = await checkUp([{ host: by.host, connection: by, path, settings }], session);
    return { connection: by, found: found ?? { host: by.host, findings: [] } };
  };
  const lacks = ({ found }: { found: HostCheckUp }, check: string): boolean =>
    found.findings.some((one) => one.check === check && one.result === "lacking");

  let reached = await look(connection);
  const unknownKey = reached.found.findings.some(({ code }) => code === "unknown-host-key");
  if (
    unknownKey &&
    ask &&
    (await confirmed(`The host key of ${connection.host} is not known. Accept the one that it shows?`))
  )
    reached = await look({ ...connection, hostKeyPolicy: "accept-new" });
  if (!lacks(reached, "root") || connection.sudo) return reached;
  const bySudo = await look({ ...reached.connection, sudo: true });
  return lacks(bySudo, "root") || lacks(bySudo, "login") ? reached : bySudo;
}

function refuseExisting(folder: string, files: readonly NewFile[]): void {
  const there = files.filter(({ path }) => existsSync(join(folder, path))).map(({ path }) => path);
  if (there.length > 0)
    throw new UsageError(
      `${there.join(", ")} is there already, and init changes no file: move it away, or take another folder (--cwd)`,
    );
}

function write(folder: string, files: readonly NewFile[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: "wx" });
  }
}

/** Makes the passphrase file. This process and its later children use it. */
function makePassphrase(): void {
  const text = `${randomBytes(24).toString("base64url")}\n`;
  writeFileSync(ownPassphraseFile(), text, { mode: 0o600, flag: "wx" });
  useOwnPassphrase(process.env);
}

/** Runs Pulumi's preview, which prints to the user's terminal; returns the exit code. */
async function preview(folder: string, stack: string, terminal: Terminal): Promise<number> {
  if (!isInstalled(folder)) {
    terminal.write("\nThe packages are not installed here yet: npm install\n");
    return 0;
  }
  terminal.write(`\npulumi preview --stack ${stack}\n`);
  const { exitCode } = await execa("pulumi", ["preview", "--stack", stack], {
    cwd: folder,
    preferLocal: true,
    localDir: folder,
    reject: false,
    stdio: ["ignore", "inherit", "inherit"],
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return exitCode === 0 ? 0 : 1;
}

function isInstalled(folder: string): boolean {
  try {
    createRequire(join(folder, "_")).resolve("pulumi-python3jail/provider");
    return true;
  } catch {
    return false;
  }
}

function tellNext({ stacks, ready }: Asked, { write: say, paint }: Terminal): void {
  const lines = stacks.flatMap(({ stack }) => [
    ...(ready.has(stack) ? [] : [`npx python3jail doctor --stack ${stack}   # until its host lacks nothing`]),
    `npx python3jail up --stack ${stack}`,
  ]);
  say(`\n${paint("bold", "Next:")}\n${lines.map((line) => `  ${line}\n`).join("")}`);
  if (process.env.PULUMI_CONFIG_PASSPHRASE_FILE === ownPassphraseFile()) say(passphraseNote());
}

/** Explains the passphrase file: `python3jail` finds it by itself, `pulumi` does not. */
function passphraseNote(): string {
  const file = ownPassphraseFile();
  return `\nKeep ${file}: without it nobody can read the stack's secrets. \`pulumi\` itself needs\n  export PULUMI_CONFIG_PASSPHRASE_FILE=${file}\n`;
}
