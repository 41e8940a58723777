import { expect, test } from "@jest/globals";
import { PreviewLog, type SavedPlan } from "../../src/rollout/preview.js";
import { begins, configIs, metadata, says, prints } from "./events.js";

function previewOf(events: Parameters<PreviewLog["observe"]>[0][], plan: SavedPlan = {}) {
  const log = new PreviewLog();
  events.forEach((event) => log.observe(event));
  return { ...log.preview(plan), errors: log.errors };
}

test("a resource that changes is listed with its host and its component; one that stays counts only for its host", () => {
  const component = metadata("same", "PythonJail", "a", { component: true });
  const { changes, hosts, there } = previewOf([
    begins(component),
    begins(metadata("update", "JailRoot", "a")),
    begins(metadata("same", "JailRoot", "b")),
    begins(metadata("create", "JailRoot", "c")),
  ]);
  expect(changes.map(({ op, host, parent }) => [op, host, parent === component.urn])).toEqual([
    ["update", "a", true],
    ["create", "c", false],
  ]);
  expect([[...hosts].sort(), [...there].sort()]).toEqual([
    ["a", "b", "c"],
    ["a", "b"],
  ]);
});

test("a host whose resources are all deleted is not declared any more", () => {
  const { hosts, there, changes } = previewOf([begins(metadata("delete", "JailRoot", "a"))]);
  expect([[...hosts], [...there], changes[0]?.op]).toEqual([[], ["a"], "delete"]);
});

test("a host that has only refreshed resources or leftovers of replacements is not declared any more", () => {
  const refreshed = (host: string) => metadata("refresh", "JailRoot", host);
  const { hosts, there, changes } = previewOf([
    begins(refreshed("a")),
    begins(refreshed("b")),
    begins(metadata("same", "JailRoot", "b")),
    begins(metadata("delete", "JailRoot", "a")),
    begins(metadata("delete-replaced", "JailRoot", "c")),
  ]);
  expect([[...hosts], [...there].sort(), changes.map(({ op, host }) => [op, host])]).toEqual([
    ["b"],
    ["a", "b", "c"],
    [
      ["delete", "a"],
      ["replace", "c"],
    ],
  ]);
  const key = metadata("refresh", "Key", "x", { type: "other:Key" });
  expect(previewOf([begins(key)]).unowned).toEqual([]);
});

test("a host that is not known yet gets its jail's name", () => {
  const unknown = (name: string) => {
    const data = metadata("create", "JailRoot", name);
    return begins({ ...data, new: { ...data.new!, inputs: { host: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } } });
  };
  const { hosts, changes } = previewOf([unknown("a"), unknown("b")]);
  expect([[...hosts], changes.map(({ host }) => host)]).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("resources of no host are kept apart, changing or not, except deleted ones and components", () => {
  const key = (op: "same" | "update" | "delete", name: string) => metadata(op, "Key", name, { type: "other:Key" });
  const { unowned, hosts } = previewOf([
    begins(key("same", "a")),
    begins(key("update", "b")),
    begins(key("delete", "c")),
    begins(metadata("same", "PythonJail", "d", { component: true })),
  ]);
  expect([unowned, [...hosts]]).toEqual([[key("same", "a").urn, key("update", "b").urn], []]);
});

test("messages that are no errors are kept once each, except those that follow a signal", () => {
  const { notes } = previewOf([
    says("warning", "judge-1: read the jail: it does not answer"),
    says("info", "a jail is adopted"),
    says("info", "a jail is adopted"),
    says("error", "the program is wrong"),
    prints("^C received; cancelling. Note that terminating immediately may lead to orphaned resources."),
  ]);
  expect(notes).toEqual(["judge-1: read the jail: it does not answer", "a jail is adopted"]);
});

test("a replacement is one change, and so is a leftover of an earlier one", () => {
  const ops = (...names: ("create-replacement" | "replace" | "delete-replaced" | "update" | "delete")[]) =>
    previewOf(names.map((op) => begins(metadata(op, "JailRoot", "a")))).changes.map(({ op }) => op);
  expect(ops("create-replacement", "replace", "delete-replaced")).toEqual(["replace"]);
  expect(ops("update", "delete")).toEqual(["update"]);
});

test("a resource's needs come from the saved plan: its dependencies and its provider", () => {
  const root = metadata("update", "JailRoot", "a");
  const { changes } = previewOf([begins(root)], {
    resourcePlans: { [root.urn]: { goal: { dependencies: ["urn:x"], provider: "urn:p::default::0123" } } },
  });
  expect(changes[0]?.needs).toEqual(["urn:x", "urn:p::default"]);
});

test("a preview has the hosts' versions of Python, the config, and errors without the engine's marks", () => {
  const { installed, config, errors } = previewOf([
    configIs({ "p:rollout": "{}" }),
    begins(metadata("update", "PythonBuild", "a", { outputs: { pythonVersion: "3.11.2" } })),
    begins(metadata("create", "PythonBuild", "b", { outputs: { pythonVersion: "3.13.5" } })),
    says("error", "<{%reset%}>the config is wrong<{%reset%}>\n"),
    says(
      "error",
      "<{%reset%}>1 error occurred:\n\t* judge-1: lay out the jail: it fails\n  what to do: see\n\n<{%reset%}>\n",
    ),
  ]);
  expect([[...installed].filter(([, { python }]) => python), config, errors]).toEqual([
    [["a", { python: "3.11.2" }]],
    { "p:rollout": "{}" },
    ["the config is wrong", "judge-1: lay out the jail: it fails\n  what to do: see"],
  ]);
});
