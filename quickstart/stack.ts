/** The name of the quickstart's stack: stacks/Pulumi.local.yaml is its template. */
export const stack = "local";
