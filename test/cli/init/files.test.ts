import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { filesOf, type NewProject } from "../../../src/cli/init/files.js";

const project: NewProject = {
  stacksFolder: "stacks",
  stacks: [
    {
      stack: "dev",
      host: "judge-1",
      connection: { host: "192.0.2.10", user: "deploy", sudo: true, dialErrorLimit: 1 },
      installs: true,
    },
  ],
  path: "/srv/python3jail",
  version: "3.13.5",
  whole: undefined,
  hasPackageFile: false,
};

test("a stack's file has the answers, with comments that explain them", () => {
  expect(filesOf(project)).toEqual([
    {
      path: "stacks/Pulumi.dev.yaml",
      text: `# The stack dev, as \`python3jail init\` wrote it: what is said here counts, and init never changes it.
config:
  python3jail:path: /srv/python3jail
  python3jail:python:
    version: 3.13.5
    # The host lacks a compiler or headers: \`up\` installs them with its own package manager.
    installBuildDependencies: true
  python3jail:hosts:
    - name: judge-1 # the host's name for good: changing it means another host
      connection: # only how to get there: changing it touches nothing in the jail
        host: 192.0.2.10
        user: deploy
        sudo: true
`,
    },
  ]);
});

test.each(["2001:db8::1", "10", "yes", "1e3", "#x", "CORP\\judge", "null"])(
  "a text that YAML would read as something else is quoted: %s",
  (value) => {
    const [stack] = project.stacks;
    const [file] = filesOf({
      ...project,
      stacks: [{ ...stack!, host: value, connection: { host: value, user: value } }],
    });
    const { config } = parse(file!.text) as { config: Record<string, unknown> };
    expect(config["python3jail:hosts"]).toEqual([{ name: value, connection: { host: value, user: value } }]);
  },
);

test("a whole project has its program and its packages, and keeps an existing package.json", () => {
  const whole = { version: "1.2.3", dependencies: { "@pulumi/pulumi": "^3.259.0" } };
  const files = filesOf({ ...project, whole });
  expect(files.map(({ path }) => path)).toEqual([
    "package.json",
    "Pulumi.yaml",
    "index.js",
    ".gitignore",
    "stacks/Pulumi.dev.yaml",
  ]);
  expect(JSON.parse(files[0]!.text)).toMatchObject({
    dependencies: { "@pulumi/pulumi": "^3.259.0", pulumi: "^3.259.0", "pulumi-python3jail": "^1.2.3" },
  });
  expect(parse(files[1]!.text)).toMatchObject({ name: "python3jail", main: "index.js", stackConfigDir: "stacks" });
  expect(filesOf({ ...project, whole, hasPackageFile: true }).map(({ path }) => path)).not.toContain("package.json");
});
