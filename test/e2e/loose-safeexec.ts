import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../hosts/host.js";
import { repositoryRoot } from "../hosts/repository.js";

export type Change = readonly [from: string | RegExp, to: string];

/** What the audit finds wrong with the tests' safeexec itself: like the real one, it hands on open files. */
export const closing: Change = ["\tbecome(user);\n\texecve(", "\tbecome(user);\n\tclose_range(3, ~0U, 0);\n\texecve("];

/** Puts the tests' safeexec onto a host, with some of its source changed so that it confines less. */
export async function installSafeexec(host: Host, path: string, ...changes: Change[]): Promise<void> {
  let source = readFileSync(join(repositoryRoot, "test", "safeexec", "safeexec.c"), "utf8");
  for (const [from, to] of changes) {
    const changed = source.replace(from, to);
    if (changed === source) throw new Error(`safeexec.c has no ${from} to change`);
    source = changed;
  }
  await host.run(`gcc -O2 -w -x c - -o ${path} && chown root:root ${path} && chmod 4755 ${path}`, { input: source });
}
