import type { HostError } from "../base/errors.js";
import { Session } from "../remote/session.js";
import { credentialsIn, type StackConfig } from "../ssh/credentials.js";
import { unreachableIn, type Unreachable } from "./unreachable.js";

/** The state of the provider's process. Pulumi starts one process for a stack. */
export class ProviderProcess {
  /**
   * A setting of the provider, not of a resource, so that it also applies to hosts that were removed from the config.
   */
  unreachable: Unreachable = "fail";
  private readonly printed = new Set<string>();

  constructor(readonly session = new Session()) {}

  /** Takes credentials and settings from the stack's config. Throws if they are malformed. */
  configure(config: StackConfig): void {
    this.session.credentials = credentialsIn(config) ?? this.session.credentials;
    this.unreachable = unreachableIn(config);
  }

  /** Prints a line once, however many resources ask for it. */
  printOnce(text: string | undefined): void {
    if (text !== undefined && this.isNew(text)) console.log(text);
  }

  /** Prints a warning once for each host, code and consequence, as all resources of a jail have the same. */
  warnOnce(error: HostError, consequence: string): void {
    if (this.isNew(`${error.failure.host} ${error.code} ${consequence}`))
      console.warn(`warning: ${error.message}\n  ${consequence}`);
  }

  private isNew(key: string): boolean {
    if (this.printed.has(key)) return false;
    this.printed.add(key);
    return true;
  }
}
