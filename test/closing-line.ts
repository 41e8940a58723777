/** What we read of jest's `AggregatedResult`. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** Ends a run with the line that continuous integration reads. */
export default class ClosingLine {
  onRunComplete(_contexts: unknown, results: Results): void {
    // A test file that could not even be loaded counts as a failure: it holds tests that nobody ran.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    console.log(`\n${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  }
}
