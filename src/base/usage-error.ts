/** Called wrongly: where the help is told with it. */
export class UsageError extends Error {}
