import { z } from "zod";
import { checked } from "../base/validation.js";
import { credentialSchema, type Credential } from "./connection.js";

/** The stack's config, as the engine passes it to providers. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/** The config key of the credentials. They are in no resource's state, so rotating them changes no resource. */
export const credentialsKey = "python3jail:credentials";

/** Connection settings by host name. They override the settings of that host's connection. */
export type Credentials = Readonly<Record<string, Credential>>;

/**
 * Parses the credentials in the stack's config; undefined if it has none. Throws if they are invalid. The error names
 * the property, and contains no value.
 */
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
