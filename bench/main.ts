import { engine } from "./engine.js";
import { fleet } from "./fleet.js";
import { jail } from "./jail.js";
import { once } from "./once.js";
import { read } from "./read.js";
import { line } from "./report.js";
import { scale } from "./scale.js";

const benches = { engine, read, jail, fleet, once, scale };

/** Runs all benches, or those that are named. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !Object.hasOwn(benches, name));
  if (unknown.length > 0)
    throw new Error(`there is no bench ${unknown.join(", ")}: there are ${Object.keys(benches).join(", ")}`);
  line("figure", "measured", "goal");
  for (const [name, bench] of Object.entries(benches)) if (names.length === 0 || names.includes(name)) await bench();
}

void main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
