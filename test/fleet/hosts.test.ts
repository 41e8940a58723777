import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { jailArgsOf } from "../../src/fleet/args.js";
import { resolveFleet } from "../../src/fleet/hosts.js";
import { noInventory } from "../../src/inventory/inventory-host.js";

// Outputs of other resources, which only a program can give. All other settings are tested in config.test.ts.

test.each<[string, <T>(value: T) => pulumi.Input<T>]>([
  ["as a plain value", (value) => value],
  ["as an output", (value) => pulumi.output(value) as never],
  ["as a promise", (value) => Promise.resolve(value)],
])("the relative paths of a connection given %s are resolved against the project's folder", async (_when, given) => {
  const { hosts } = resolveFleet(
    {
      connection: { identityFile: "keys/deploy" },
      hosts: { "judge-1": { connection: given({ host: "192.0.2.1", sshConfigFile: "~/.ssh/config" }) as never } },
    },
    noInventory,
  );
  const connection = await new Promise(
    (resolve) => void pulumi.output(jailArgsOf(hosts[0]!, "/project").connection).apply(resolve),
  );
  expect(connection).toEqual({
    host: "192.0.2.1",
    identityFile: "/project/keys/deploy",
    sshConfigFile: "~/.ssh/config",
  });
});

test("a jail's path must not be an output, as it names the resources", () => {
  const { problems } = resolveFleet(
    { hosts: { "judge-1": { path: pulumi.output("/srv/a") }, "judge-2": { path: "/srv/a" } } },
    noInventory,
  );
  expect(problems).toEqual([
    { place: ["hosts", "judge-1", "path"], message: expect.stringContaining("must be a text") },
  ]);
});
