import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { HostError } from "../../src/base/errors.js";
import type { FailureCode } from "../../src/base/failure-codes.js";
import type { Kind, Reading } from "../../src/provider/kind.js";
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

/** A kind that records the lifecycle's calls, and returns or throws what a test sets. */
class FakeKind implements Kind<Inputs, Facts> {
  readonly type = "Fake";
  readonly schema = schema;
  readonly steps = {};
  readonly settings = { key: "fake", example: "{}", schema, description: "" };
  readonly identity = ["name", "corner"] as const;
  readonly deleteFirst = ["corner"] as const;
  readonly quiet = ["pace"] as const;
  readonly calls: unknown[][] = [];
  /** The result of `read`. */
  found: Reading<Facts> | undefined | Error = { drift: {}, facts: { digest: "found" } };
  /** The result of `apply`. */
  made: Facts = { digest: "made" };
  relocateFails: Error | undefined;
  removeFails: Error | undefined;
  /** The error of `apply`, before or after it has reached the host. */
  ensureFails: { readonly error: Error; readonly reached: boolean } | undefined;

  announceCreate?: (inputs: Inputs) => string;
  earlier?: Partial<Inputs>;

  read(jail: Target, inputs: Inputs, facts: Facts): Promise<Reading<Facts> | undefined> {
    this.calls.push(["read", jail.path, inputs.size, facts]);
    return this.found instanceof Error ? Promise.reject(this.found) : Promise.resolve(this.found);
  }
  apply(jail: Target, inputs: Inputs, before: (Inputs & Facts) | undefined): Promise<Facts> {
    this.calls.push(["apply", inputs.size, before && { size: before.size, digest: before.digest }]);
    if (this.ensureFails) {
      jail.reached = this.ensureFails.reached;
      return Promise.reject(this.ensureFails.error);
    }
    return Promise.resolve(this.made);
  }
  remove(_jail: Target, inputs: Inputs, facts: Facts): Promise<void> {
    this.calls.push(["remove", inputs.name, facts]);
    return this.removeFails ? Promise.reject(this.removeFails) : Promise.resolve();
  }
  relocate(_jail: Target, inputs: Inputs, facts: Facts): Promise<void> {
    this.calls.push(["relocate", inputs.connection.host, facts]);
    return this.relocateFails ? Promise.reject(this.relocateFails) : Promise.resolve();
  }
}

