import "./base/refuse-old-node.js";
import type { dynamic } from "@pulumi/pulumi";
import { hideStack } from "./base/pulumi-internals.js";
import { endWithEngine } from "./provider/engine.js";
import { lifecycle, type Properties } from "./provider/lifecycle.js";
import { ProviderProcess } from "./provider/process.js";
import { kinds } from "./kinds/kinds.js";

const here = new ProviderProcess();

// Watch the engine from the start: one that is killed before its first call never makes it.
endWithEngine(
  () => here.session.close(),
  () => here.session.closeNow(),
);

/**
 * Returns the provider of a kind. The code in every resource's state calls this function (`stubText`), in Pulumi's
 * dynamic provider: one process for the whole stack. The signature is a contract with the states that older releases
 * wrote.
 */
export function provider(type: string): dynamic.ResourceProvider {
  const kind = kinds[type];
  if (!kind)
    throw withoutStack(
      new Error(
        `this release of pulumi-python3jail knows no resource "${type}": install the one that made it, or a newer one`,
      ),
    );
  const life = lifecycle(kind, here);
  return {
    configure: (request) => shown(() => here.configure(request.config)),
    check: (olds: Properties, news: Properties) => shown(() => life.check(olds, news)),
    diff: (id, olds: Properties, news: Properties) => shown(() => life.diff(id, olds, news)),
    create: (inputs: Properties) => shown(() => life.create(inputs)),
    update: (id, olds: Properties, news: Properties) => shown(() => life.update(id, olds, news)),
    read: (id, properties?: Properties) => shown(() => life.read(id, properties ?? {})),
    delete: (id, properties: Properties) => shown(() => life.delete(id, properties)),
  };
}

/** Runs a provider's function, and removes the stack trace of its error: the engine would print it. */
async function shown<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof Error ? withoutStack(error) : error;
  }
}

function withoutStack(error: Error): Error {
  hideStack(error);
  return error;
}
