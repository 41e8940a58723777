/**
 * What of a resource the engine stores in every state (twice: with the inputs and the outputs) and hands to Pulumi's
 * dynamic provider: a line that calls back into the installed package, whose folder is found from the program's.
 *
 * `pulumi.dynamic.Resource` would make such a text by serialising closures: 2 kB a resource, in a form that depends on the
 * compiler and on the SDK, at the price of loading a TypeScript compiler at every start. This line is fixed instead. It
 * is a contract: a state written by an old release runs its own copy on refresh and destroy.
 */
export function stubText(type: string): string {
  return `exports.handler = () => require("module").createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(${JSON.stringify(type)});\n`;
}
