import { expect, test } from "@jest/globals";
import { ProviderProcess } from "../../src/provider/process.js";
import { fleetIn } from "../../src/status/jails.js";
import { readLive } from "../../src/status/live.js";
import { stateOf } from "../../src/status/state.js";
import { recorded, resourceOf, type ExportedResource } from "./recorded.js";

// With hosts that are down; those that answer are test/e2e/status.test.ts's.

/** A look at judge-1 alone, which does not answer. */
async function look(change: (resources: ExportedResource[], exported: ReturnType<typeof recorded>) => void) {
  const exported = recorded();
  const { deployment } = exported;
  deployment.resources = deployment.resources.filter(
    ({ urn, type, inputs }) =>
      (inputs?.host === "judge-1" && !type.endsWith("SafeExec")) || /(PythonJail|Stack)::/.test(urn),
  );
  for (const one of deployment.resources)
    if (one.outputs && one.inputs?.host) one.outputs.connection = { host: "127.0.0.1", port: 1 };
  change(deployment.resources, exported);
  return fleetIn([await readLive(stateOf(exported), new ProviderProcess())]).jails.find(
    ({ host }) => host === "judge-1",
  )!;
}

test("a leftover of a replacement stays a leftover, and does not count as a part that is missing", async () => {
  const { problems } = await look((resources, exported) => {
    Object.assign(resourceOf(exported, "PythonJail judge-1").outputs!, {
      parts: "JailRoot DeviceNode DeviceNode DeviceNode",
    });
    resources.push({ ...resourceOf(exported, "DeviceNode judge-1-null"), delete: true });
    resources.splice(
      resources.findIndex(({ urn }) => urn.endsWith("judge-1-random")),
      1,
    );
  });
  expect(problems.map(({ text }) => text)).toEqual(
    expect.arrayContaining(["was not finished: no DeviceNode", "was replaced, and is still to be removed"]),
  );
});

test("a resource that this release cannot read is reported, and the others are read", async () => {
  const { problems } = await look((_, exported) => (resourceOf(exported, "DeviceNode judge-1-null").outputs = {}));
  expect(problems.filter(({ state }) => state === "unreachable").map(({ resource, text }) => [resource, text])).toEqual(
    [
      [expect.any(String), "nothing listens on its SSH port"],
      ["DeviceNode judge-1-null", expect.stringContaining("DeviceNode: ")],
    ],
  );
});
