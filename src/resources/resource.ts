import * as pulumi from "@pulumi/pulumi";
import { holdsSecret } from "../base/address.js";
import { providerKey, stubText, typeToken } from "../base/pulumi-internals.js";
import type { ConnectionArgs } from "../ssh/connection-args.js";
import type { HostArgs } from "./args.js";

/** The base of all our resources: dynamic resources, run by Pulumi's own `pulumi-nodejs` provider. */
export abstract class JailResource extends pulumi.CustomResource {
  /** What a refresh found different from what was declared, in words; undefined where nothing is. */
  declare public readonly drift: pulumi.Output<Record<string, string> | undefined>;

  /** Another one after every change or repair, known in preview: a trigger for what must then run again. */
  declare public readonly revision: pulumi.Output<string>;

  protected constructor(
    type: string,
    name: string,
    args: HostArgs,
    outputs: readonly string[],
    options?: pulumi.CustomResourceOptions,
  ) {
    // Pulumi's dynamic provider would fail on it before it comes to us.
    if (options?.import !== undefined)
      throw new pulumi.RunError(
        `${name}: import is not supported, nor needed: declare it without \`import\`, and \`up\` adopts what is there`,
      );
    const undefinedOutputs = Object.fromEntries([...outputs, "revision"].map((output) => [output, undefined]));
    super(
      typeToken(type),
      name,
      { ...undefinedOutputs, ...args, ...hidden(args), [providerKey]: stubText(type) },
      options,
    );
  }
}

const secretKeys = ["password", "privateKey", "privateKeyPassword"] as const;

type Address = pulumi.Input<string>;
/** An argument that may have the address of an archive or a repository. */
type Addressed = pulumi.Input<string | object>;

/** What of a resource's arguments may hold logins: its own, that of a host that builds for it, and addresses. */
interface Logins {
  connection?: pulumi.Input<ConnectionArgs>;
  builder?: pulumi.Input<string | { connection?: pulumi.Input<ConnectionArgs> }>;
  python?: pulumi.Input<Logins>;
  git?: Addressed;
  source?: Addressed;
  artifact?: Addressed;
  mirrors?: pulumi.Input<Address[]>;
  index?: Address;
}

function hidden({ connection, builder, python, git, source, artifact, mirrors, index }: Logins): Logins {
  return {
    ...Object.fromEntries(
      Object.entries({ git, source, artifact }).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, changed(value, withSecretUrl)]],
      ),
    ),
    ...(mirrors === undefined
      ? {}
      : { mirrors: changed(mirrors, (known) => (Array.isArray(known) ? known.map(hideAddress) : known)) }),
    ...(index === undefined ? {} : { index: hideAddress(index) }),
    ...(connection === undefined ? {} : { connection: withSecrets(connection) }),
    ...(builder === undefined
      ? {}
      : {
          builder: changed(builder, (known) =>
            typeof known === "string" ? known : { ...known, ...hidden(known as Logins) },
          ),
        }),
    ...(python === undefined ? {} : { python: changed(python, (known) => ({ ...known, ...hidden(known) })) }),
  };
}

/** Whatever the caller did, inline keys and passwords are secrets to the engine: the host's and its proxy's. */
function withSecrets(connection: pulumi.Input<ConnectionArgs>): pulumi.Input<ConnectionArgs> {
  return changed(connection, (known) => ({
    ...hide(known),
    ...(known.proxy === undefined ? {} : { proxy: changed(known.proxy, hide) }),
  }));
}

/** A source whose address is a secret to the engine where it holds a login or a token. A path of this machine has none. */
function withSecretUrl(source: string | object): string | object {
  return typeof source === "object" && "url" in source && source.url !== undefined
    ? { ...source, url: hideAddress(source.url as Address) }
    : source;
}

function hideAddress(address: Address): Address {
  return changed(address, (known) =>
    typeof known === "string" && holdsSecret(known) ? (pulumi.secret(known) as unknown as string) : known,
  );
}

/** A changed value: at once where the value is here, or else when it comes. */
export function changed<T>(input: pulumi.Input<T>, change: (value: T) => T): pulumi.Input<T> {
  if (!pulumi.Output.isInstance(input) && !(input instanceof Promise)) return change(input);
  return pulumi.output(input).apply<T>((known) => change(known as T));
}

function hide<T extends { [Key in (typeof secretKeys)[number]]?: pulumi.Input<string> }>(login: T): T {
  const hidden = { ...login };
  for (const key of secretKeys) if (hidden[key] !== undefined) hidden[key] = pulumi.secret(hidden[key]);
  return hidden;
}
