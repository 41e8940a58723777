// Plain code that imports only Node: an old one must be able to load it, and nothing else of the package is loaded before.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What is wrong with the Node that runs this, in words; undefined where it is new enough for the package. */
export function nodeProblem(current: string = process.versions.node): string | undefined {
  const manifest = readFileSync(join(__dirname, "../../../package.json"), "utf8");
  const { engines } = JSON.parse(manifest) as { readonly engines: { readonly node: string } };
  const needed = engines.node.replace(/\D+/, "");
  return parseInt(current, 10) < parseInt(needed, 10)
    ? "pulumi-python3jail needs Node ≥ " + needed + ", this is " + current
    : undefined;
}
