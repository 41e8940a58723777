import * as pulumi from "@pulumi/pulumi";
import { PythonJail, type ConnectionArgs } from "pulumi-python3jail";

const config = new pulumi.Config();

const jail = new PythonJail("judge-1", {
  host: "judge-1", // the host's name, for good: `host` and `path` identify the jail
  connection: config.requireObject<ConnectionArgs>("connection"), // how to log in; you can change it at any time
  path: "/srv/python3jail",
  python: { version: "3.13.16" },
});

/** The command line, for the host, that runs a program in the jail. */
export const run = jail.command;
