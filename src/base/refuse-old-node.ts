import { nodeProblem } from "./node-version.js";

// The program and the provider import this first: on an old Node their other imports fail with unrelated errors.
const problem = nodeProblem();
if (problem !== undefined) {
  const error = new Error(problem);
  // The engine prints the stack, which says nothing more.
  error.stack = problem;
  throw error;
}
