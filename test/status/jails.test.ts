import { describe, expect, test } from "@jest/globals";
import type { HostFailure } from "../../src/base/errors.js";
import { countPythons, countStates, groupProblems, isWell, type JailStatus } from "../../src/status/fleet.js";
import { fleetIn } from "../../src/status/jails.js";
import { revealed, stateOf } from "../../src/status/state.js";
import { recorded, recordedState, resourceOf, type ExportedResource } from "./recorded.js";

const jail = (host: string, changes: Record<string, (one: ExportedResource) => void> = {}): JailStatus =>
  fleetIn([recordedState(changes)]).jails.find((one) => one.host === host)!;

test("a whole jail has every value that its state records", () => {
  expect(jail("judge-1")).toEqual({
    stack: "test",
    host: "judge-1",
    path: "/srv/python3jail",
    state: "warns",
    release: undefined,
    python: {
      version: "3.13.5",
      build: "d8bbc99e727d42c0",
      digest: "277efad901c57e4e",
      missingModules: ["dbm.gnu", "dbm.ndbm"],
      log: "/var/cache/python3jail/builds/d8bbc99e727d42c0-*/log.gz",
    },
    check: {
      printed: "2",
      via: "safeexec",
      elapsedSeconds: 0,
      cpuSeconds: 0.014,
      memoryKb: 4216,
      report: "OK; elapsed time: 0 seconds; memory usage: 4216 kbytes; cpu usage: 0.014 seconds",
      command: expect.stringMatching(/^\/usr\/local\/bin\/safeexec .* --exec \/bin\/python3$/),
    },
    audit: {
      summary: "29 passed, 1 warned, 0 failed",
      via: "safeexec",
      findings: [
        {
          check: "descriptors",
          result: "warn",
          evidence: "9 is open (secret)",
          title: expect.any(String),
          remedy: expect.any(String),
          accepted: undefined,
        },
      ],
    },
    drift: {},
    packages: undefined,
    libraries: {
      count: 16,
      digest: "2fac0ab74ae83487",
      libc: "glibc 2.36",
      loader: "/lib64/ld-linux-x86-64.so.2",
      traced: [],
      stale: [],
    },
    files: { count: 1, digest: expect.stringMatching(/^26047cf1/), unmanaged: [] },
    system: { files: 615, zones: 598 },
    safeexec: {
      path: "/usr/local/bin/safeexec",
      digest: expect.stringMatching(/^df279cc9/),
      builtFrom: expect.stringMatching(/^folder f0d9/),
      firewall: undefined,
      warnings: [expect.stringMatching(/^process ids go up/)],
    },
    hostFacts: {},
    live: undefined,
    changed: "2026-11-24T22:14:29.127009504Z",
    madeInSeconds: 50,
    problems: [
      expect.objectContaining({ state: "warns", resource: "JailAudit judge-1" }),
      expect.objectContaining({ state: "warns", resource: "SafeExec judge-1" }),
    ],
    resources: expect.arrayContaining([
      {
        name: "DeviceNode judge-1-null",
        created: "2026-11-24T22:13:41.818121377Z",
        modified: "2026-11-24T22:13:41.818121377Z",
      },
    ]),
  });
});

test("drift that a refresh found is shown, and is no change of the jail", () => {
  const { state, drift, problems, changed } = jail("judge-2");
  expect([state, drift]).toEqual([
    "drifted",
    {
      "DeviceNode judge-2-null": { "dev/null": "is missing" },
      "JailPermissions judge-2": { "lib/python3.11/os.py": "is 0666 0:0, should be 0644 0:0" },
    },
  ]);
  expect(problems[0]).toEqual({
    state: "drifted",
    resource: "DeviceNode judge-2-null",
    text: "dev/null is missing",
    remedy: "`pulumi up --refresh` repairs it",
  });
  expect(changed).toBe("2026-11-24T22:14:34.181441952Z");
});

test("a jail of which no resource was created is listed, and is not well", () => {
  const unmade = jail("judge-4");
  expect(unmade).toMatchObject({ host: "judge-4", path: "/srv/python3jail", state: "unfinished", resources: [] });
  expect([unmade.python, unmade.check]).toEqual([undefined, undefined]);
  expect(unmade.problems).toEqual([
    {
      state: "unfinished",
      resource: "PythonJail judge-4",
      text: "nothing of it was made",
      remedy: expect.stringContaining("pulumi up"),
    },
  ]);
});

