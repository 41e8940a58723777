/** Called wrongly: the command's help is shown with it. */
export class UsageError extends Error {}
