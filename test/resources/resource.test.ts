import { beforeAll, describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { stubText } from "../../src/provider/stub.js";
import { DeviceNode } from "../../src/resources/DeviceNode.js";
import { JailRoot } from "../../src/resources/JailRoot.js";
import type { ConnectionArgs } from "../../src/ssh/connection.js";

interface Registration {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}
/** What the engine was told, by resource name, as it went over the wire: there secrets are marked one by one. */
const registered: Record<string, Registration> = {};

beforeAll(async () => {
  await pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }), call: () => ({}) });
  interface Request {
    getName(): string;
    getType(): string;
    getObject(): { toJavaScript(): Record<string, unknown> };
  }
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource(request: Request, done: unknown): unknown };
  const original = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    registered[request.getName()] = { type: request.getType(), inputs: request.getObject().toJavaScript() };
    return original(request, done);
  };
});

const place = { host: "judge-1", path: "/srv/jail" };

async function tell(make: () => pulumi.Resource): Promise<void> {
  const { urn } = make();
  await new Promise((resolve) => (urn as pulumi.Output<string>).apply(resolve));
}

let count = 0;
/** What the engine is told of a connection: the values that are marked secret, and all the rest. */
async function told(connection: pulumi.Input<ConnectionArgs>): Promise<{ secret: string[]; plain: string }> {
  const name = `jail-${(count += 1)}`;
  await tell(() => new JailRoot(name, { ...place, connection }));
  const secret: string[] = [];
  const plain = JSON.stringify(registered[name]!.inputs.connection, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || !(pulumi.runtime.specialSigKey in value)) return value;
    secret.push(String((value as unknown as { value: unknown }).value));
    return undefined;
  });
  return { secret, plain };
}

describe("inline keys and passwords", () => {
  const login = { password: "hunter2-password", privateKey: "hunter2-key", privateKeyPassword: "hunter2-phrase" };
  const connection = { host: "192.0.2.1", user: "deploy", ...login, proxy: { host: "bastion", user: "jump", ...login } };
  const ways: [string, () => pulumi.Input<ConnectionArgs>][] = [
    ["in a plain connection", () => connection],
    ["in a connection that is an output", () => pulumi.output(connection)],
    ["in a connection that is a promise", () => Promise.resolve(connection)],
    ["in a proxy that is an output", () => ({ ...connection, proxy: pulumi.output(connection.proxy) })],
    ["in a proxy that is a promise", () => ({ ...connection, proxy: Promise.resolve(connection.proxy) })],
    ["that are outputs", () => ({ ...connection, password: pulumi.output(login.password), privateKey: Promise.resolve(login.privateKey) })],
    ["that are secrets already", () => ({ ...connection, password: pulumi.secret(login.password) })],
  ];
  test.each(ways)("%s are secrets to the engine, whatever the program did", async (_name, way) => {
    const { secret, plain } = await told(way());
    expect(secret.sort()).toEqual([...Object.values(login), ...Object.values(login)].sort());
    expect(JSON.parse(plain)).toEqual({ host: "192.0.2.1", user: "deploy", proxy: { host: "bastion", user: "jump" } });
  });
});

test("a connection without secrets is shown as it is", async () => {
  const { secret, plain } = await told({ host: "192.0.2.1", proxy: { host: "bastion" } });
  expect([secret, JSON.parse(plain)]).toEqual([[], { host: "192.0.2.1", proxy: { host: "bastion" } }]);
});

test("a resource is a dynamic one of its own type, with the stub, and without what is only the program's", async () => {
  await tell(() => new DeviceNode("null", { ...place, connection: { host: "h" }, preset: "null", mode: "0600" }));
  expect(registered["null"]).toEqual({
    type: "pulumi-nodejs:dynamic/python3jail:DeviceNode",
    inputs: { ...place, connection: { host: "h" }, node: "dev/null", major: 1, minor: 3, mode: "0600", __provider: stubText("DeviceNode") },
  });
});