test("a jail with releases is one jail, whichever release its resources belong to, and shows the current release", () => {
  const exported = recorded();
  const [old, now] = ["0123456789ab", "ba9876543210"];
  const mine = exported.deployment.resources.filter(
    ({ urn, type }) => urn.endsWith("judge-1") || (urn.includes("judge-1-") && type.includes("DeviceNode")),
  );
  for (const one of mine)
    if (one.inputs?.path === "/srv/python3jail") one.inputs.path = `/srv/python3jail/releases/${now}`;
  const root = resourceOf(exported, "JailRoot judge-1");
  exported.deployment.resources.push({
    ...root,
    inputs: { ...root.inputs, path: `/srv/python3jail/releases/${old}` },
    delete: true,
  });
  exported.deployment.resources.push({
    ...root,
    urn: root.urn.replaceAll("JailRoot", "JailReleases"),
    type: root.type.replace("JailRoot", "JailReleases"),
    inputs: { ...root.inputs, path: "/srv/python3jail", release: now },
    outputs: { release: now, kept: [old, now] },
  });
  const jails = fleetIn([stateOf(exported)]).jails.filter(({ host }) => host === "judge-1");
  expect(jails.map(({ path, release, python }) => [path, release, python?.version])).toEqual([
    ["/srv/python3jail", now, "3.13.5"],
  ]);
  expect(jails[0]!.problems.map(({ text }) => text)).toContain("was replaced, and is still to be removed");
});

test("the fleet is counted by state and version of Python", () => {
  const { jails, stacks } = fleetIn([recordedState()]);
  expect(jails.map(({ host }) => host)).toEqual(["judge-1", "judge-2", "judge-3", "judge-4"]);
  expect(stacks).toEqual([{ stack: "test", time: "2026-11-24T22:15:06.079118209Z" }]);
  expect(countStates(jails)).toEqual({
    unreachable: 0,
    failed: 0,
    unfinished: 2,
    drifted: 1,
    waiting: 0,
    warns: 1,
    well: 0,
  });
  expect(countPythons([...jails, jail("judge-1")])).toEqual([
    ["3.13.5", 2],
    ["3.11.2", 1],
  ]);
  expect(groupProblems(jails)[0]).toMatchObject({
    kind: "PythonJail",
    jails: [{ host: "judge-3" }, { host: "judge-4" }],
  });
});

