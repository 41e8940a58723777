import { readFileSync } from "node:fs";

/**
 * The marked block of a page in Markdown: what stands in the code fence below `<!-- road: NAME -->`. Pages and tests have the same
 * commands, as a test reads them there.
 */
export function blockOf(page: string, name: string): string {
  const text = readFileSync(page, "utf8");
  const block = new RegExp(`^<!-- road: ${name} -->\n\n?\`\`\`\\w+\n([^]*?)^\`\`\`$`, "m").exec(text)?.[1];
  if (block === undefined) throw new Error(`${page} has no code after <!-- road: ${name} -->`);
  return block;
}

/** The commands of a marked block, one a line. */
export function commandsOf(page: string, name: string): string[] {
  return blockOf(page, name)
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line));
}
