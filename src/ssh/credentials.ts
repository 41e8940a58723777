import { z } from "zod";
import { credentialSchema, type Connection, type Credential } from "./connection.js";
import { checked } from "../base/validation.js";

/** The stack's config as the engine gives it to providers. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/** The config key of credentials by host name. They are in no resource's state: rotating them changes no resource. */
export const credentialsKey = "python3jail:credentials";

let credentials: Record<string, Credential> = {};

/** Takes credentials from the stack's config. Throws where they have the wrong form, naming the property only. */
export function configure(config: StackConfig): void {
  const text = config.get(credentialsKey);
  if (text === undefined) return;
  const value = typeof text === "string" ? parseJson(text) : text;
  const result = checked(z.record(z.string(), credentialSchema), value);
  if (result.reasons) throw new Error(`${credentialsKey}: ${result.reasons.join("; ")}`);
  credentials = result.value;
}

/** A connection with what the stack's config says of this host put over it. */
export function withCredentials(host: string, connection: Connection): Connection {
  return { ...connection, ...credentials[host] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${credentialsKey}: must be a map from host names to connections`);
  }
}
