import { z } from "zod";
import { checked } from "../base/validation.js";
import { credentialSchema, type Credential } from "./connection.js";

/** The stack's config as the engine gives it to providers. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/** The config key of credentials by host name. They are in no resource's state: rotating them changes no resource. */
export const credentialsKey = "python3jail:credentials";

/** What is put over the connection of each host, by the host's name. */
export type Credentials = Readonly<Record<string, Credential>>;

/** The credentials in the stack's config; undefined where it has none. Throws where they have the wrong form, naming the property only. */
export function credentialsIn(config: StackConfig): Credentials | undefined {
  const text = config.get(credentialsKey);
  if (text === undefined) return undefined;
  const value = typeof text === "string" ? parseJson(text) : text;
  const result = checked(z.record(z.string(), credentialSchema), value);
  if (result.reasons) throw new Error(`${credentialsKey}: ${result.reasons.join("; ")}`);
  return result.value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${credentialsKey}: must be a map from host names to connections`);
  }
}
