import * as pulumi from "@pulumi/pulumi";
import { JailFleet, type ConnectionArgs } from "pulumi-python3jail";

const config = new pulumi.Config();

// Nothing is downloaded: the control machine sends every file to the host over SSH. The paths are relative to the project.
const fleet = new JailFleet("judges", {
  hosts: { "judge-1": { connection: config.requireObject<ConnectionArgs>("connection") } },
  python: {
    source: {
      path: "downloads/Python-3.13.16.tar.xz",
      sha256: "f4b1bfb3c79b5bb11b8d228a12504163b4c0dab4d679828d8f5f26b6cb6ab35d",
    },
  },
  packages: { requirements: "requirements.txt", wheels: "downloads/wheels" },
  safeexec: { source: { folder: "downloads/safeexec" } },
});

/** The command line, for the host, that runs a program in the jail through safeexec. */
export const run = fleet.jails["judge-1"]?.command;
