import * as pulumi from "@pulumi/pulumi";
import { PythonJail, SafeExec, type ConnectionArgs, type SafeExecArgs } from "pulumi-python3jail";

const config = new pulumi.Config();
const host = {
  host: "grader-1", // the host's name, for good: `host` and `path` identify the jail
  connection: config.requireObject<ConnectionArgs>("connection"), // how to log in; you can change it at any time
};

const safeexec = new SafeExec("grader-1", {
  ...host,
  ...config.requireObject<Pick<SafeExecArgs, "git" | "source" | "firewall">>("safeexec"),
});

const jail = new PythonJail("grader-1", {
  ...host,
  path: "/srv/python3jail",
  python: { version: "3.13.16" },
  safeexec,
  // The limits of each program. Without further processes, nothing of a program outlives it.
  check: { limits: { cpuSeconds: 2, clockSeconds: 5, memoryKb: 262144, processes: 0 } },
});

/** The command line, for the host, that runs a program in the jail: what grader.mjs is started with. */
export const command = jail.command;