const stub = { __provider: "the stub" };
const given = { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail", name: "a" };
const inputs = { ...given, size: 1, pace: "slow", corner: "left" };
const revision = { revision: "3 a left" };
/** The recorded inputs and facts, which the engine passes to diff, update, read and delete. */
const state = { ...inputs, digest: "old", ...revision, ...stub };
const hostError = (host: string, code: FailureCode = "unreachable") =>
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

describe("inputs that an earlier release did not know", () => {
  const { pace: _, ...older } = state;
  beforeEach(() => void (kind.earlier = { size: 7, pace: "none" }));

  test("are no drift: the host is compared with what that release did, and the state stays as it is", async () => {
    const { size: __, ...oldest } = older;
    const read = await life.read("id", oldest);
    expect(kind.calls).toEqual([["read", "/srv/jail", 7, { digest: "old" }]]);
    for (const recorded of [read.inputs, read.props])
      expect(Object.keys(recorded as object).filter((name) => ["size", "pace"].includes(name))).toEqual([]);
  });

  test("come with an update, as the release of now has them", () => {
    const news = life.check(older, given).inputs as Record<string, unknown>;
    expect(news).toMatchObject({ pace: "slow", size: 1 });
    expect(life.diff("id", older, { ...news, ...stub })).toMatchObject({ changes: true });
  });
});

describe("check", () => {
  test("fills in defaults, and ignores the engine's `__provider`", () => {
    expect(life.check({}, { ...given, ...stub })).toEqual({ inputs: { ...inputs, revision: "1 a left" } });
  });

  test("gives a reason for every wrong property, without a property name, so that the engine prints no value", () => {
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

  describe("of files on the control machine that a connection names", () => {
    const reasonsFor = (connection: object): string[] | undefined =>
      life
        .check({}, { ...given, connection: { host: "192.0.2.1", ...connection } })
        .failures?.map(({ reason }) => reason);
    const nowhere = "/nonexistent/id_ed25519";
    const here = __filename;

    test("names missing files", () => {
      expect(reasonsFor({ identityFile: nowhere, sshConfigFile: "/nonexistent/config" })).toEqual([
        `connection.identityFile: there is no file ${nowhere} on this machine, from which the hosts are reached`,
        "connection.sshConfigFile: there is no file /nonexistent/config on this machine, from which the hosts are reached",
      ]);
      expect(reasonsFor({ identityFile: "~/nonexistent-5b1c/id" })).toHaveLength(1);
    });

    test("accepts existing files, and names with OpenSSH's placeholders", () => {
      for (const identityFile of [here, "~/.ssh/%h", "${HOME}/id", "~deploy/.ssh/id", unknownValue])
        expect([identityFile, reasonsFor({ identityFile })]).toEqual([identityFile, undefined]);
      expect(reasonsFor({ sshConfigFile: "none" })).toBeUndefined();
    });

    test("accepts a key of which only the public half exists, as an agent may hold the private one", () => {
      const folder = mkdtempSync(join(tmpdir(), "key-"));
      try {
        writeFileSync(join(folder, "id.pub"), "");
        expect(reasonsFor({ identityFile: join(folder, "id") })).toBeUndefined();
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    test("prefers the stack's credentials to the connection", () => {
      provider.session.credentials = { "judge-1": { identityFile: here } };
      expect(reasonsFor({ identityFile: nowhere })).toBeUndefined();
      provider.session.credentials = { "judge-1": { identityFile: nowhere } };
      expect(reasonsFor({ identityFile: here })).toHaveLength(1);
    });
  });

  test("accepts unknown values", () => {
    expect(life.check({}, { ...given, size: unknownValue, connection: { host: unknownValue } })).toEqual({
      inputs: { ...inputs, size: unknownValue, connection: { host: unknownValue }, revision: "1 a left" },
    });
  });

  const revisions: [string, object, object, string][] = [
    ["stays the same without a change", {}, {}, "3 a left"],
    [
      "stays the same after a change that does not touch the host",
      {},
      { pace: "fast", connection: { host: "192.0.2.2" }, timeouts: { step: 5 } },
      "3 a left",
    ],
    ["counts up after a change", {}, { size: 2 }, "4 a left"],
    ["counts up after a refresh that found drift", { drift: { a: "is missing" } }, {}, "4 a left"],
    ["contains the identity, so that a replacement has another one", {}, { name: "b" }, "4 b left"],
    ["is the first one if an older release recorded none", { revision: undefined }, {}, "1 a left"],
  ];
  test.each(revisions)("the revision %s", (_name, olds, news, expected) => {
    expect(life.check({ ...inputs, ...revision, ...olds }, { ...given, ...stub, ...news }).inputs).toMatchObject({
      revision: expected,
    });
  });

  test("changes the revision whenever diff announces an update that touches the host", () => {
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

test("a kind's announcement of new resources is printed once, not for each resource", () => {
  const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
  kind.announceCreate = ({ name }) => `what is called ${name} is adopted`;
  for (const olds of [{}, {}, inputs]) life.check(olds, { ...given, ...stub });
  life.check({}, { ...given, name: "b", ...stub });
  expect(log.mock.calls).toEqual([["what is called a is adopted"], ["what is called b is adopted"]]);
  log.mockRestore();
});

describe("diff", () => {
  const cases: [string, object, object, { changes: boolean; replaces: string[] }][] = [
    ["no change in equal inputs", {}, {}, { changes: false, replaces: [] }],
    ["no change in facts", { digest: "other", version: "3" }, {}, { changes: false, replaces: [] }],
    ["no change in another `__provider`", {}, { __provider: "a newer stub" }, { changes: false, replaces: [] }],
    [
      "no change in another order of members",
      { connection: { host: "h", port: 1 } },
      { connection: { port: 1, host: "h" } },
      { changes: false, replaces: [] },
    ],
    [
      "no change in an undefined member",
      {},
      { connection: { host: "192.0.2.1", port: undefined } },
      { changes: false, replaces: [] },
    ],
    ["a change in place", {}, { size: 2 }, { changes: true, replaces: [] }],
    ["a removed input", { timeouts: { step: 5 } }, {}, { changes: true, replaces: [] }],
    [
      "another connection as a change in place",
      {},
      { connection: { host: "192.0.2.2" } },
      { changes: true, replaces: [] },
    ],
    ["another host as a replacement", {}, { host: "judge-2" }, { changes: true, replaces: ["host"] }],
    ["another path as a replacement", {}, { path: "/srv/other" }, { changes: true, replaces: ["path"] }],
    ["another identity as a replacement", {}, { name: "b", size: 2 }, { changes: true, replaces: ["name"] }],
    ["an unknown identity as a change in place", {}, { name: unknownValue }, { changes: true, replaces: [] }],
    [
      "a change in a state without a revision, of an older release",
      { revision: undefined },
      {},
      { changes: true, replaces: [] },
    ],
    ["a change in drift that a refresh recorded", { drift: { a: "is missing" } }, {}, { changes: true, replaces: [] }],
  ];
  test.each(cases)("sees %s", (_name, olds, news, expected) => {
    expect(life.diff("id", { ...state, ...olds }, { ...inputs, ...stub, ...news })).toEqual({
      ...expected,
      deleteBeforeReplace: false,
    });
  });
});

test("diff deletes before it replaces if only inputs in `deleteFirst` of the identity change", () => {
  const diff = (news: object) => life.diff("id", state, { ...inputs, ...stub, ...news });
  expect(diff({ corner: "right" })).toEqual({ changes: true, replaces: ["corner"], deleteBeforeReplace: true });
  expect(diff({ corner: "right", path: "/srv/other" })).toMatchObject({ deleteBeforeReplace: false });
});

describe("create", () => {
  test("applies the inputs, returns an id of host, path and identity, and records inputs and facts", async () => {
    expect(await life.create({ ...inputs, ...stub })).toEqual({
      id: "judge-1:/srv/jail:a:left",
      outs: { ...inputs, digest: "made" },
    });
    expect(kind.calls).toEqual([["apply", 1, undefined]]);
  });

  test("refuses invalid inputs without asking the host", async () => {
    await expect(life.create({ ...inputs, size: "many" })).rejects.toThrow("Fake: size: must be a number");
    expect(kind.calls).toEqual([]);
  });
});

describe("update", () => {
  const update = (olds: object, news: object) =>
    life.update("id", { ...state, ...olds }, { ...inputs, ...stub, ...news });

  test("applies the new inputs, and passes the old ones and the facts", async () => {
    expect(await update({}, { size: 2 })).toEqual({ outs: { ...inputs, size: 2, digest: "made" } });
    expect(kind.calls).toEqual([["apply", 2, { size: 1, digest: "old" }]]);
  });

  test("of the connection alone verifies that it is the same machine, and changes nothing", async () => {
    const connection = { host: "192.0.2.2", user: "other" };
    expect(await update({}, { connection })).toEqual({ outs: { ...inputs, connection, digest: "old" } });
    expect(kind.calls).toEqual([["relocate", "192.0.2.2", { digest: "old" }]]);
  });

  test("of the connection to another machine fails", async () => {
    kind.relocateFails = new Error("another machine");
    await expect(update({}, { connection: { host: "192.0.2.3" } })).rejects.toThrow("another machine");
  });

  test.each([
    ["time limits", { timeouts: { step: 9 } }],
    ["an input in `quiet`", { pace: "fast" }],
  ])("of %s alone asks nothing of the host, and keeps the facts", async (_name, change) => {
    expect(await update({}, change)).toEqual({ outs: { ...inputs, ...change, digest: "old" } });
    expect(kind.calls).toEqual([]);
  });

  test("of the connection and another input verifies that it is the same machine before it applies", async () => {
    await update({}, { connection: { host: "192.0.2.2" }, size: 2 });
    expect(kind.calls).toEqual([
      ["relocate", "192.0.2.2", { digest: "old" }],
      ["apply", 2, { size: 1, digest: "old" }],
    ]);
    kind.relocateFails = new Error("another machine");
    await expect(update({}, { connection: { host: "192.0.2.3" }, size: 2 })).rejects.toThrow("another machine");
    await expect(update({ drift: { a: "is missing" } }, { connection: { host: "192.0.2.3" } })).rejects.toThrow(
      "another machine",
    );
    expect(kind.calls.filter(([what]) => what === "apply")).toHaveLength(1);
  });

  test("records the revision that check gave it", async () => {
    expect((await update({}, { size: 2, revision: "4 a left" })).outs).toMatchObject({ revision: "4 a left" });
    expect((await update({}, { pace: "fast", revision: "3 a left" })).outs).toMatchObject({ revision: "3 a left" });
    expect((await life.create({ ...inputs, revision: "1 a left" })).outs).toMatchObject({ revision: "1 a left" });
  });

  test("after a refresh with drift applies the inputs, and removes the drift from the state", async () => {
    expect(await update({ drift: { a: "is missing" } }, {})).toEqual({ outs: { ...inputs, digest: "made" } });
    expect(kind.calls).toEqual([["apply", 1, { size: 1, digest: "old" }]]);
  });

  test("records the new facts, and none of the old ones", async () => {
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

  test("after it reached the host is recorded with the new inputs and the old facts, so that a revert is a change", async () => {
    const error = hostError("judge-1", "copy");
    kind.ensureFails = { error, reached: true };
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
    kind.ensureFails = undefined;
    expect(await life.update("id", failed.properties, { ...inputs, ...stub })).toEqual({
      outs: { ...inputs, digest: "made" },
    });
    expect(kind.calls.at(-1)).toEqual(["apply", 1, { size: 2, digest: "old" }]);
  });

  test("before it reached the host changes no state", async () => {
    const error = hostError("judge-1");
    kind.ensureFails = { error, reached: false };
    await expect(update({}, { size: 2 })).rejects.toBe(error);
  });

  test("stays marked after a refresh without drift, as the facts are older", async () => {
    const result = await life.read("id", { ...state, drift: { a: "is missing", ...mark } });
    expect(result).toEqual({
      id: "id",
      props: { ...inputs, digest: "found", ...revision, drift: mark },
      inputs: { ...inputs, ...revision, drift: mark },
    });
  });
});

test("a state with inputs that this release would refuse can be read, updated and deleted", async () => {
  const older = { ...state, name: "B-1", corner: undefined };
  expect(await life.read("id", older)).toMatchObject({ props: { name: "B-1", corner: "left", digest: "found" } });
  expect(await life.update("id", older, { ...inputs, ...stub })).toEqual({ outs: { ...inputs, digest: "made" } });
  await life.delete("id", older);
  expect(kind.calls.at(-1)).toEqual(["remove", "B-1", { digest: "old" }]);
  // New inputs must be valid.
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

  test("of a resource that is as declared returns inputs and facts without drift", async () => {
    const result = await life.read("id", state);
    expect(result).toEqual({
      id: "id",
      props: { ...inputs, digest: "found", ...revision },
      inputs: { ...inputs, ...revision },
    });
    expect(kind.calls).toEqual([["read", "/srv/jail", 1, { digest: "old" }]]);
  });

  test("of a resource that differs returns drift, in the inputs as well, where the engine shows it", async () => {
    const drift = { "dev/null": "mode is 0655, should be 0666" };
    kind.found = { drift, facts: { digest: "found" } };
    expect(await life.read("id", state)).toEqual({
      id: "id",
      props: { ...inputs, digest: "found", ...revision, drift },
      inputs: { ...inputs, ...revision, drift },
    });
  });

  test("of a resource that is as declared again removes the recorded drift", async () => {
    const result = await life.read("id", { ...state, drift: { a: "is missing" } });
    expect([result.props, result.inputs].map((part) => "drift" in part!)).toEqual([false, false]);
    expect(kind.calls).toEqual([["read", "/srv/jail", 1, { digest: "old" }]]);
  });

  test("of a resource that is gone returns a blank id", async () => {
    kind.found = undefined;
    expect(await life.read("id", state)).toEqual({ id: "", props: {} });
  });

  test("of an unreachable host keeps the last known state, with its drift, and warns", async () => {
    kind.found = hostError("read-1");
    const drift = { a: "is missing" };
    expect(await life.read("id", state)).toEqual({ id: "id", props: state, inputs: { ...inputs, ...revision } });
    expect(await life.read("id", { ...state, drift })).toEqual({
      id: "id",
      props: { ...state, drift },
      inputs: { ...inputs, ...revision, drift },
    });
    expect(warn.mock.calls).toEqual([
      ["warning: read-1: look: it does not answer [unreachable]\n  its last known state is kept"],
    ]);
  });

  test("warns once for each host and code, not for each resource", async () => {
    for (const error of [
      hostError("read-2"),
      hostError("read-2"),
      hostError("read-2", "no-sudo"),
      hostError("read-3"),
    ]) {
      kind.found = error;
      await life.read("id", state);
    }
    expect(warn.mock.calls.map(([text]) => String(text).split(":")[1])).toEqual([" read-2", " read-2", " read-3"]);
  });

  test("of a jail without records on the host returns drift, so that the same `up` makes them again", async () => {
    kind.found = hostError("read-4", "unrecorded");
    const drift = { records: "are missing on the host" };
    expect(await life.read("id", state)).toEqual({
      id: "id",
      props: { ...state, drift, __provider: undefined },
      inputs: { ...inputs, ...revision, drift },
    });
    expect(warn).not.toHaveBeenCalled();
  });

  test("throws an error that is not a host's", async () => {
    kind.found = new Error("the two sides disagree");
    await expect(life.read("id", state)).rejects.toThrow("the two sides disagree");
  });
});

describe("the lifecycle returns nothing undefined to the engine", () => {
  // The SDK's conversion of undefined, at any depth, fails the engine's call with "Unexpected struct type".
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
    ...Object.keys(whole).map((fact): [string, object] => [`${fact} is undefined`, { ...whole, [fact]: undefined }]),
    ["all facts are undefined", Object.fromEntries(Object.keys(whole).map((fact) => [fact, undefined]))],
    ["a nested value is undefined", { list: [{ a: undefined }], in: { in: undefined } }],
  ];

  test.each(cases)("if %s", async (_name, host) => {
    expect(() => Struct.fromJavaScript({ host })).toThrow("Unexpected struct type");
    const facts = { digest: "new", version: undefined, host };
    kind.made = facts;
    kind.found = { drift: {}, facts };
    const created = await life.create({ ...inputs, ...stub });
    const updated = await life.update("id", state, { ...inputs, ...stub, size: 2 });
    const read = await life.read("id", state);
    const given: unknown[] = [created.outs, updated.outs, read.props, read.inputs];
    given.push(
      (await life.update("id", { ...state, ...facts }, { ...inputs, ...stub, pace: "fast" })).outs,
      (await life.read("id", { ...state, ...facts })).props,
    );
    kind.found = hostError("deep-1");
    jest.spyOn(console, "warn").mockImplementation(() => undefined);
    given.push((await life.read("id", { ...state, ...facts })).props);
    kind.ensureFails = { error: hostError("judge-1"), reached: true };
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

  test("removes the resource by its recorded inputs and facts", async () => {
    await life.delete("id", { ...state, drift: { a: "is missing" } });
    expect(kind.calls).toEqual([["remove", "a", { digest: "old" }]]);
  });

  test("on a host that may be gone fails, and names the setting `forget`", async () => {
    kind.removeFails = goneError("gone-1");
    await expect(life.delete("id", state)).rejects.toThrow(
      "gone-1: look: it does not answer [unreachable]\n  what to do: check it; if it is gone for good, run `pulumi config set python3jail:unreachable forget`, then `pulumi up`; before `pulumi destroy` too",
    );
    expect(warn).not.toHaveBeenCalled();
  });

  test("on a host that may be gone succeeds with the setting `forget`, with one warning for each host", async () => {
    forget();
    for (const host of ["gone-2", "gone-2", "gone-3"]) {
      kind.removeFails = goneError(host);
      await life.delete("id", state);
    }
    expect(warn.mock.calls.map(([text]) => String(text).split("\n"))).toEqual(
      ["gone-2", "gone-3"].map((host) => [
        `warning: ${host}: look: it does not answer [unreachable]`,
        "  what to do: check it",
        "  it is forgotten, as python3jail:unreachable says; what is on it stays there",
      ]),
    );
  });

  test.each<FailureCode>([
    "refused-login",
    "changed-host-key",
    "unknown-host-key",
    "bad-configuration",
    "no-sudo",
    "connection-lost",
    "timeout",
    "locked",
  ])("with the setting `forget` still fails with %s, and names no setting", async (code) => {
    forget();
    kind.removeFails = new HostError({ ...goneError("judge-1").failure, code });
    await expect(life.delete("id", state)).rejects.toBe(kind.removeFails);
  });

  test("in a jail without records on the host succeeds with a warning", async () => {
    kind.removeFails = hostError("unrecorded-1", "unrecorded");
    await life.delete("id", state);
    await life.delete("id", state);
    expect(warn.mock.calls).toEqual([
      [
        "warning: unrecorded-1: look: it does not answer [unrecorded]\n  what was made there goes with the whole jail, by JailRoot's delete",
      ],
    ]);
  });

  test("with the setting `forget` still fails if only the route to the host is broken", async () => {
    forget();
    kind.removeFails = hostError("judge-1");
    await expect(life.delete("id", state)).rejects.toBe(kind.removeFails);
  });

  test("refuses any other value of the setting, and fails without it", async () => {
    expect(() => provider.configure({ get: (key) => (key === unreachableKey ? "ignore" : undefined) })).toThrow(
      "python3jail:unreachable: must be fail or forget",
    );
    forget();
    provider.configure({ get: () => undefined });
    kind.removeFails = goneError("gone-4");
    await expect(life.delete("id", state)).rejects.toThrow("gone for good");
  });
});
