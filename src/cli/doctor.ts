import { resolve } from "node:path";
import { parseConfig } from "../config.js";
import { messageOf } from "../base/errors.js";
import { checked } from "../base/validation.js";
import { UsageError } from "../base/usage-error.js";
import { checkUp, type ExaminedJail } from "../doctor/check-up.js";
import { readControlFacts } from "../doctor/control-facts.js";
import { controlFindings } from "../doctor/control-findings.js";
import { isReady, lacking, type DoctorFinding } from "../doctor/finding.js";
import { jailArgsOf, safeExecArgsOf } from "../fleet/args.js";
import type { FleetHost } from "../fleet/hosts.js";
import { projectIn } from "../local/project-file.js";
import { pulumi } from "../local/pulumi.js";
import { defaultPath } from "../remote/host-paths.js";
import type { Session } from "../remote/session.js";
import { jailFields } from "../remote/target-inputs.js";
import { credentialsIn, credentialsKey } from "../ssh/credentials.js";
import { cwdOption, defineCommand, jsonOption } from "./command.js";
import { doctorReport } from "./doctor-report.js";
import { connectionOptions, connectionTo } from "./hosts.js";

export const doctorCommand = defineCommand({
  summary: "checks what hosts and this machine lack, before the first `up`",
  usage: ["[OPTION…] [HOST…]"],
  about: [
    "Checks what each host has and lacks for a jail: login, root, tools, compiler and headers, disk, mount options, namespaces, limits of its SSH server, clock, accounts. It also checks this machine: Node, ssh, Pulumi's engine, backend, cache, passphrase. It changes nothing.",
    "Without HOST it checks the hosts of the stack, with their settings. HOST is what `ssh` takes: [user@]host, or an alias of ~/.ssh/config.",
  ],
  options: {
    stack: { type: "string", value: "STACK", help: "name of the stack (default: the selected one)" },
    cwd: cwdOption,
    path: { type: "string", value: "PATH", help: `path of the jail, only with HOST (default: ${defaultPath})` },
    ...connectionOptions,
    json: jsonOption,
  },
  operands: "hosts",
  closing: [
    "Exit code: 0 nothing is lacking (there may be warnings), 1 something is lacking and `up` would fail, 2 the command line is wrong.",
  ],

  async run(values, destinations, terminal, session) {
    const { stack, cwd, json } = values;
    const given = ["path", "sudo", "ssh-config", "identity"].find((name) => name in values);
    if (destinations.length === 0 && given !== undefined)
      throw new UsageError(`--${given} is for hosts that are named: give one, or leave it to the stack's config`);
    const planned = destinations.length > 0 ? namedHosts(destinations, values) : await stackHosts(cwd, stack, session);
    const [control, hosts] = await Promise.all([
      readControlFacts(cwd, planned.stack).then(controlFindings),
      checkUp(planned.candidates, session),
    ]);
    const machine = [...control, ...planned.findings.filter(({ check }) => !followsFrom(check, control))];
    terminal.write(json ? `${JSON.stringify({ machine, hosts }, null, 2)}\n` : doctorReport(machine, hosts, terminal));
    return [machine, ...hosts.map(({ findings }) => findings)].every(isReady) ? 0 : 1;
  },
});

/** True if another fault of this machine causes this one. */
function followsFrom(check: string, control: readonly DoctorFinding[]): boolean {
  const causes = check === "stack" ? ["engine", "backend"] : ["passphrase"];
  return control.some((one) => one.result === "lacking" && causes.includes(one.check));
}

/** The jails to check, and findings on why the stack's jails or secrets could not be read. */
interface Planned {
  readonly stack: string | undefined;
  readonly candidates: readonly ExaminedJail[];
  readonly findings: readonly DoctorFinding[];
}

function namedHosts(
  destinations: readonly string[],
  options: Parameters<typeof connectionTo>[1] & { path?: string; stack?: string },
): Planned {
  const { value: path, reasons } = checked(jailFields.path, options.path ?? defaultPath);
  if (reasons) throw new UsageError(`--path ${reasons.join("; ")}`);
  const candidates = [...new Set(destinations)].map((host) => ({
    host,
    connection: connectionTo(host, options),
    path,
    settings: {},
  }));
  return { stack: options.stack, candidates, findings: [] };
}

/** Reads the hosts of a stack's config, and puts its credentials into the session. */
async function stackHosts(cwd: string, given: string | undefined, session: Session): Promise<Planned> {
  let stack = given;
  try {
    stack ??= (await pulumi(cwd, "stack", "--show-name")).trim();
    const { texts, readable } = await configOf(cwd, stack);
    session.credentials = credentialsIn({ get: () => texts[credentialsKey] ?? "{}" }) ?? {};
    const root = resolve(cwd);
    const { hosts } = parseConfig(projectIn(cwd)?.name ?? "", texts, root);
    const findings = readable ? [] : [lacking("secrets", "the stack's secrets cannot be read", secretsRemedy)];
    return { stack, candidates: hosts.map((host) => candidateOf(host, root)), findings };
  } catch (error) {
    const [text = "", ...rest] = messageOf(error).split("\n  what to do: ");
    const remedy = rest.join(" ") || "correct the stack's config, or name hosts: `python3jail doctor HOST`";
    return { stack, candidates: [], findings: [lacking("stack", text, remedy)] };
  }
}

const secretsRemedy = "give the passphrase with which the stack was made, or log in to its secrets provider";

/**
 * Reads a stack's config as flat texts. Decrypts it only if a value is secret; leaves out values that cannot be read.
 */
async function configOf(cwd: string, stack: string): Promise<{ texts: Record<string, string>; readable: boolean }> {
  const read = async (...options: string[]): Promise<Record<string, { value?: string; secret: boolean }>> =>
    JSON.parse(await pulumi(cwd, "config", "--json", "--stack", stack, ...options)) as never;
  const plain = await read();
  const hasSecrets = Object.values(plain).some(({ secret }) => secret);
  const decrypted = hasSecrets ? await read("--show-secrets").catch(() => undefined) : plain;
  const texts = Object.fromEntries(
    Object.entries(decrypted ?? plain).flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]])),
  );
  return { texts, readable: decrypted !== undefined };
}

function candidateOf(host: FleetHost, root: string): ExaminedJail {
  const args = jailArgsOf(host, root) as Omit<ExaminedJail, "settings"> & ExaminedJail["settings"];
  return {
    ...args,
    settings: { ...args, safeexec: safeExecArgsOf(host, root) as ExaminedJail["settings"]["safeexec"] },
  };
}
