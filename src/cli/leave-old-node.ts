import { nodeProblem } from "../base/node-version.js";

// Imported before all else: what follows fails on an old Node in ways that nobody understands.
const problem = nodeProblem();
if (problem !== undefined) {
  process.stderr.write(
    `error: ${problem}\n       install it, or put it first on the PATH: https://nodejs.org/en/download\n`,
  );
  process.exit(1);
}
