import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The checkout's folder: shell scripts stay where they were written, while compiled code runs from build/. */
export const repositoryRoot = findRepositoryRoot(__dirname);

/** One of the shell scripts beside this file. */
export function hostScript(name: string): string {
  return join(repositoryRoot, "test", "hosts", name);
}

function findRepositoryRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) {
    return folder;
  }
  const parent = dirname(folder);
  if (parent === folder) {
    throw new Error(`no package.json above ${__dirname}`);
  }
  return findRepositoryRoot(parent);
}
