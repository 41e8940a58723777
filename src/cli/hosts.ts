import { checked } from "../base/validation.js";
import { connectionSchema, type Connection } from "../ssh/connection.js";
import { UsageError } from "../base/usage-error.js";
import type { Options } from "./command.js";

/** Options of commands that connect to hosts. */
export const connectionOptions = {
  sudo: { type: "boolean", help: "become root with `sudo -n` after the login" },
  "ssh-config": {
    type: "string",
    value: "FILE",
    help: "OpenSSH client configuration (ssh -F); HOST may be an alias in it",
  },
  identity: { type: "string", value: "FILE", help: "private key (ssh -i)" },
} as const satisfies Options;

/** Makes the connection to an OpenSSH destination: `[user@]host`, or an alias. Throws UsageError. */
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
    // A person is waiting, so dial only once.
    dialErrorLimit: 1,
  });
  if (reasons) throw new UsageError(`${JSON.stringify(destination)}: ${reasons.join("; ")}`);
  return value;
}
