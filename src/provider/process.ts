import type { HostError } from "../base/errors.js";
import { Session } from "../remote/session.js";
import { credentialsIn, type StackConfig } from "../ssh/credentials.js";
import { unreachableIn, type Unreachable } from "./unreachable.js";

/** All that the provider's process keeps: Pulumi starts one for a whole stack. */
export class ProviderProcess {
  /** The provider's own setting, and no resource's: it also holds for a host that is not in the config any more. */
  unreachable: Unreachable = "fail";
  private readonly said = new Set<string>();

  constructor(readonly session = new Session()) {}

  /** Takes credentials and settings from the stack's config. Throws where they have the wrong form. */
  configure(config: StackConfig): void {
    this.session.credentials = credentialsIn(config) ?? this.session.credentials;
    this.unreachable = unreachableIn(config);
  }

  /** Says once what holds for all resources of a kind. */
  sayOnce(text: string | undefined): void {
    if (text !== undefined && this.isNew(text)) console.log(text);
  }

  /** Warns once a host, cause and consequence: a jail has many resources, and all of them say the same. */
  warnOnce(error: HostError, consequence: string): void {
    if (this.isNew(`${error.failure.host} ${error.code} ${consequence}`))
      console.warn(`warning: ${error.message}\n  ${consequence}`);
  }

  private isNew(key: string): boolean {
    if (this.said.has(key)) return false;
    this.said.add(key);
    return true;
  }
}
