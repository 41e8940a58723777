import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { PythonJail } from "pulumi-python3jail";

const config = new pulumi.Config();

// The type of @pulumi/command. It has no sudo, so the user is root.
const connection: types.input.remote.ConnectionArgs = {
  host: config.require("host"),
  user: "root",
  hostKey: config.require("hostKey"),
  privateKey: config.requireSecret("privateKey"),
};

const jail = new PythonJail("judge-1", {
  host: "judge-1",
  connection,
  path: "/srv/python3jail",
  python: { version: "3.13.16" },
});

// The engine downloads the plugin of @pulumi/command for this resource. Without a network, set `useCommand: false`.
const hello = config.getBoolean("useCommand") === false ? undefined : runInJail("print('hello')");

function runInJail(program: string): remote.Command {
  return new remote.Command("hello", { connection, create: pulumi.interpolate`${jail.command} -c "${program}"` });
}

export const run = jail.command;
/** What the program printed in the jail. */
export const printed = hello?.stdout;
