import type { FailureGroup } from "./entry.js";

/** Failures of builds of CPython, of packages and of safeexec. */
export const pythonCodes = {
  build: {
    meaning: "A build of CPython or safeexec failed.",
    cause: "`configure`, `make` or a later phase ended with an error.",
    whatToDo: "Read the last lines, or the whole log on the host, whose path the message gives.",
  },
  killed: {
    meaning: "The build of CPython was killed.",
    cause: "The host was restarted, or had too little memory.",
    whatToDo: "Run the same command again. Set fewer `jobs` if memory was short.",
  },
  archive: {
    meaning: "An archive cannot be unpacked or used.",
    cause: "It is damaged, is no tar archive, or does not hold what it should.",
    whatToDo: "Give another archive: a source release of CPython, an archive of a build, or safeexec's source.",
  },
  "no-build": {
    meaning: "The finished build cannot be had.",
    cause: "It failed on another host that builds for this one, or the host's cache was cleared.",
    whatToDo: "Look at the error of the host that built it, then run the same command again.",
  },
  "other-platform": {
    meaning: "The build is for another platform.",
    cause: "Its architecture, C library or version of it is not this host's.",
    whatToDo: "Give a build for this platform. Groups and hosts can each have an `artifact`.",
  },
  "other-version": {
    meaning: "The archive of the build holds another version of Python than the declared one.",
    cause: "`artifact` and `version` do not belong together.",
    whatToDo: "Correct `version` or `artifact`.",
  },
  pack: {
    meaning: "The finished build could not be packed.",
    cause: "The disk of the host's cache is damaged.",
    whatToDo: "Read the last lines, and check that disk.",
  },
  "too-large": {
    meaning: "The build is too large to be brought to the control machine.",
    cause: "It has more than 2 GB.",
    whatToDo: "Set `builder: self`, or keep less of the build (`include`).",
  },
  "missing-modules": {
    meaning: "CPython was built without modules that it must have.",
    cause: "Headers were missing when it was built.",
    whatToDo: "Install the headers that the message names, or shorten `requireModules`.",
  },
  download: {
    meaning: "A source, a build or packages could not be downloaded.",
    cause: "Neither the host nor the control machine reaches the address.",
    whatToDo:
      "Give an address that can be reached (`mirrors`, `index`), or a file on the control machine (`source`, `wheels`).",
  },
  "wrong-sha256": {
    meaning: "The bytes that arrived are not those that were declared.",
    cause: "`sha256` is wrong, or the server sends something else.",
    whatToDo: "Compare the file with its origin. Correct the hash only if the file is right.",
  },
  "wrong-source": {
    meaning: "The archive on the control machine is not the declared one.",
    cause: "The file is missing, or has another sha256.",
    whatToDo: "Give the archive that was declared, or correct `source`.",
  },
  "source-changed": {
    meaning: "A file on the control machine changed after it was checked.",
    cause: "Somebody edited it between the preview and the update.",
    whatToDo: "Run `pulumi up` again, which previews what is there now.",
  },
  "no-python": {
    meaning: "The jail has no Python, or not all of it.",
    cause: "PythonBuild has not run yet, or was interrupted.",
    whatToDo: "Declare `dependsOn` PythonBuild, and run `pulumi up` again.",
  },
  "no-pip": {
    meaning: "The build of Python has no pip to install packages with.",
    cause: "The host's cache was cleared, or the source has no Lib/ensurepip/_bundled.",
    whatToDo: "Run the same command again. If it stays, give a source that has pip, as python.org's do.",
  },
  pip: {
    meaning: "pip could not install the packages together.",
    cause: "One of them needs a package that `requirements` lacks, or their versions exclude each other.",
    whatToDo: "Read pip's last lines, and complete `requirements` (`pip-compile` writes complete ones).",
  },
  "wrong-hash": {
    meaning: "A package has none of the hashes in `requirements`, and was not installed.",
    cause: "A hash is wrong, or the index or the directory `wheels` has another file.",
    whatToDo: "Compare the file with its origin. Correct the hash only if the file is right.",
  },
  "no-site": {
    meaning: "The build keeps its packages in a place that is not known here.",
    cause: "CPython was built with flags that move its library.",
    whatToDo: "Report it, with the flags of the build.",
  },
  "no-wheel": {
    meaning: "The directory `wheels` lacks a package.",
    cause: "It has no wheel for this version, Python and platform.",
    whatToDo: "Put the wheel there (`pip download`).",
  },
  "no-safeexec": {
    meaning: "There is no program at the path of safeexec.",
    cause: "`safeexec` names a path where nothing is installed.",
    whatToDo: "Install safeexec there, or correct `safeexec`.",
  },
  "unsafe-safeexec": {
    meaning: "Others than root can change safeexec, so root does not run it.",
    cause: "The program or a directory above it belongs to somebody else, or can be written by others.",
    whatToDo: "Give it to root alone (`chown root:root`, `chmod go-w`), or install it elsewhere.",
  },
  "not-safeexec": {
    meaning: "The source is not safeexec's, or not the one that is known here.",
    cause: "It has no Makefile, or builds no program `safeexec`.",
    whatToDo: "Give a commit of cemc/safeexec, or a source with the same Makefile.",
  },
  firewall: {
    meaning: "The firewall rule could not be read, added or removed.",
    cause: "`nft` or `iptables` refused it.",
    whatToDo: "Read its message, or set `firewall: false`.",
  },
  "no-firewall": {
    meaning: "The host has no firewall tool that works.",
    cause: "Neither `nft` nor `iptables` is installed, or the kernel supports neither.",
    whatToDo: "Install nftables, or set `firewall: false`.",
  },
} as const satisfies FailureGroup;
