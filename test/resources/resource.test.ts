import { beforeAll, describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { stubText } from "../../src/base/pulumi-internals.js";
import { DeviceNode } from "../../src/resources/DeviceNode.js";
import { JailPackages } from "../../src/resources/JailPackages.js";
import { JailRoot } from "../../src/resources/JailRoot.js";
import { PythonBuild } from "../../src/resources/PythonBuild.js";
import type { ConnectionArgs } from "../../src/ssh/connection-args.js";

interface Registration {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}
/** What the engine was told, by resource name, as it went over the wire: there secrets are marked one by one. */
const registered: Record<string, Registration> = {};

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs as Record<string, unknown> }),
    call: () => ({}),
  });
  interface Request {
    getName(): string;
    getType(): string;
    getObject(): { toJavaScript(): Record<string, unknown> };
  }
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Request, done: unknown): unknown;
  };
  const original = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    registered[request.getName()] = { type: request.getType(), inputs: request.getObject().toJavaScript() };
    return original(request, done);
  };
});

const place = { host: "judge-1", path: "/srv/jail" };

async function tell(make: () => pulumi.Resource): Promise<void> {
  const { urn } = make();
  await new Promise((resolve) => urn.apply(resolve));
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
  const connection = {
    host: "192.0.2.1",
    user: "deploy",
    ...login,
    proxy: { host: "bastion", user: "jump", ...login },
  };
  const ways: [string, () => pulumi.Input<ConnectionArgs>][] = [
    ["in a plain connection", () => connection],
    ["in a connection that is an output", () => pulumi.output(connection)],
    ["in a connection that is a promise", () => Promise.resolve(connection)],
    ["in a proxy that is an output", () => ({ ...connection, proxy: pulumi.output(connection.proxy) })],
    ["in a proxy that is a promise", () => ({ ...connection, proxy: Promise.resolve(connection.proxy) })],
    [
      "that are outputs",
      () => ({ ...connection, password: pulumi.output(login.password), privateKey: Promise.resolve(login.privateKey) }),
    ],
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
    inputs: {
      ...place,
      connection: { host: "h" },
      node: "dev/null",
      major: 1,
      minor: 3,
      mode: "0600",
      __provider: stubText("DeviceNode"),
    },
  });
});

describe("addresses with a login or a token", () => {
  const secret = (value: unknown): boolean =>
    typeof value === "object" && value !== null && pulumi.runtime.specialSigKey in value;
  const connection = { host: "h" };
  const [login, token, plain] = ["https://u:p@h/x.tgz", "https://h/x.tgz?token=t", "https://h/x.tgz"];
  const sha256 = "0".repeat(64);
  const ways: [string, <T>(value: T) => pulumi.Input<T>][] = [
    ["plain", (value) => value],
    ["outputs", (value) => pulumi.output(value) as pulumi.Output<never>],
    ["promises", async (value) => Promise.resolve(value)],
  ];

  test.each(ways)("are secrets to the engine, in every property that takes one (%s)", async (name, as) => {
    const python = { version: "3.13.5", mirrors: as([as(login), plain]), artifact: as({ url: as(token), sha256 }) };
    await tell(
      () =>
        new PythonBuild(`build-${name}`, {
          ...place,
          connection,
          ...python,
          source: as({ url: login, sha256 }),
        }),
    );
    await tell(
      () =>
        new JailPackages(`packages-${name}`, {
          ...place,
          connection,
          requirements: "r",
          index: as(login),
          python: as(python),
        }),
    );
    await tell(() => new JailRoot(`root-${name}`, { ...place, connection, git: as({ url: as(login), commit: "c" }) }));
    const [build, packages, root] = ["build", "packages", "root"].map(
      (kind) => registered[`${kind}-${name}`]!.inputs as Record<string, never>,
    );
    const seen: unknown[] = [
      build!["mirrors"]![0],
      build!["artifact"]!["url"],
      build!["source"]!["url"],
      packages!["index"],
      packages!["python"]!["mirrors"][0],
      packages!["python"]!["artifact"]["url"],
      root!["git"]!["url"],
    ];
    expect(seen.map(secret)).toEqual(seen.map(() => true));
    expect([build!["mirrors"]![1], root!["git"]!["commit"]]).toEqual([plain, "c"]);
    expect(
      JSON.stringify([build, packages, root], (_key, value: unknown) => (secret(value) ? "[secret]" : value)),
    ).not.toMatch(/u:p@|token=/);
  });
});

test("a resource that is to be imported is refused by what to do instead", () => {
  expect(
    () => new JailRoot("imported", { ...place, connection: { host: "h" } }, { import: "judge-1:/srv/jail" }),
  ).toThrow(
    "imported: import is not supported, nor needed: declare it without `import`, and `up` adopts what is there",
  );
});
