import { ProviderProcess } from "../provider/process.js";
import type { Session } from "../remote/session.js";
import { credentialsIn, credentialsKey } from "../ssh/credentials.js";
import { pulumi } from "../local/pulumi.js";
import { fleetIn } from "../status/jails.js";
import { cwdOption, type Options } from "./command.js";
import type { Fleet } from "../status/fleet.js";
import { lastRolloutOf } from "../status/last-rollout.js";
import { readLive } from "../status/live.js";
import { hasSecretValue, stateOf, type StackState } from "../status/state.js";

/** The options with which a command gets to its stacks. */
export const stackOptions = {
  stack: {
    type: "string",
    multiple: true,
    value: "STACK",
    help: "the stack, as often as there are several (default: the one that is selected)",
  },
  cwd: cwdOption,
  live: {
    type: "boolean",
    default: false,
    help: "read the hosts too, over SSH, and change nothing: what differs now, which hosts do not answer, sizes. It takes keys and passwords from the stack, as `pulumi up` does, and needs its secrets only then",
  },
} as const satisfies Options;

/** The fleet of the stacks that the options name. Without `live` no host of the session is asked and nothing is decrypted. */
export async function readFleet(
  { stack = [], cwd, live }: { stack?: string[]; cwd: string; live: boolean },
  session: Session,
): Promise<Fleet> {
  const names = stack.length > 0 ? [...new Set(stack)] : [undefined];
  const states: StackState[] = [];
  // One after the other: the session has the credentials of one stack while that is readAt at.
  for (const name of names) {
    const engine = (...args: string[]): Promise<string> =>
      pulumi(cwd, ...args, ...(name === undefined ? [] : ["--stack", name]));
    // Both at once: each is a start of the engine, and a person waits.
    const [exported, config] = await Promise.all([engine("stack", "export"), live ? engine("config", "--json") : "{}"]);
    const known = stateOf(JSON.parse(exported));
    const state = { ...known, rollout: lastRolloutOf(known, known.time) };
    states.push(
      live
        ? await readLive(
            await withSecrets(state, JSON.parse(config) as object, engine, session),
            new ProviderProcess(session),
          )
        : state,
    );
  }
  return { ...fleetIn(states), ...(live && { readAt: new Date().toISOString() }) };
}

/** The state with the secrets that its connections hold, where they hold some; and the stack's credentials in force. */
async function withSecrets(
  state: StackState,
  config: object,
  engine: (...args: string[]) => Promise<string>,
  session: Session,
): Promise<StackState> {
  // None of another stack's: a host of the same name may be another one.
  const credentials = credentialsKey in config ? await engine("config", "get", credentialsKey) : "{}";
  session.credentials = credentialsIn({ get: () => credentials }) ?? {};
  return state.resources.some(({ outputs }) => hasSecretValue(outputs))
    ? { ...stateOf(JSON.parse(await engine("stack", "export", "--show-secrets"))), rollout: state.rollout }
    : state;
}
