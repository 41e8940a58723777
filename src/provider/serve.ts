import type { dynamic } from "@pulumi/pulumi";
import { kinds } from "../resources/kinds.js";
import { closeAll } from "../ssh/pool.js";
import { configure as configureCredentials, type StackConfig } from "./credentials.js";
import { endWithEngine } from "./engine.js";
import { lifecycle } from "./lifecycle.js";

/**
 * The end of the thread that every resource's state holds (stub.ts): which kind, which call. The signature is a contract
 * with states written by older releases.
 */
export function provider(type: string): ReturnType<typeof lifecycle> {
  const kind = kinds[type];
  if (!kind) throw new Error(`this release of pulumi-python3jail knows no resource "${type}"; install the one that made it, or a newer one`);
  endWithEngine(closeAll);
  return lifecycle(kind);
}

/** Gets the stack's config before any other call. */
export function configure(request: { config: StackConfig }): void {
  configureCredentials(request.config);
}

export type { dynamic };
