import { HostError } from "../base/errors.js";
import type { FailureCode } from "../base/failure-codes.js";
import { UsageError } from "../base/usage-error.js";
import { wrapped, type Colour, type Terminal } from "../base/terminal.js";
import { adoptionFactsIn, adoptionStep } from "../jail/adoption-facts.js";
import { adoptionPlan, type AdoptionPlan, type WantedJail } from "../jail/adoption-plan.js";
import { newestVersion } from "../python/releases.js";
import { defaultPath } from "../remote/host-paths.js";
import type { Session } from "../remote/session.js";
import { jailTarget } from "../remote/target.js";
import type { Connection } from "../ssh/connection.js";
import { defineCommand, jsonOption } from "./command.js";
import { connectionOptions, connectionTo } from "./hosts.js";
import { readPath, readVersion } from "./init/answers.js";

export const adoptCommand = defineCommand({
  summary: "shows how `up` would adopt jails that were made by hand",
  usage: ["--plan [OPTION…] HOST…"],
  about: [
    "Shows what `up` would keep, replace and change in a jail that was made by hand: Python, packages, libraries, device nodes, owners, modes and your files. It changes nothing. HOST is what `ssh` takes: [user@]host, or an alias of ~/.ssh/config.",
  ],
  options: {
    plan: { type: "boolean", default: false, help: "print the plan (required: only `up` itself adopts)" },
    path: { type: "string", default: defaultPath, value: "PATH", help: `path of the jail (default: ${defaultPath})` },
    python: {
      type: "string",
      default: newestVersion(),
      value: "VERSION",
      help: "version of Python for the jail (default: the newest)",
    },
    owner: { type: "string", default: "root", value: "USER", help: "owner of the jail (default: root)" },
    group: { type: "string", default: "root", value: "GROUP", help: "group of the jail (default: root)" },
    ...connectionOptions,
    json: jsonOption,
  },
  operands: "hosts",
  closing: [
    "Exit code: 0 `up` would adopt or create every jail, 1 `up` would refuse one, 2 a host cannot be read or the command line is wrong.",
  ],

  async run(values, destinations, terminal, session) {
    if (!values.plan) throw new UsageError("give --plan: it is `up` that adopts what it finds at the path");
    if (destinations.length === 0) throw new UsageError("name at least one host");
    const wanted = { version: readVersion(values.python), owner: values.owner, group: values.group };
    const path = readPath(values.path);
    const hosts = [...new Set(destinations)].map((host) => ({ host, connection: connectionTo(host, values) }));
    const outcomes = await Promise.all(
      hosts.map(({ host, connection }) => planFor(host, connection, path, wanted, session)),
    );
    terminal.write(
      values.json
        ? `${JSON.stringify(outcomes, null, 2)}\n`
        : outcomes.map((outcome) => `${block(outcome, path, terminal)}\n`).join("\n"),
    );
    if (outcomes.some((outcome) => "error" in outcome)) return 2;
    return outcomes.some((outcome) => "plan" in outcome && outcome.plan.is === "refused") ? 1 : 0;
  },
});

type Outcome =
  | { readonly host: string; readonly plan: AdoptionPlan }
  | { readonly host: string; readonly error: string; readonly code: FailureCode };

/** Makes the plan for one host. Uses sudo if the login is not root. */
async function planFor(
  host: string,
  connection: Connection,
  path: string,
  wanted: WantedJail,
  session: Session,
): Promise<Outcome> {
  const planWith = async (by: Connection): Promise<Outcome> => {
    try {
      const answer = await jailTarget({ host, connection: by, path }, session).run(adoptionStep);
      return { host, plan: adoptionPlan(adoptionFactsIn(answer), wanted) };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return { host, error: error.message, code: error.code };
    }
  };
  const outcome = await planWith(connection);
  if (!("code" in outcome) || outcome.code !== "not-root") return outcome;
  return planWith({ ...connection, sudo: true });
}

const colours: Record<AdoptionPlan["is"], Colour> = { adopt: "yellow", new: "green", ours: "green", refused: "red" };

function block(outcome: Outcome, path: string, { paint, width }: Terminal): string {
  if ("error" in outcome) return `${paint("bold", outcome.host)}\n${outcome.error.replace(/^/gm, "  ")}`;
  const { is, text, ...parts } = outcome.plan;
  const rows = (["keeps", "replaces", "changes"] as const).flatMap((part) =>
    parts[part].flatMap((row, index) =>
      wrapped(row, width - 12).map((line, inRow) => `  ${(index === 0 && inRow === 0 ? part : "").padEnd(8)}  ${line}`),
    ),
  );
  const place = `${outcome.host}:${path}`;
  const [first = "", ...rest] = wrapped(text, Math.max(width - place.length - 2, 20));
  return [
    `${paint("bold", place)}  ${paint(colours[is], first)}`,
    ...rest.map((line) => `  ${paint(colours[is], line)}`),
    ...rows,
  ].join("\n");
}
