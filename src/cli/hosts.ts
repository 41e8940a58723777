import { checked } from "../base/validation.js";
import { connectionSchema, type Connection } from "../ssh/connection.js";
import { UsageError } from "../base/usage-error.js";
import type { Options } from "./command.js";

/** The options with which every command gets to its hosts. */
export const connectionOptions = {
  sudo: { type: "boolean", help: "become root by `sudo -n` after logging in" },
  "ssh-config": {
    type: "string",
    value: "FILE",
    help: "OpenSSH's client configuration (ssh -F); a HOST may be an alias of it",
  },
  identity: { type: "string", value: "FILE", help: "private key (ssh -i)" },
} as const satisfies Options;

/** How to get to an OpenSSH destination: `[user@]host`, or an alias. */
export function connectionTo(
  destination: string,
  options: { sudo?: boolean; "ssh-config"?: string; identity?: string },
): Connection {
  const at = destination.lastIndexOf("@");
  const { value, reasons } = checked(connectionSchema, {
    host: destination.slice(at + 1),
    ...(at > 0 ? { user: destination.slice(0, at) } : {}),
    ...(options.sudo ? { sudo: true } : {}),
    ...(options["ssh-config"] === undefined ? {} : { sshConfigFile: options["ssh-config"] }),
    ...(options.identity === undefined ? {} : { identityFile: options.identity }),
    // A person waits: one attempt.
    dialErrorLimit: 1,
  });
  if (reasons) throw new UsageError(`${JSON.stringify(destination)}: ${reasons.join("; ")}`);
  return value;
}
