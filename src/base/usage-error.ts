/** An invalid command line. The command prints the message, then a line that says where the help is. */
export class UsageError extends Error {}
