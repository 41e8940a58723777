import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { memoized } from "../base/memoized.js";

/** The text of a remote script, by its path below src/remote. */
export const scriptText = memoized((file: string): string => readFileSync(join(__dirname, file), "utf8"));

/** The line of a script that names the libraries whose functions it calls: `# uses: jail.sh walk.sh`. */
const usesLine = /^# uses: (.*)\n/m;

/**
 * The libraries that a script calls, directly or through others. Each comes once, after the libraries that it calls
 * itself.
 */
export const librariesOf = memoized((script: string): readonly string[] => {
  const libraries: string[] = [];
  const visited = new Set([script]);
  const visit = (file: string): void => {
    for (const used of usesLine.exec(scriptText(file))?.[1]?.split(" ") ?? []) {
      if (visited.has(used)) continue;
      visited.add(used);
      visit(used);
      libraries.push(used);
    }
  };
  visit(script);
  return libraries;
});

/** The text of a script as hosts get it: without comment lines and indentation, which are a third of it. */
export const sentText = memoized((script: string): string =>
  scriptText(script)
    .replace(/^\t+/gm, "")
    .replace(/^#.*\n/gm, ""),
);

/** A digest of scripts, without the libraries that they call. The key of a build contains it. */
export function scriptDigest(...scripts: string[]): string {
  const texts = scripts.map((script) => scriptText(script).replace(usesLine, ""));
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}
