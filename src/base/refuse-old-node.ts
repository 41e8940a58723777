import { nodeProblem } from "./node-version.js";

// Throws on import if Node is too old. The program and the provider import this file first: on an old Node, their other
// imports fail with unrelated errors.
const problem = nodeProblem();
if (problem !== undefined) {
  const error = new Error(problem);
  // The engine prints the stack instead of the message.
  error.stack = problem;
  throw error;
}
