import { nodeProblem } from "../base/node-version.js";

// Imported first: on an old Node the other imports fail with unrelated errors.
const problem = nodeProblem();
if (problem !== undefined) {
  process.stderr.write(
    `error: ${problem}\n       install it, or put it first on the PATH: https://nodejs.org/en/download\n`,
  );
  process.exit(1);
}