describe("the worst problem of a jail is found:", () => {
  const worst = (host: string, changes: Parameters<typeof jail>[1]): unknown[] => {
    const { state, problems } = jail(host, changes);
    return [state, problems[0]?.resource, problems[0]?.text];
  };
  const set = (outputs: Record<string, unknown>) => (one: ExportedResource) => Object.assign(one.outputs!, outputs);

  test.each<[string, Record<string, (one: ExportedResource) => void>, unknown[]]>([
    [
      "a check that failed when it was run again",
      { "JailCheck judge-1": set({ drift: { "print(1+1)": "printed nothing, exit code 1" } }) },
      ["failed", "JailCheck judge-1", "print(1+1): printed nothing, exit code 1"],
    ],
    [
      "an audit that would now fail",
      { "JailAudit judge-1": set({ drift: { "setuid-files": "bin/x is setuid" } }) },
      ["failed", "JailAudit judge-1", "setuid-files: bin/x is setuid"],
    ],
    [
      "a finding that its policy forbids",
      { "JailAudit judge-1": set({ failOn: ["warn"] }) },
      ["failed", "JailAudit judge-1", "descriptors: 9 is open (secret)"],
    ],
    [
      "the host's safeexec",
      { "SafeExec judge-1": set({ drift: { "/usr/local/bin/safeexec": "was altered" } }) },
      ["drifted", "SafeExec judge-1", "/usr/local/bin/safeexec was altered"],
    ],
    [
      "a resource whose create did not finish",
      {
        "JailLibraries judge-1": (one) =>
          (one.initErrors = ["judge-1: copy the libraries: the disk is full\n  what to do: make room"]),
      },
      ["failed", "JailLibraries judge-1", "copy the libraries: the disk is full"],
    ],
    [
      "a part that is missing",
      { "JailCheck judge-1": (one) => (one.type = "other:index:Other") },
      ["unfinished", "PythonJail judge-1", "was not finished: no JailCheck"],
    ],
    [
      "an audit that failed when it was created",
      {
        "PythonJail judge-1": set({
          parts: "JailRoot PythonBuild DeviceNode DeviceNode DeviceNode DeviceNode JailCheck JailAudit",
        }),
        "JailAudit judge-1": (one) => (one.type = "other:index:Other"),
      },
      ["unfinished", "PythonJail judge-1", "was not finished: no DeviceNode, JailAudit"],
    ],
    [
      "a resource that was replaced and is not deleted yet",
      { "DeviceNode judge-1-null": (one) => (one.delete = true) },
      ["unfinished", "DeviceNode judge-1-null", "was replaced, and is still to be removed"],
    ],
  ])("%s", (_, changes, expected) => expect(worst("judge-1", changes)).toEqual(expected));

  test("an accepted finding is no problem, and has its reason", () => {
    const { state, audit } = jail("judge-1", {
      "JailAudit judge-1": set({ accept: { descriptors: "the judge closes them" } }),
      "SafeExec judge-1": set({ warnings: [] }),
    });
    expect([state, audit!.findings[0]!.accepted]).toEqual(["well", "the judge closes them"]);
  });

  test("an operation whose end is unknown is a problem", () => {
    const exported = recorded();
    exported.deployment.pending_operations = [
      {
        type: "creating",
        resource: {
          ...resourceOf(exported, "PythonBuild judge-1"),
          urn: "urn:pulumi:test::p::t::judge-5",
          inputs: { host: "judge-5", path: "/srv/x" },
        },
      },
    ];
    const found = fleetIn([stateOf(exported)]).jails.find(({ host }) => host === "judge-5")!;
    expect([found.state, found.problems[0]!.text, found.problems[0]!.remedy]).toEqual([
      "unfinished",
      "nobody knows how this ended: creating",
      expect.stringContaining("--clear-pending-creates"),
    ]);
  });

  test("libraries that are older than the host's are listed as stale", () => {
    const { libraries } = jail("judge-1", {
      "JailLibraries judge-1": set({
        drift: { "lib64/libssl.so.3": "is out of date: the host's own was updated", "lib64/libc.so.6": "was altered" },
      }),
    });
    expect(libraries!.stale).toEqual(["lib64/libssl.so.3"]);
  });

  test("a problem that all resources of a jail report is shown once", () => {
    const failure: HostFailure = {
      host: "judge-1",
      step: "look",
      code: "unreachable",
      reason: "it does not answer",
      remedy: "check it",
    };
    const state = recordedState();
    const { problems } = fleetIn([
      {
        ...state,
        resources: state.resources.map((one) => (one.inputs?.["host"] === "judge-1" ? { ...one, failure } : one)),
      },
    ]).jails[0]!;
    expect(problems.filter((one) => one.state === "unreachable")).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      state: "unreachable",
      text: "it does not answer",
      remedy: "check it",
      code: "unreachable",
    });
  });
});

describe("the safeexec of a host", () => {
  const withSafeexec = (change: (exported: ReturnType<typeof recorded>, safeexec: ExportedResource) => void) => {
    const exported = recorded();
    change(exported, resourceOf(exported, "SafeExec judge-1"));
    return fleetIn([stateOf(exported)]).jails;
  };
  const first = (jails: readonly JailStatus[], host = "judge-1") => {
    const { state, problems, safeexec } = jails.find((one) => one.host === host)!;
    return [state, problems[0]?.resource, problems[0]?.text, safeexec?.path];
  };

  test("is unfinished if an older one is still to be removed", () => {
    const jails = withSafeexec(({ deployment }, one) =>
      deployment.resources.push({ ...one, delete: true, outputs: { ...one.outputs, path: "/opt/old/safeexec" } }),
    );
    expect(first(jails)).toEqual([
      "unfinished",
      "SafeExec judge-1",
      "was replaced, and is still to be removed",
      "/usr/local/bin/safeexec",
    ]);
  });

  test("is unfinished if an operation's end is unknown, and failed if its create did not finish", () => {
    expect(
      first(
        withSafeexec(({ deployment }, resource) => (deployment.pending_operations = [{ type: "updating", resource }])),
      ),
    ).toEqual(["unfinished", "SafeExec judge-1", "nobody knows how this ended: updating", "/usr/local/bin/safeexec"]);
    expect(first(withSafeexec((_, one) => (one.initErrors = ["no"])))).toEqual([
      "failed",
      "SafeExec judge-1",
      "no",
      "/usr/local/bin/safeexec",
    ]);
  });

  test("is listed for a host without a jail", () => {
    const jails = withSafeexec(({ deployment }, one) =>
      deployment.resources.push({
        ...one,
        urn: `${one.urn}0`,
        inputs: { ...one.inputs, host: "judge-10" },
        outputs: { ...one.outputs, drift: { "/usr/local/bin/safeexec": "was altered" } },
      }),
    );
    expect(first(jails, "judge-10")).toEqual([
      "drifted",
      "SafeExec judge-10",
      "/usr/local/bin/safeexec was altered",
      "/usr/local/bin/safeexec",
    ]);
  });
});

