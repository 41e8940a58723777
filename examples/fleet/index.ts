import * as pulumi from "@pulumi/pulumi";
import { JailFleet, type ConnectionArgs, type HostSettings } from "pulumi-python3jail";

const config = new pulumi.Config();

const fleet = new JailFleet("judges", {
  hosts: config.requireObject<Record<string, HostSettings>>("hosts"),
  connection: config.requireObject<Partial<ConnectionArgs>>("connection"), // for all hosts
  python: { version: "3.13.16" },
  // Every change makes a whole new jail beside the old one. Two earlier ones are kept for a rollback.
  releases: { keep: 2 },
  // A jail that fails the audit never becomes the current one. With safeexec, add "confinement" and "function".
  audit: { failOn: ["static"] },
});

/** What each host has, by its name. */
export const jails = Object.fromEntries(
  Object.entries(fleet.jails).map(([name, jail]) => [
    name,
    { path: jail.path, python: jail.pythonVersion, audit: jail.audit, run: jail.command },
  ]),
);
