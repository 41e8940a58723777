import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stateOf, type StackState } from "../../src/status/state.js";
import { repositoryRoot } from "../hosts/repository.js";

/** What `pulumi stack export` prints, as a test changes it. */
export interface Exported {
  deployment: {
    manifest: { time: string };
    resources: ExportedResource[];
    pending_operations?: { resource: ExportedResource; type: string }[];
  };
}

export interface ExportedResource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  created?: string;
  modified?: string;
  delete?: boolean;
  initErrors?: string[];
}

/**
 * A stack's export after an `up` and a `refresh`, recorded and made smaller: judge-1 is whole, through safeexec; somebody changed two things on
 * judge-2 (3.11.2, through chroot); judge-3 has a nodev mount and judge-4 was down, so nothing was made there.
 */
export function recorded(): Exported {
  return JSON.parse(
    readFileSync(join(repositoryRoot, "test/status/fixtures/after-a-failed-up.json"), "utf8"),
  ) as Exported;
}

/** The same with changes to some resources, each named as in "JailCheck judge-1". */
export function recordedState(changes: Record<string, (one: ExportedResource) => void> = {}): StackState {
  const exported = recorded();
  for (const [title, change] of Object.entries(changes)) change(resourceOf(exported, title));
  return stateOf(exported);
}

export function resourceOf(exported: Exported, title: string): ExportedResource {
  const [kind, name] = title.split(" ");
  return exported.deployment.resources.find(({ urn }) => urn.endsWith(`:${kind}::${name}`))!;
}
