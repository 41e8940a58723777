import { nodeProblem } from "./node-version.js";

// For the program and the provider, which import this before all else: what follows fails on an old Node in ways that nobody understands.
const problem = nodeProblem();
if (problem !== undefined) {
  const error = new Error(problem);
  // The engine prints the stack, which says nothing more.
  error.stack = problem;
  throw error;
}
