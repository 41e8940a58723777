import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { jailArgsOf } from "../../src/fleet/args.js";
import { fleetOf } from "../../src/fleet/hosts.js";
import { noInventory } from "../../src/inventory/inventory-host.js";

// What only code can give: outputs of other resources. The rest is config.test.ts's.

test.each<[string, <T>(value: T) => pulumi.Input<T>]>([
  ["at once", (value) => value],
  ["as an output", (value) => pulumi.output(value) as never],
  ["as a promise", (value) => Promise.resolve(value)],
])("a connection that is known %s has its files from the project's folder", async (_when, given) => {
  const { hosts } = fleetOf(
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

test("a path names resources, and so is no output", () => {
  const { problems } = fleetOf(
    { hosts: { "judge-1": { path: pulumi.output("/srv/a") }, "judge-2": { path: "/srv/a" } } },
    noInventory,
  );
  expect(problems).toEqual([
    { place: ["hosts", "judge-1", "path"], message: expect.stringContaining("must be a text") },
  ]);
});
