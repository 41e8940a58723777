import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engineRoot, isToldFailure, unknownValue, valueOr } from "../../src/base/pulumi-internals.js";
import { repositoryRoot } from "../hosts/repository.js";

const failed = (): Error =>
  new Error("resource judge-1-audit [pulumi-nodejs:dynamic/python3jail:JailAudit] failed to register");
/** What the SDK makes of an error on its way through the inputs of so many resources. */
async function through(error: Error, resources: number): Promise<unknown> {
  let thrown: unknown = error;
  for (let count = 0; count < resources; count += 1)
    thrown = await pulumi.runtime
      .serializeProperties("inputs", { triggers: [Promise.reject(thrown as Error)] })
      .catch((next: unknown) => next);
  return thrown;
}

test.each([0, 1, 2, 5])("a failure that the engine has told is known after %d resources", async (resources) => {
  const error = await through(failed(), resources);
  expect([isToldFailure(error), (error as Error).message.split("error serializing property").length - 1]).toEqual([
    true,
    resources,
  ]);
});

test.each([
  ["an error of the program", new Error("x is not a function")],
  ["another's resource", new Error("resource bucket [aws:s3:Bucket] failed to register")],
  ["text that goes on", new Error(`${failed().message}: why`)],
  ["no error", failed().message],
])("%s is none", (_name, error) => expect(isToldFailure(error)).toBe(false));

test("what is not known yet is marked as the SDK marks it", () =>
  expect(unknownValue).toBe(pulumi.runtime.unknownValue));

test("the value of an output that rejects is another one", async () => {
  // All of an output rejects, and what nobody waits for would end the test.
  const failing = { promise: () => Promise.reject(new Error("no")) } as unknown as pulumi.Output<string>;
  expect([await valueOr(failing, "failed"), await valueOr(pulumi.output("fine"), "failed")]).toEqual([
    "failed",
    "fine",
  ]);
});

test("the engine that npm brings is of the SDK's release, and lies in Pulumi's home", () => {
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
