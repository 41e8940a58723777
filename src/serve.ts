import "./base/refuse-old-node.js";
import type { dynamic } from "@pulumi/pulumi";
import { hideStack } from "./base/pulumi-internals.js";
import { endWithEngine } from "./provider/engine.js";
import { lifecycle, type Properties } from "./provider/lifecycle.js";
import { ProviderProcess } from "./provider/process.js";
import { kinds } from "./kinds/kinds.js";

const here = new ProviderProcess();

// Before the first call: an engine that is killed meanwhile never makes it.
endWithEngine(
  () => here.session.close(),
  () => here.session.closeNow(),
);

/**
 * The end of the thread that every resource's state holds (`stubText`). Runs in Pulumi's dynamic provider, one process for
 * the whole stack. The signature is a contract with states written by older releases.
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

/** Errors reach a person as their message. */
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
