/**
 * Whether an error of Pulumi's SDK only follows from a resource of ours that failed: the engine has said why. The SDK puts more and more
 * text before its message on the way through what depends on the resource, so only the end counts.
 */
export function isToldFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    /\bresource \S+ \[pulumi-nodejs:dynamic\/python3jail:\w+\] failed to register$/.test(error.message)
  );
}
