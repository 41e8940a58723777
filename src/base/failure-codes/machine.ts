import type { FailureGroup } from "./entry.js";

/** Failures of the control machine, of the engine, and of this tool itself. */
export const machineCodes = {
  "this-machine": {
    meaning: "The control machine could not read or write a file.",
    cause: "Its disk is full or read-only, or the file may not be written.",
    whatToDo: "Make room, or set `PYTHON3JAIL_CACHE_DIR` to another place. Then run the same command again.",
  },
  "stack-locked": {
    meaning: "Another run has the stack.",
    cause: "Another engine works on it, or was killed and left its lock.",
    whatToDo: "Wait until it has ended. If none runs, run `pulumi cancel`.",
  },
  engine: {
    meaning: "Pulumi's engine did not begin.",
    cause: "The program or its config is wrong, the stack does not exist, or the passphrase is missing.",
    whatToDo: "Read the message. It names the property, or what is missing.",
  },
  "step-failed": {
    meaning: "A step ended before it was done, and said no reason.",
    cause: "A tool on the host failed. Its message is among the last lines.",
    whatToDo: "Read the last lines. Then run the same command again: it goes on from there.",
  },
  "bad-answer": {
    meaning: "The host did not answer as the step does.",
    cause: "A record on the host is damaged, its `sh` is not an ordinary one, or somebody forges answers.",
    whatToDo: "Run `pulumi up`, which rebuilds damaged records. If it stays, check the host, and report it.",
  },
  "unreadable-state": {
    meaning: "A resource in the state cannot be read by this release.",
    cause: "Another release wrote it, or it was written half.",
    whatToDo: "Use the release that wrote it, or run `pulumi up`.",
  },
  defect: {
    meaning: "This tool made a mistake.",
    cause: "A step was started in a way that should not happen.",
    whatToDo: "Report it, with the whole message.",
  },
} as const satisfies FailureGroup;
