import type { dynamic } from "@pulumi/pulumi";
import { createRequire } from "node:module";

/**
 * What of a resource the engine stores in every state: a few lines that call back into the installed package. Its text
 * is a contract: a state written by an old release runs its own copy on refresh and destroy.
 */
export function stub(type: string): dynamic.ResourceProvider {
  return {
    configure: async (request) => createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").configure(request),
    check: async (olds, news) => createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(type).check(olds, news),
    diff: async (id, olds, news) => createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(type).diff(id, olds, news),
    create: async (inputs) => createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(type).create(inputs),
    update: async (id, olds, news) => createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(type).update(id, olds, news),
    read: async (id, props) => createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(type).read(id, props),
    delete: async (id, props) => createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(type).delete(id, props),
  };
}
