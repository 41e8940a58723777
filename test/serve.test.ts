import { describe, expect, test } from "@jest/globals";
import type { dynamic } from "@pulumi/pulumi";
import { provider } from "../src/serve.js";

describe("a provider", () => {
  const node = provider("DeviceNode");
  const args = {
    host: "judge-1",
    connection: { host: "h" },
    path: "/srv/jail",
    node: "dev/null",
    major: 1,
    minor: 3,
    mode: "666",
  };

  test("checks inputs with the resource's own schema", async () => {
    expect((await node.check!({}, args)).inputs).toMatchObject({ mode: "0666", type: "c", owner: "root" });
    expect((await node.check!({}, { ...args, mode: "rw" })).failures).toEqual([
      { property: "", reason: 'mode: must be an octal mode in quotation marks, such as "0666"' },
    ]);
  });

  const asked: [string, () => Promise<unknown> | undefined][] = [
    ["create", () => node.create({ ...args, mode: "rw" })],
    ["read", () => node.read!("id", { ...args, path: undefined })],
    ["delete", () => node.delete!("id", { ...args, path: undefined })],
    ["configure", () => node.configure!({ config: { get: () => "no JSON" } } as unknown as dynamic.ConfigureRequest)],
  ];
  test.each(asked)("throws errors in %s with their message and no stack trace", async (_name, ask) => {
    const error = await ask()!.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).stack).toBe((error as Error).message);
  });
});
