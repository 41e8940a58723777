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

/** Options of commands that read stacks. */
export const stackOptions = {
  stack: {
    type: "string",
    multiple: true,
    value: "STACK",
    help: "name of the stack; repeat the option for several stacks (default: the selected one)",
  },
  cwd: cwdOption,
  live: {
    type: "boolean",
    default: false,
    help: "read the hosts too, over SSH, and change nothing: current drift, hosts that do not answer, sizes. Only this option needs the stack's secrets: it takes keys and passwords from the stack, as `pulumi up` does",
  },
} as const satisfies Options;

/** Reads the fleet of the stacks that the options name. Without `live` it reads no host and decrypts nothing. */
export async function readFleet(
  { stack = [], cwd, live }: { stack?: string[]; cwd: string; live: boolean },
  session: Session,
): Promise<Fleet> {
  const names = stack.length > 0 ? [...new Set(stack)] : [undefined];
  const states: StackState[] = [];
  // One after another: the session holds the credentials of the stack that is being read.
  for (const name of names) {
    const engine = (...args: string[]): Promise<string> =>
      pulumi(cwd, ...args, ...(name === undefined ? [] : ["--stack", name]));
    // In parallel, as each command starts the engine and a person is waiting.
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

/** Puts the stack's credentials into the session. Returns the state, decrypted if an output holds a secret. */
async function withSecrets(
  state: StackState,
  config: object,
  engine: (...args: string[]) => Promise<string>,
  session: Session,
): Promise<StackState> {
  // Drop another stack's credentials: a host of the same name may be another machine.
  const credentials = credentialsKey in config ? await engine("config", "get", credentialsKey) : "{}";
  session.credentials = credentialsIn({ get: () => credentials }) ?? {};
  return state.resources.some(({ outputs }) => hasSecretValue(outputs))
    ? { ...stateOf(JSON.parse(await engine("stack", "export", "--show-secrets"))), rollout: state.rollout }
    : state;
}
