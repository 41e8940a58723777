import { afterEach, expect, test } from "@jest/globals";
import { Project } from "./engine.js";

// What a preview, which asks no host, makes of hosts in all their forms.
let project: Project | undefined;
afterEach(() => project?.remove());

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly newState?: { readonly inputs?: { readonly connection?: object; readonly timeouts?: object } };
}

async function planned(): Promise<Step[]> {
  const { stdout } = await project!.pulumi(["preview", "--json", "--stack", project!.stack]);
  return (JSON.parse(stdout) as { steps: Step[] }).steps;
}

const rootOf = (steps: readonly Step[], name: string) =>
  steps.find(({ urn }) =>
    urn.endsWith(`::python3jail:index:PythonJail$pulumi-nodejs:dynamic/python3jail:JailRoot::${name}`),
  )!.newState!.inputs!;

test("a fleet from code has resources with their jail as parent, settings of all levels, and values that are not known yet", async () => {
  project = await Project.create({
    program: `
      const { JailFleet } = require("pulumi-python3jail");
      const pulumi = require("@pulumi/pulumi");
      const fleet = new JailFleet("judges", {
        python: { version: "3.13.5" },
        connection: { user: "deploy", sudo: true },
        groups: { slow: { timeouts: { step: 9 } } },
        hosts: { "judge-1": {}, "judge-2": { group: "slow", connection: pulumi.output({ host: "192.0.2.2" }) }, "judge-3": { path: "/srv/other", connection: { host: pulumi.output("192.0.2.3") } } },
      });
      exports.names = Object.keys(fleet.jails);
    `,
  });
  const steps = await planned();
  expect(rootOf(steps, "judge-1")).toMatchObject({ connection: { host: "judge-1", user: "deploy", sudo: true } });
  expect(rootOf(steps, "judge-2")).toMatchObject({
    connection: { host: "192.0.2.2", user: "deploy", sudo: true },
    timeouts: { step: 9 },
  });
  expect(rootOf(steps, "judge-3:/srv/other")).toMatchObject({ connection: { host: "192.0.2.3", user: "deploy" } });
});

test("a fleet from code reports all its errors at once", async () => {
  project = await Project.create({
    program: `
      const { JailFleet } = require("pulumi-python3jail");
      new JailFleet("judges", { python: { version: "3.13.5" }, inventory: { ansible: "/nowhere" }, hosts: [{ name: "judge-1", group: "slow" }, { name: "judge-1" }] });
    `,
  });
  const { all } = await project.preview({ expectFailure: true });
  const end = all.slice(all.indexOf("Diagnostics:"));
  expect(end).toMatch(
    /the fleet judges is wrong:\n.*inventory\.ansible: cannot be read[^\n]*\n.*hosts\[0\]\.group: there is no group "slow"[^\n]*\n.*hosts\[1\]: is the same host and path as hosts\[0\]/,
  );
  expect(end).not.toMatch(/^ +at /m);
});

test("a stack's file may have a host without settings, and a group without hosts", async () => {
  const config = {
    "python3jail:python": { version: "3.13.5" },
    "python3jail:connection": { user: "deploy" },
    "python3jail:groups": { large: { python: { optimize: true } } },
    "python3jail:hosts": { "judge-1": null, "judge-2": {} },
  };
  project = await Project.create({ program: "repository", config });
  const steps = await planned();
  for (const name of ["judge-1", "judge-2"])
    expect(rootOf(steps, name)).toMatchObject({ connection: { host: name, user: "deploy" } });
  expect((await project.preview()).all).toContain("python3jail:groups.large: no host is in it");
});
