import * as pulumi from "@pulumi/pulumi";
import { JailFleet, type ConnectionArgs } from "pulumi-python3jail";

interface MachineArgs {
  address: string;
}

/**
 * Stands in for a machine of your cloud, such as `aws.ec2.Instance`: its address is unknown until the machine is created.
 * Put your cloud's resource in its place.
 */
class Machine extends pulumi.dynamic.Resource {
  declare readonly publicIp: pulumi.Output<string>;

  constructor(name: string, args: MachineArgs) {
    const provider: pulumi.dynamic.ResourceProvider = {
      create: ({ address }: MachineArgs) => Promise.resolve({ id: address, outs: { publicIp: address } }),
    };
    super(provider, name, { ...args, publicIp: undefined });
  }
}

const config = new pulumi.Config();
const addresses = config.requireObject<Record<string, string>>("addresses");
const machines = Object.entries(addresses).map(([name, address]) => ({
  name,
  machine: new Machine(name, { address }),
}));

const fleet = new JailFleet("judges", {
  connection: config.requireObject<Partial<ConnectionArgs>>("connection"), // for all hosts
  python: { version: "3.13.16" },
  hosts: Object.fromEntries(machines.map(({ name, machine }) => [name, { connection: { host: machine.publicIp } }])),
});

/** The command lines, by host, that run a program in the jail. */
export const runs = Object.fromEntries(Object.entries(fleet.jails).map(([name, jail]) => [name, jail.command]));
