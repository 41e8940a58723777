import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engineRoot, isReportedFailure, unknownValue, valueOr } from "../../src/base/pulumi-internals.js";
import { repositoryRoot } from "../hosts/repository.js";

const failed = (): Error =>
  new Error("resource judge-1-audit [pulumi-nodejs:dynamic/python3jail:JailAudit] failed to register");
/** Returns the SDK's error after `error` has passed through the inputs of a number of resources. */
async function through(error: Error, resources: number): Promise<unknown> {
  let thrown: unknown = error;
  for (let count = 0; count < resources; count += 1)
    thrown = await pulumi.runtime
      .serializeProperties("inputs", { triggers: [Promise.reject(thrown as Error)] })
      .catch((next: unknown) => next);
  return thrown;
}

test.each([0, 1, 2, 5])("a reported failure is recognised after it passed %d resources", async (resources) => {
  const error = await through(failed(), resources);
  expect([isReportedFailure(error), (error as Error).message.split("error serializing property").length - 1]).toEqual([
    true,
    resources,
  ]);
});

test.each([
  ["an error of the program", new Error("x is not a function")],
  ["an error of another package's resource", new Error("resource bucket [aws:s3:Bucket] failed to register")],
  ["a message with more text at its end", new Error(`${failed().message}: why`)],
  ["a text that is not an error", failed().message],
])("%s is not a reported failure", (_name, error) => expect(isReportedFailure(error)).toBe(false));

test("our constant for unknown values is the SDK's", () => expect(unknownValue).toBe(pulumi.runtime.unknownValue));

test("valueOr returns the other value for an output that rejects", async () => {
  // Not a real output: all its promises would reject, and one that nobody awaits would end the test.
  const failing = { promise: () => Promise.reject(new Error("no")) } as unknown as pulumi.Output<string>;
  expect([await valueOr(failing, "failed"), await valueOr(pulumi.output("fine"), "failed")]).toEqual([
    "failed",
    "fine",
  ]);
});

test("the engine that npm installs has the SDK's version, and is in PULUMI_HOME", () => {
  const manifest = readFileSync(join(repositoryRoot, "node_modules/pulumi/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const home = process.env.PULUMI_HOME;
  try {
    process.env.PULUMI_HOME = "/home/judge/pulumi";
    expect(engineRoot()).toBe(`/home/judge/pulumi/versions/${version}`);
  } finally {
    if (home === undefined) delete process.env.PULUMI_HOME;
    else process.env.PULUMI_HOME = home;
  }
});
