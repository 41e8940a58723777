import { expect, test } from "@jest/globals";
import type { HostChanges } from "../../src/rollout/changes.js";
import { StepLog } from "../../src/rollout/step-log.js";
import { begins, ends, fails, metadata, says } from "./events.js";

const root = (host: string) => metadata("update", "JailRoot", host);
const python = (host: string) => metadata("update", "PythonBuild", host, { outputs: { pythonVersion: "3.13.5" } });
const host = (name: string, kind: HostChanges["kind"] = "update"): HostChanges => ({
  host: name,
  kind,
  changes: [root(name), python(name)].map(({ urn, type }) => ({
    urn,
    type,
    op: kind === "remove" ? "delete" : "update",
    host: name,
    needs: [],
  })),
});

function follow(hosts: HostChanges[], events: Parameters<StepLog["observe"]>[0][], interrupted = false) {
  const told: string[] = [];
  const log = new StepLog(hosts, {
    done: (outcome) => told.push(`done ${outcome.host}`),
    failing: (name, message) => told.push(`${name} fails: ${message}`),
    said: (text) => told.push(text),
  });
  events.forEach((event, index) => log.observe(event, index));
  return { told, outcomes: log.outcomes(interrupted), errors: log.errors };
}
const gone = (name: string) =>
  [metadata("delete", "JailRoot", name), metadata("delete", "PythonBuild", name)].flatMap((data) => [
    begins(data),
    ends(data),
  ]);
const all = (name: string) => [begins(root(name)), ends(root(name)), begins(python(name)), ends(python(name))];

test("a host is done when all its operations have ended", () => {
  const { told, outcomes } = follow([host("a")], all("a"));
  expect(told).toEqual(["done a"]);
  expect(outcomes).toEqual([
    { host: "a", result: "updated", seconds: 3, installed: { python: "3.13.5" }, messages: [] },
  ]);
});

test.each([
  ["create", "created"],
  ["update", "updated"],
  ["remove", "removed"],
] as const)("the result of a host to %s is %s", (kind, result) => {
  expect(follow([host("a", kind)], kind === "remove" ? gone("a") : all("a")).outcomes[0]?.result).toBe(result);
});

test("a host to remove is not removed if the engine leaves its resources", () => {
  const gone = metadata("delete", "JailRoot", "a");
  const step: HostChanges = {
    host: "a",
    kind: "remove",
    changes: [{ urn: gone.urn, type: gone.type, op: "delete", host: "a", needs: [] }],
  };
  expect(follow([step], [ends(metadata("same", "JailRoot", "a"))]).outcomes[0]?.result).toBe("failed");
  expect(follow([step], [begins(gone), ends(gone)]).outcomes[0]?.result).toBe("removed");
});

test("a host fails by its own error, and the others do not", () => {
  const { told, outcomes, errors } = follow(
    [host("a"), host("b")],
    [
      begins(root("b")),
      says("error", "error: b: it does not answer\n  what to do: look", root("b").urn),
      fails(root("b")),
      ...all("a"),
      says("error", "resource b failed to register"),
    ],
  );
  expect(told).toEqual(["b fails: b: it does not answer\n  what to do: look", "done a"]);
  expect(outcomes.map(({ host: name, result, messages }) => [name, result, messages])).toEqual([
    ["a", "updated", []],
    ["b", "failed", ["b: it does not answer\n  what to do: look"]],
  ]);
  expect(errors).toEqual([]);
});

test("an error of no host is reported beside a failed host, as it may be the cause", () => {
  const denied = says("error", "AccessDenied", "urn:pulumi:test::p::other:Key::key");
  const { errors } = follow(
    [host("a"), host("b")],
    [
      denied,
      begins(root("b")),
      says("error", "b: it does not answer", root("b").urn),
      fails(root("b")),
      says("error", "Running program failed with an unhandled exception:\nError: resource b failed to register"),
      says("error", "update failed"),
    ],
  );
  expect(errors).toEqual(["AccessDenied"]);
});

test("a host whose operations have not all ended has failed, and errors of no host are reported", () => {
  const { outcomes, errors } = follow(
    [host("a")],
    [begins(root("a")), ends(root("a")), says("error", "the program broke")],
  );
  expect([outcomes[0]?.result, errors]).toEqual(["failed", ["the program broke"]]);
});

test("after an interruption, hosts that had begun are unfinished, and the others are not reached", () => {
  const { outcomes } = follow([host("a"), host("b"), host("c")], [...all("c"), begins(root("a"))], true);
  expect(outcomes.map(({ result }) => result)).toEqual(["unfinished", "not reached", "updated"]);
});

test("messages of providers are passed on, and debug messages of the engine are not", () => {
  expect(
    follow(
      [],
      [
        says("info", "a: python: make 45"),
        {
          sequence: 0,
          timestamp: 0,
          diagnosticEvent: { severity: "debug" as "info", message: "Registering", color: "never" },
        },
      ],
    ).told,
  ).toEqual(["a: python: make 45"]);
});
