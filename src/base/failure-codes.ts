import type { FailureGroup } from "./failure-codes/entry.js";
import { hostCodes } from "./failure-codes/host.js";
import { jailCodes } from "./failure-codes/jail.js";
import { loginCodes } from "./failure-codes/login.js";
import { machineCodes } from "./failure-codes/machine.js";
import { pythonCodes } from "./failure-codes/python.js";

/** Every code that a failure can have. */
export type FailureCode =
  | keyof typeof loginCodes
  | keyof typeof hostCodes
  | keyof typeof jailCodes
  | keyof typeof pythonCodes
  | keyof typeof machineCodes;

/** The catalogue of failures: each code with its meaning, cause and remedy, by subject. */
export const failureGroups: Readonly<Record<string, FailureGroup>> = {
  "The way to a host": loginCodes,
  "What a host lacks or does not allow": hostCodes,
  "The jail and what is in it": jailCodes,
  "Builds, packages and safeexec": pythonCodes,
  "The control machine, the engine and this tool": machineCodes,
};

export const failureCodes = Object.values(failureGroups).flatMap((group) => Object.keys(group)) as [
  FailureCode,
  ...FailureCode[],
];

export function isFailureCode(text: string): text is FailureCode {
  return (failureCodes as string[]).includes(text);
}

/** The code at the end of the first line of a HostError's message; undefined where there is none of ours. */
export function codeIn(message: string): FailureCode | undefined {
  const [, code] = /^[^\n]* \[([a-z0-9-]+)\](?:\n|$)/.exec(message) ?? [];
  return code !== undefined && isFailureCode(code) ? code : undefined;
}
