// Imports only modules of Node, and uses no new syntax: an old Node must be able to load this file before any other.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns an error text if this Node is older than package.json's `engines` requires, or else undefined. */
export function nodeProblem(current: string = process.versions.node): string | undefined {
  const manifest = readFileSync(join(__dirname, "../../../package.json"), "utf8");
  const { engines } = JSON.parse(manifest) as { readonly engines: { readonly node: string } };
  const needed = engines.node.replace(/\D+/, "");
  return parseInt(current, 10) < parseInt(needed, 10)
    ? "pulumi-python3jail needs Node ≥ " + needed + ", this is " + current
    : undefined;
}
