import * as pulumi from "@pulumi/pulumi";
import { holdsSecret } from "../base/address.js";
import { providerKey, stubText, typeToken } from "../base/pulumi-internals.js";
import type { ConnectionArgs } from "../ssh/connection-args.js";
import type { HostArgs } from "./args.js";

/** The base class of our resources: dynamic resources, which Pulumi's provider `pulumi-nodejs` runs. */
export abstract class JailResource extends pulumi.CustomResource {
  /** Differences that the last refresh found, path or property to description. Undefined if there are none. */
  declare public readonly drift: pulumi.Output<Record<string, string> | undefined>;

  /**
   * A text that changes with every update or repair, and is known in preview. Use it as a trigger of other resources.
   */
  declare public readonly revision: pulumi.Output<string>;

  protected constructor(
    type: string,
    name: string,
    args: HostArgs,
    outputs: readonly string[],
    options?: pulumi.CustomResourceOptions,
  ) {
    // Pulumi's dynamic provider cannot import: it fails before it calls our code.
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
/** An argument that may hold the URL of an archive or a repository. */
type Addressed = pulumi.Input<string | object>;

/** The arguments of a resource that may hold logins: connections and URLs, its own or those of a builder. */
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

/** Marks the logins in these arguments as secrets of the engine. Returns only arguments that are given. */
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

/** Marks inline keys and passwords of a connection and its proxy as secrets, even if the caller did not. */
function withSecrets(connection: pulumi.Input<ConnectionArgs>): pulumi.Input<ConnectionArgs> {
  return changed(connection, (known) => ({
    ...hide(known),
    ...(known.proxy === undefined ? {} : { proxy: changed(known.proxy, hide) }),
  }));
}

/** Marks the URL of a source as a secret if it holds a login or a token. A path on this machine holds none. */
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

/** Applies `change` to a value: at once if the value is known, otherwise when it resolves. */
export function changed<T>(input: pulumi.Input<T>, change: (value: T) => T): pulumi.Input<T> {
  if (!pulumi.Output.isInstance(input) && !(input instanceof Promise)) return change(input);
  return pulumi.output(input).apply<T>((known) => change(known as T));
}

function hide<T extends { [Key in (typeof secretKeys)[number]]?: pulumi.Input<string> }>(login: T): T {
  const hidden = { ...login };
  for (const key of secretKeys) if (hidden[key] !== undefined) hidden[key] = pulumi.secret(hidden[key]);
  return hidden;
}
