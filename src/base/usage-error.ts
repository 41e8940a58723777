/** The command line is wrong. One line that says where the help is follows the message. */
export class UsageError extends Error {}
