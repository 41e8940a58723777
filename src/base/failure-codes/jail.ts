import type { FailureGroup } from "./entry.js";

/** Failures of a jail, and of what is in it. */
export const jailCodes = {
  foreign: {
    meaning: "The path already holds something that was not made here.",
    cause: "A directory that is no jail, another safeexec, or another `current` link is there.",
    whatToDo: "Look at it. Move it away, or give another `path`. Nothing was changed.",
  },
  "not-a-jail": {
    meaning: "The directory is not a jail, or not the one that was made here.",
    cause: "Its marker file is missing, or somebody put another directory there.",
    whatToDo: "Look at what is there, and correct `path`. To forget a jail that is gone, use `pulumi state delete`.",
  },
  "other-machine": {
    meaning: "The address leads to another machine, or the path to another jail.",
    cause: "The connection was changed, or the machine was exchanged. The jail there has another id.",
    whatToDo: "Correct the connection. For a new machine, give the host a new name, or destroy the jail first.",
  },
  nested: {
    meaning: "The path is inside another jail.",
    cause: "A directory above it is a jail too.",
    whatToDo: "Give another `path`, or destroy the outer jail first.",
  },
  gone: {
    meaning: "Something that was made there is not there any more.",
    cause: "Somebody removed the jail, a release, or a directory of it.",
    whatToDo: "Run `pulumi up --refresh`, which makes it anew.",
  },
  unrecorded: {
    meaning: "The host has no records of the jail.",
    cause: "Somebody deleted the record directory, or restored the jail without it.",
    whatToDo: "Run `pulumi up --refresh`, which makes the records anew.",
  },
  "not-empty": {
    meaning: "A directory that is to be removed holds files that were not made here.",
    cause: "Somebody else, or a program, put files there.",
    whatToDo: "Save the files. For a jail, set `deleteContents: true` and run `pulumi up`, then delete it.",
  },
  symlink: {
    meaning: "A part of a path is a symbolic link, or not a directory.",
    cause: "Following it could lead root out of the jail.",
    whatToDo: "Give the real path, or remove the link.",
  },
  changed: {
    meaning: "Something in or above the jail was exchanged while a step worked there.",
    cause: "Another process, perhaps a hostile one, works in the jail.",
    whatToDo: "Find out who can write there. Then run the same command again.",
  },
  "in-the-way": {
    meaning: "An unmanaged file or directory stands where one of ours belongs.",
    cause: "Somebody put it there.",
    whatToDo: "Look at it, move it away, then run `pulumi up` again.",
  },
  copy: {
    meaning: "Files could not be copied whole.",
    cause: "The disk is full, or the sources changed or cannot be read.",
    whatToDo: "Check the disk, and run the same command again. Nothing in use was changed.",
  },
  "declared-twice": {
    meaning: "Two resources declare the same file.",
    cause: "Two `JailFiles` have the same path in their sources.",
    whatToDo: "Leave it out of one of them (`ignore`).",
  },
  "cache-lost": {
    meaning: "What was prepared for this step is not on the host any more, or has not arrived.",
    cause: "Somebody cleared the host's cache, or another run is at work.",
    whatToDo: "Run the same command again.",
  },
  damaged: {
    meaning: "What was put into the host's cache is damaged again.",
    cause: "The disk is faulty.",
    whatToDo: "Check the disk, or set `directories.cache`.",
  },
  "strange-file": {
    meaning: "A file has a name or type that cannot be kept.",
    cause: "Its name has a line break or a tab, or it is a device, socket or FIFO.",
    whatToDo: "Rename it, or leave it out.",
  },
  git: {
    meaning: "The git repository or commit cannot be had.",
    cause: "The host cannot reach `git.url`, or the repository has no such commit.",
    whatToDo: "Correct `git.url` and `git.commit`, and check the host's network.",
  },
  unresolved: {
    meaning: "A program in the jail needs a library that is not there.",
    cause: "The host lacks it, or the jail's loader does not look where it lies.",
    whatToDo: "Install the package that has the library on the host, or remove the file that needs it.",
  },
  unreadable: {
    meaning: "A library of the host is not readable by everybody, and was not copied.",
    cause: "Copying it would show programs in the jail what only root may read.",
    whatToDo: "Make it readable (`chmod o+r`), or remove from the jail what needs it.",
  },
  "no-loader": {
    meaning: "A program in the jail needs a loader that the host lacks.",
    cause: "It was built for another architecture or C library.",
    whatToDo: "Build CPython on this host, or remove the program.",
  },
  "no-libraries": {
    meaning: "The jail's libraries are not all there yet.",
    cause: "An earlier step was interrupted.",
    whatToDo: "Run the same command again.",
  },
  "no-trace": {
    meaning: "A command of `trace` could not be traced.",
    cause: "`strace` failed: the host does not let root trace processes.",
    whatToDo: "Read its message, or leave `trace` out.",
  },
  "import-failed": {
    meaning: "A module of the installed packages cannot be imported in the jail.",
    cause:
      "It needs more memory than the check's limits allow, a library that the jail lacks, or a directory to write to.",
    whatToDo:
      "Read the remedy, which names the likely cure of each module, or leave the module out with `imports: {skip}`.",
  },
  "check-failed": {
    meaning: "The jail's Python does not run `print(1+1)` in its sandbox.",
    cause: "A file of the jail is missing or damaged, or the limits are too low.",
    whatToDo: "Read the last lines. `pulumi up --refresh` repairs the jail; `limits` sets how much a program may use.",
  },
  "audit-failed": {
    meaning: "The audit found what `failOn` says is an error.",
    cause: "The message lists each check that failed, what it saw, and what to do.",
    whatToDo: "Repair what it found, or accept it with a reason (`accept`).",
  },
} as const satisfies FailureGroup;