test("a jail that moves is listed at its new path, and its leftovers at the old path separately", () => {
  const exported = recorded();
  const { resources } = exported.deployment;
  const old = resourceOf(exported, "JailRoot judge-1");
  for (const one of resources)
    if (one.inputs?.host === "judge-1" && one.inputs.path === "/srv/python3jail")
      one.inputs = { ...one.inputs, path: "/srv/new" };
  Object.assign(resourceOf(exported, "JailCheck judge-1"), { type: "other:index:Other" });
  resources.push({ ...old, inputs: { ...old.inputs, path: "/srv/python3jail" }, delete: true });
  const jails = fleetIn([stateOf(exported)]).jails.filter(({ host }) => host === "judge-1");
  expect(
    jails.map(({ path, problems }) => [
      path,
      problems.map(({ text }) => text).filter((text) => /made|finished|removed/.test(text)),
    ]),
  ).toEqual([
    ["/srv/new", ["was not finished: no JailCheck"]],
    ["/srv/python3jail", ["was replaced, and is still to be removed"]],
  ]);
});

describe("data that others wrote", () => {
  test("outputs in a form that this release does not know count as unknown", () => {
    const outputs = { pythonVersion: 3, missingModules: "none", buildKey: null, digest: { deep: true } };
    expect(
      jail("judge-1", { "PythonBuild judge-1": (one) => Object.assign(one.outputs!, outputs) }).python,
    ).toMatchObject({ version: undefined, missingModules: [] });
  });
  test("a secret is neither shown nor asked for", () => {
    const secret = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: "v1:c2VjcmV0",
    };
    const status = jail("judge-1", {
      "JailCheck judge-1": (one) => Object.assign(one.outputs!, { command: secret, connection: { password: secret } }),
    });
    expect(status.check!.command).toBeUndefined();
    expect(JSON.stringify(status)).not.toMatch(/ciphertext|c2VjcmV0/);
    expect(revealed({ a: [{ ...secret, plaintext: '"word"' }] })).toEqual({ a: ["word"] });
  });
  test("control characters from a host reach no terminal", () => {
    const status = jail("judge-1", {
      "DeviceNode judge-1-null": (one) =>
        Object.assign(one.outputs!, { drift: { "dev/\u001b[2J\u202e": "is\nmissing" } }),
    });
    expect(status.problems[0]!.text).toBe("dev/? is?missing");
  });
  test("host facts are shown as the host gave them", () => {
    expect(
      jail("judge-1", {
        "JailRoot judge-1": (one) =>
          Object.assign(one.outputs!, { hostFacts: { architecture: "x86_64", cores: 4, odd: {} } }),
      }).hostFacts,
    ).toEqual({ architecture: "x86_64", cores: "4" });
  });
});

test("two jails on one host, and jails without a component, are listed separately", () => {
  const exported = recorded();
  const { resources } = exported.deployment;
  const second = resources
    .filter(({ urn }) => /:(PythonBuild|JailCheck)::judge-1$/.test(urn))
    .map((one) => ({
      ...one,
      parent: undefined,
      urn: one.urn.replace(/judge-1$/, "second"),
      inputs: { ...one.inputs, path: "/srv/second" },
    }));
  const jails = fleetIn([
    stateOf({ ...exported, deployment: { ...exported.deployment, resources: [...resources, ...second] } }),
  ]).jails.filter(({ host }) => host === "judge-1");
  expect(jails.map(({ path, safeexec }) => [path, safeexec?.path])).toEqual([
    ["/srv/python3jail", "/usr/local/bin/safeexec"],
    ["/srv/second", "/usr/local/bin/safeexec"],
  ]);
  expect(jails[1]!.problems.filter((one) => !isWell({ state: one.state }))).toEqual([]);
});

test.each([[undefined], [{}], [{ deployment: { resources: [{ urn: 1 }] } }]])("%j is no state", (exported) =>
  expect(() => stateOf(exported)).toThrow(/no stack's state/),
);
test("an empty stack has no jail", () => expect(fleetIn([stateOf({ version: 3, deployment: {} })]).jails).toEqual([]));
