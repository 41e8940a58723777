import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { HostError } from "../../src/base/errors.js";
import type { Kind, Observation } from "../../src/provider/kind.js";
import { lifecycle } from "../../src/provider/lifecycle.js";
import { ProviderProcess } from "../../src/provider/process.js";
import { unreachableKey } from "../../src/provider/unreachable.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { jailFields } from "../../src/remote/target-inputs.js";
import type { Target } from "../../src/remote/target.js";

const schema = z.strictObject({
  ...jailFields,
  name: z.string().regex(/^[a-z]+$/, "must be small letters"),
  size: z.number().default(1),
  pace: z.string().default("slow"),
  corner: z.string().default("left"),
});
type Inputs = z.output<typeof schema>;
type Facts = { digest: string; version?: string | undefined; host?: object };

/** A kind that writes down what the lifecycle asks of it. */
class FakeKind implements Kind<Inputs, Facts> {
  readonly type = "Fake";
  readonly schema = schema;
  readonly steps = {};
  readonly settings = { key: "fake", example: "{}", schema, description: "" };
  readonly identity = ["name", "corner"] as const;
  readonly deleteFirst = ["corner"] as const;
  readonly quiet = ["pace"] as const;
  readonly asked: unknown[][] = [];
  seen: Observation<Facts> | undefined | Error = { drift: {}, facts: { digest: "seen" } };
  made: Facts = { digest: "made" };
  elsewhere: Error | undefined;
  left: Error | undefined;
  /** What ensure fails with, after it has reached the host or before. */
  failure: { readonly error: Error; readonly reached: boolean } | undefined;

  announceCreate?: (inputs: Inputs) => string;

  observe(jail: Target, inputs: Inputs, facts: Facts): Promise<Observation<Facts> | undefined> {
    this.asked.push(["observe", jail.path, inputs.size, facts]);
    return this.seen instanceof Error ? Promise.reject(this.seen) : Promise.resolve(this.seen);
  }
  ensure(jail: Target, inputs: Inputs, before: (Inputs & Facts) | undefined): Promise<Facts> {
    this.asked.push(["ensure", inputs.size, before && { size: before.size, digest: before.digest }]);
    if (this.failure) {
      jail.reached = this.failure.reached;
      return Promise.reject(this.failure.error);
    }
    return Promise.resolve(this.made);
  }
  remove(_jail: Target, inputs: Inputs, facts: Facts): Promise<void> {
    this.asked.push(["remove", inputs.name, facts]);
    return this.left ? Promise.reject(this.left) : Promise.resolve();
  }
  relocate(_jail: Target, inputs: Inputs, facts: Facts): Promise<void> {
    this.asked.push(["relocate", inputs.connection.host, facts]);
    return this.elsewhere ? Promise.reject(this.elsewhere) : Promise.resolve();
  }
}

const stub = { __provider: "the stub" };
const given = { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail", name: "a" };
const inputs = { ...given, size: 1, pace: "slow", corner: "left" };
/** What the engine hands to diff, update, read and delete: inputs and facts, as they were recorded. */
const revision = { revision: "3 a left" };
const state = { ...inputs, digest: "old", ...revision, ...stub };
const hostError = (host: string, code = "unreachable") =>
  new HostError({ host, step: "look", reason: "it does not answer", code });
const goneError = (host: string) =>
  new HostError({
    host,
    step: "look",
    reason: "it does not answer",
    remedy: "check it",
    code: "unreachable",
    gone: true,
  });

let kind: FakeKind;
let provider: ProviderProcess;
let life: ReturnType<typeof lifecycle<Inputs, Facts>>;
beforeEach(() => {
  kind = new FakeKind();
  provider = new ProviderProcess();
  life = lifecycle(kind, provider);
});

describe("check", () => {
  test("fills in defaults, and keeps the stub out of what is checked", () => {
    expect(life.check({}, { ...given, ...stub })).toEqual({ inputs: { ...inputs, revision: "1 a left" } });
  });

  test("names every wrong property in a reason of its own, for none of which the engine prints the value", () => {
    const result = life.check({}, { ...given, name: "A", path: "relative", extra: "hunter2" });
    expect(result.failures).toEqual([
      { property: "", reason: "path: must be an absolute path (begin with /)" },
      { property: "", reason: "name: must be small letters" },
      {
        property: "",
        reason:
          'unknown property "extra" (known: connection, corner, directories, host, name, pace, path, size, timeouts)',
      },
    ]);
  });

  describe("of files that a connection names on this machine", () => {
    const reasonsFor = (connection: object): string[] | undefined =>
      life
        .check({}, { ...given, connection: { host: "192.0.2.1", ...connection } })
        .failures?.map(({ reason }) => reason);
    const nowhere = "/nonexistent/id_ed25519";
    const here = __filename;

    test("names those that are not there", () => {
      expect(reasonsFor({ identityFile: nowhere, sshConfigFile: "/nonexistent/config" })).toEqual([
        `connection.identityFile: there is no file ${nowhere} on this machine, from which the hosts are reached`,
        "connection.sshConfigFile: there is no file /nonexistent/config on this machine, from which the hosts are reached",
      ]);
      expect(reasonsFor({ identityFile: "~/nonexistent-5b1c/id" })).toHaveLength(1);
    });

    test("lets pass those that are there, or that OpenSSH names", () => {
      for (const identityFile of [here, "~/.ssh/%h", "${HOME}/id", "~deploy/.ssh/id", unknownValue])
        expect([identityFile, reasonsFor({ identityFile })]).toEqual([identityFile, undefined]);
      expect(reasonsFor({ sshConfigFile: "none" })).toBeUndefined();
    });

    test("lets pass a key of which only the public half is here, as an agent holds the other", () => {
      const folder = mkdtempSync(join(tmpdir(), "key-"));
      try {
        writeFileSync(join(folder, "id.pub"), "");
        expect(reasonsFor({ identityFile: join(folder, "id") })).toBeUndefined();
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    test("goes by the credentials of the stack where they say another one", () => {
      provider.session.credentials = { "judge-1": { identityFile: here } };
      expect(reasonsFor({ identityFile: nowhere })).toBeUndefined();
      provider.session.credentials = { "judge-1": { identityFile: nowhere } };
      expect(reasonsFor({ identityFile: here })).toHaveLength(1);
    });
  });

  test("lets pass what is not known yet", () => {
    expect(life.check({}, { ...given, size: unknownValue, connection: { host: unknownValue } })).toEqual({
      inputs: { ...inputs, size: unknownValue, connection: { host: unknownValue }, revision: "1 a left" },
    });
  });

  const revisions: [string, object, object, string][] = [
    ["stays where nothing changed", {}, {}, "3 a left"],
    [
      "stays where a change touches nothing on the host",
      {},
      { pace: "fast", connection: { host: "192.0.2.2" }, timeouts: { step: 5 } },
      "3 a left",
    ],
    ["is the next one after a change", {}, { size: 2 }, "4 a left"],
    ["is the next one where a refresh found drift", { drift: { a: "is missing" } }, {}, "4 a left"],
    ["tells a replacement, of which check knows no predecessor, from what it replaces", {}, { name: "b" }, "4 b left"],
    ["is the first one where an older release recorded none", { revision: undefined }, {}, "1 a left"],
  ];
  test.each(revisions)("the revision %s", (_name, olds, news, expected) => {
    expect(life.check({ ...inputs, ...revision, ...olds }, { ...given, ...stub, ...news }).inputs).toMatchObject({
      revision: expected,
    });
  });

  test("and diff agree on what an update will touch: it has another revision, before it is made", () => {
    for (const [olds, news] of [
      [{}, { size: 2 }],
      [{ drift: { a: "is missing" } }, {}],
    ]) {
      const { inputs: checked } = life.check({ ...inputs, ...revision, ...olds }, { ...given, ...stub, ...news }) as {
        inputs: Record<string, unknown>;
      };
      expect([checked["revision"], life.diff("id", { ...state, ...olds }, checked).changes]).toEqual([
        "4 a left",
        true,
      ]);
    }
  });
});

test("a kind says once, and not for each resource, what holds for all that are to be created", () => {
  const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
  kind.announceCreate = ({ name }) => `what is called ${name} is adopted`;
  for (const olds of [{}, {}, inputs]) life.check(olds, { ...given, ...stub });
  life.check({}, { ...given, name: "b", ...stub });
  expect(log.mock.calls).toEqual([["what is called a is adopted"], ["what is called b is adopted"]]);
  log.mockRestore();
});

describe("diff", () => {
  const cases: [string, object, object, { changes: boolean; replaces: string[] }][] = [
    ["nothing where nothing changed", {}, {}, { changes: false, replaces: [] }],
    ["nothing where facts changed", { digest: "other", version: "3" }, {}, { changes: false, replaces: [] }],
    ["nothing where only the stub is another", {}, { __provider: "a newer stub" }, { changes: false, replaces: [] }],
    [
      "nothing where members came in another order",
      { connection: { host: "h", port: 1 } },
      { connection: { port: 1, host: "h" } },
      { changes: false, replaces: [] },
    ],
    [
      "nothing where a member is undefined",
      {},
      { connection: { host: "192.0.2.1", port: undefined } },
      { changes: false, replaces: [] },
    ],
    ["a change in place", {}, { size: 2 }, { changes: true, replaces: [] }],
    ["an input that was taken away", { timeouts: { step: 5 } }, {}, { changes: true, replaces: [] }],
    ["another connection in place", {}, { connection: { host: "192.0.2.2" } }, { changes: true, replaces: [] }],
    ["another host as a replacement", {}, { host: "judge-2" }, { changes: true, replaces: ["host"] }],
    ["another path as a replacement", {}, { path: "/srv/other" }, { changes: true, replaces: ["path"] }],
    ["another identity as a replacement", {}, { name: "b", size: 2 }, { changes: true, replaces: ["name"] }],
    ["an identity that is not known yet in place", {}, { name: unknownValue }, { changes: true, replaces: [] }],
    ["a state of an older release, without a revision", { revision: undefined }, {}, { changes: true, replaces: [] }],
    ["drift that a refresh recorded", { drift: { a: "is missing" } }, {}, { changes: true, replaces: [] }],
  ];
  test.each(cases)("sees %s", (_name, olds, news, expected) => {
    expect(life.diff("id", { ...state, ...olds }, { ...inputs, ...stub, ...news })).toEqual({
      ...expected,
      deleteBeforeReplace: false,
    });
  });
});

test("an identity whose old one stands in the way of the new is deleted first, unless more than that changes", () => {
  const diff = (news: object) => life.diff("id", state, { ...inputs, ...stub, ...news });
  expect(diff({ corner: "right" })).toEqual({ changes: true, replaces: ["corner"], deleteBeforeReplace: true });
  expect(diff({ corner: "right", path: "/srv/other" })).toMatchObject({ deleteBeforeReplace: false });
});

describe("create", () => {
  test("makes it so, with an id of host, path and identity, and records inputs and facts", async () => {
    expect(await life.create({ ...inputs, ...stub })).toEqual({
      id: "judge-1:/srv/jail:a:left",
      outs: { ...inputs, digest: "made" },
    });
    expect(kind.asked).toEqual([["ensure", 1, undefined]]);
  });

  test("refuses what is not known even now, and has asked nothing of the host", async () => {
    await expect(life.create({ ...inputs, size: "many" })).rejects.toThrow("Fake: size: must be a number");
    expect(kind.asked).toEqual([]);
  });
});

describe("update", () => {
  const update = (olds: object, news: object) =>
    life.update("id", { ...state, ...olds }, { ...inputs, ...stub, ...news });

  test("makes it so, knowing what was before", async () => {
    expect(await update({}, { size: 2 })).toEqual({ outs: { ...inputs, size: 2, digest: "made" } });
    expect(kind.asked).toEqual([["ensure", 2, { size: 1, digest: "old" }]]);
  });

  test("of the connection alone looks whether it is the same machine, and touches nothing", async () => {
    const connection = { host: "192.0.2.2", user: "other" };
    expect(await update({}, { connection })).toEqual({ outs: { ...inputs, connection, digest: "old" } });
    expect(kind.asked).toEqual([["relocate", "192.0.2.2", { digest: "old" }]]);
  });

  test("of the connection to another machine fails, and so changes no state", async () => {
    kind.elsewhere = new Error("another machine");
    await expect(update({}, { connection: { host: "192.0.2.3" } })).rejects.toThrow("another machine");
  });

  test.each([
    ["time limits", { timeouts: { step: 9 } }],
    ["what the kind calls quiet", { pace: "fast" }],
  ])("of %s alone asks nothing of the host, and keeps the facts", async (_name, change) => {
    expect(await update({}, change)).toEqual({ outs: { ...inputs, ...change, digest: "old" } });
    expect(kind.asked).toEqual([]);
  });

  test("of the connection and something else looks whether it is the same machine, and makes it so", async () => {
    await update({}, { connection: { host: "192.0.2.2" }, size: 2 });
    expect(kind.asked).toEqual([
      ["relocate", "192.0.2.2", { digest: "old" }],
      ["ensure", 2, { size: 1, digest: "old" }],
    ]);
    kind.elsewhere = new Error("another machine");
    await expect(update({}, { connection: { host: "192.0.2.3" }, size: 2 })).rejects.toThrow("another machine");
    await expect(update({ drift: { a: "is missing" } }, { connection: { host: "192.0.2.3" } })).rejects.toThrow(
      "another machine",
    );
    expect(kind.asked.filter(([what]) => what === "ensure")).toHaveLength(1);
  });

  test("records the revision that check gave it", async () => {
    expect((await update({}, { size: 2, revision: "4 a left" })).outs).toMatchObject({ revision: "4 a left" });
    expect((await update({}, { pace: "fast", revision: "3 a left" })).outs).toMatchObject({ revision: "3 a left" });
    expect((await life.create({ ...inputs, revision: "1 a left" })).outs).toMatchObject({ revision: "1 a left" });
  });

  test("where a refresh recorded drift makes it so, and the drift is gone from the state", async () => {
    expect(await update({ drift: { a: "is missing" } }, {})).toEqual({ outs: { ...inputs, digest: "made" } });
    expect(kind.asked).toEqual([["ensure", 1, { size: 1, digest: "old" }]]);
  });

  test("takes the facts that it was told, and no others from before", async () => {
    kind.made = { digest: "made", version: "3.13.5" };
    expect((await update({ version: "3.11.2" }, { size: 2 })).outs).toEqual({
      ...inputs,
      size: 2,
      digest: "made",
      version: "3.13.5",
    });
  });
});

describe("an update that fails", () => {
  const update = (olds: object, news: object) =>
    life.update("id", { ...state, ...olds }, { ...inputs, ...stub, ...news });
  const mark = { "the last change": "failed" };

  test("on the way is recorded as it was declared, with what was known before, so that the way back is a change too", async () => {
    const error = hostError("judge-1", "copy");
    kind.failure = { error, reached: true };
    const failed = (await update(
      { drift: { a: "is missing" }, timeouts: { step: 5 } },
      { size: 2, pace: "fast", __provider: "a newer stub" },
    ).catch((thrown: unknown) => thrown)) as { properties: Record<string, unknown> };
    expect(failed).toMatchObject({ id: "id", message: error.message, reasons: [error.message] });
    expect(failed.properties).toEqual({
      ...inputs,
      size: 2,
      pace: "fast",
      digest: "old",
      __provider: "a newer stub",
      drift: { a: "is missing", ...mark },
    });
    expect(life.diff("id", failed.properties, { ...inputs, ...stub })).toMatchObject({ changes: true, replaces: [] });
    kind.failure = undefined;
    expect(await life.update("id", failed.properties, { ...inputs, ...stub })).toEqual({
      outs: { ...inputs, digest: "made" },
    });
    expect(kind.asked.at(-1)).toEqual(["ensure", 1, { size: 2, digest: "old" }]);
  });

  test("before anything ran on the host changes no state", async () => {
    const error = hostError("judge-1");
    kind.failure = { error, reached: false };
    await expect(update({}, { size: 2 })).rejects.toBe(error);
  });

  test("is not forgotten by a refresh that finds all as declared: the facts are from before", async () => {
    const seen = await life.read("id", { ...state, drift: { a: "is missing", ...mark } });
    expect(seen).toEqual({
      id: "id",
      props: { ...inputs, digest: "seen", ...revision, drift: mark },
      inputs: { ...inputs, ...revision, drift: mark },
    });
  });
});

test("what another release recorded and this one would refuse is looked at, updated and removed all the same", async () => {
  const older = { ...state, name: "B-1", corner: undefined };
  expect(await life.read("id", older)).toMatchObject({ props: { name: "B-1", corner: "left", digest: "seen" } });
  expect(await life.update("id", older, { ...inputs, ...stub })).toEqual({ outs: { ...inputs, digest: "made" } });
  await life.delete("id", older);
  expect(kind.asked.at(-1)).toEqual(["remove", "B-1", { digest: "old" }]);
  // What is declared now must be right.
  await expect(life.update("id", state, { ...inputs, ...stub, name: "B-1" })).rejects.toThrow(
    "name: must be small letters",
  );
});

describe("read", () => {
  let warn: jest.SpiedFunction<typeof console.warn>;
  beforeEach(() => {
    warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
  });
  afterEach(() => warn.mockRestore());

  test("of what is right returns inputs and facts as they are, without drift", async () => {
    const result = await life.read("id", state);
    expect(result).toEqual({
      id: "id",
      props: { ...inputs, digest: "seen", ...revision },
      inputs: { ...inputs, ...revision },
    });
    expect(kind.asked).toEqual([["observe", "/srv/jail", 1, { digest: "old" }]]);
  });

  test("of what differs shows it in the inputs too, where the engine can show it", async () => {
    const drift = { "dev/null": "mode is 0655, should be 0666" };
    kind.seen = { drift, facts: { digest: "seen" } };
    expect(await life.read("id", state)).toEqual({
      id: "id",
      props: { ...inputs, digest: "seen", ...revision, drift },
      inputs: { ...inputs, ...revision, drift },
    });
  });

  test("of what is right again takes the recorded drift away", async () => {
    const result = await life.read("id", { ...state, drift: { a: "is missing" } });
    expect([result.props, result.inputs].map((part) => "drift" in part!)).toEqual([false, false]);
    expect(kind.asked).toEqual([["observe", "/srv/jail", 1, { digest: "old" }]]);
  });

  test("of what is gone has a blank id", async () => {
    kind.seen = undefined;
    expect(await life.read("id", state)).toEqual({ id: "", props: {} });
  });

  test("of a host that cannot be asked keeps the last known state, with its drift, and warns", async () => {
    kind.seen = hostError("read-1");
    const drift = { a: "is missing" };
    expect(await life.read("id", state)).toEqual({ id: "id", props: state, inputs: { ...inputs, ...revision } });
    expect(await life.read("id", { ...state, drift })).toEqual({
      id: "id",
      props: { ...state, drift },
      inputs: { ...inputs, ...revision, drift },
    });
    expect(warn.mock.calls).toEqual([["warning: read-1: look: it does not answer\n  its last known state is kept"]]);
  });

  test("warns once a host and cause, not once a resource", async () => {
    for (const error of [
      hostError("read-2"),
      hostError("read-2"),
      hostError("read-2", "no-sudo"),
      hostError("read-3"),
    ]) {
      kind.seen = error;
      await life.read("id", state);
    }
    expect(warn.mock.calls.map(([text]) => String(text).split(":")[1])).toEqual([" read-2", " read-2", " read-3"]);
  });

  test("of a jail of which the host has no records tells of drift, so that the same up makes them anew", async () => {
    kind.seen = hostError("read-4", "unrecorded");
    const drift = { records: "are missing on the host" };
    expect(await life.read("id", state)).toEqual({
      id: "id",
      props: { ...state, drift, __provider: undefined },
      inputs: { ...inputs, ...revision, drift },
    });
    expect(warn).not.toHaveBeenCalled();
  });

  test("throws what is a fault of ours", async () => {
    kind.seen = new Error("the two sides disagree");
    await expect(life.read("id", state)).rejects.toThrow("the two sides disagree");
  });
});

describe("the engine takes all that it is given", () => {
  // Where the SDK's own conversion meets an undefined, however deep, the engine's call ends with "Unexpected struct type".
  const { Struct } = createRequire(__filename)("google-protobuf/google/protobuf/struct_pb.js") as {
    Struct: { fromJavaScript(value: object): unknown };
  };
  const whole = {
    architecture: "x86_64",
    distribution: "Debian",
    distributionId: "debian",
    distributionVersion: "12",
    libc: "glibc 2.36",
    cores: 2,
    memoryMb: 4000,
    sudo: false,
  };
  const cases: [string, object][] = [
    ...Object.keys(whole).map((fact): [string, object] => [`${fact} is not told`, { ...whole, [fact]: undefined }]),
    ["nothing is told", Object.fromEntries(Object.keys(whole).map((fact) => [fact, undefined]))],
    ["something deep is not told", { list: [{ a: undefined }], in: { in: undefined } }],
  ];

  test.each(cases)("where %s", async (_name, host) => {
    expect(() => Struct.fromJavaScript({ host })).toThrow("Unexpected struct type");
    const facts = { digest: "new", version: undefined, host };
    kind.made = facts;
    kind.seen = { drift: {}, facts };
    const created = await life.create({ ...inputs, ...stub });
    const updated = await life.update("id", state, { ...inputs, ...stub, size: 2 });
    const read = await life.read("id", state);
    const given: unknown[] = [created.outs, updated.outs, read.props, read.inputs];
    given.push(
      (await life.update("id", { ...state, ...facts }, { ...inputs, ...stub, pace: "fast" })).outs,
      (await life.read("id", { ...state, ...facts })).props,
    );
    kind.seen = hostError("deep-1");
    jest.spyOn(console, "warn").mockImplementation(() => undefined);
    given.push((await life.read("id", { ...state, ...facts })).props);
    kind.failure = { error: hostError("judge-1"), reached: true };
    const unfinished = await life
      .update("id", { ...state, ...facts }, { ...inputs, ...stub, size: 2 })
      .catch((error: unknown) => error);
    given.push((unfinished as { properties: object }).properties);
    expect(given).toHaveLength(8);
    for (const one of given) expect(() => Struct.fromJavaScript(one as object)).not.toThrow();
    expect(given[0]).toEqual({ ...inputs, digest: "new", host });
    jest.restoreAllMocks();
  });
});

describe("delete", () => {
  let warn: jest.SpiedFunction<typeof console.warn>;
  beforeEach(() => {
    warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
  });
  afterEach(() => {
    warn.mockRestore();
  });
  const forget = (): void => provider.configure({ get: (key) => (key === unreachableKey ? "forget" : undefined) });

  test("takes it away by what was recorded", async () => {
    await life.delete("id", { ...state, drift: { a: "is missing" } });
    expect(kind.asked).toEqual([["remove", "a", { digest: "old" }]]);
  });

  test("of what is on a host that may be gone fails, and names the way out", async () => {
    kind.left = goneError("gone-1");
    await expect(life.delete("id", state)).rejects.toThrow(
      "gone-1: look: it does not answer\n  what to do: check it; if it is gone for good, run `pulumi config set python3jail:unreachable forget`, then `pulumi up`, before a `destroy` too",
    );
    expect(warn).not.toHaveBeenCalled();
  });

  test("of what is on a host that may be gone is done where the stack's config says so, with one warning a host", async () => {
    forget();
    for (const host of ["gone-2", "gone-2", "gone-3"]) {
      kind.left = goneError(host);
      await life.delete("id", state);
    }
    expect(warn.mock.calls.map(([text]) => String(text).split("\n"))).toEqual(
      ["gone-2", "gone-3"].map((host) => [
        `warning: ${host}: look: it does not answer`,
        "  what to do: check it",
        "  it is forgotten, as python3jail:unreachable says; what is on it stays there",
      ]),
    );
  });

  test.each([
    "refused-login",
    "changed-host-key",
    "unknown-host-key",
    "bad-configuration",
    "no-sudo",
    "connection-lost",
    "timeout",
    "locked",
  ])("fails all the same for %s, and names no way out", async (code) => {
    forget();
    kind.left = new HostError({ ...goneError("judge-1").failure, code });
    await expect(life.delete("id", state)).rejects.toBe(kind.left);
  });

  test("of what nobody knows to be ours is done, with a warning: the host has no records of the jail", async () => {
    kind.left = hostError("unrecorded-1", "unrecorded");
    await life.delete("id", state);
    await life.delete("id", state);
    expect(warn.mock.calls).toEqual([
      [
        "warning: unrecorded-1: look: it does not answer\n  what was made there goes with the whole jail, by JailRoot's delete",
      ],
    ]);
  });

  test("fails all the same where only the way to the host is broken", async () => {
    forget();
    kind.left = hostError("judge-1");
    await expect(life.delete("id", state)).rejects.toBe(kind.left);
  });

  test("takes no other word from the stack's config, and none is to fail", async () => {
    expect(() => provider.configure({ get: (key) => (key === unreachableKey ? "ignore" : undefined) })).toThrow(
      "python3jail:unreachable: must be fail or forget",
    );
    forget();
    provider.configure({ get: () => undefined });
    kind.left = goneError("gone-4");
    await expect(life.delete("id", state)).rejects.toThrow("gone for good");
  });
});
