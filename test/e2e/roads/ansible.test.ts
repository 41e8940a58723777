import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HostFleet } from "../../hosts/host-fleet.js";
import { repositoryRoot } from "../../hosts/repository.js";
import { buildTimeout, jailPath, sharedBuilds } from "../jail-stack.js";
import { blockOf } from "./commands.js";
import { Road } from "./road.js";

// A shop whose hosts are in an inventory of Ansible's, with variables in files and a vault.
jest.setTimeout(buildTimeout);

const page = join(repositoryRoot, "docs/from-ansible.md");
let fleet: HostFleet;
let road: Road;

beforeAll(async () => {
  fleet = await HostFleet.create();
  road = await Road.create("from Ansible");
  for (const name of ["judge-1", "judge-2"])
    await fleet.addHost({ name, user: "ops", sudo: "without-password", cacheDirectory: sharedBuilds });
  const [first, second] = fleet.hosts;
  road.knows(first!, "judge-1", first!.address);
  road.knows(second!, "judge-2", second!.address);
  const put = (name: string, text: string): void => {
    const file = join(road.home, "ansible", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  put(
    "hosts.ini",
    `control ansible_connection=local\n\n[judges]\njudge-1 ansible_host=${first!.address}\njudge-2 ansible_host=${second!.address}\n\n[web]\nweb-1 ansible_host=192.0.2.20\n`,
  );
  put(
    "group_vars/judges.yml",
    "ansible_user: ops\nansible_become: true\njail_packages: [numpy]\nansible_become_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n",
  );
  road.install("jails");
});
afterAll(async () => {
  await fleet.destroy();
  road.tell();
  await road.remove();
});

test("an Ansible user rolls out jails to a group of the inventory, which stays as it is", async () => {
  await road.follow(page, "ansible", [
    {
      answers: [
        ["How many environments", "1"],
        ["Where is the jail to be?", ""],
        ["Which Python?", "3.13.5"],
        ["Host of dev", "judge-1"],
        ["Its name for good", ""],
        ["Write this?", "y"],
      ],
    },
    (text) => text.replace(/^ +python3jail:hosts:[^]*?(?=^\S|$(?![^]))/m, blockOf(page, "ansible-inventory")),
    { answers: [] },
    { answers: [["Roll this out?", "y"]] },
  ]);
  expect(road.said).toContain("2 of 2 hosts ready");
  expect(road.said).toMatch(/ansible_become_password: is encrypted, which\s+only Ansible can read/);
  for (const host of fleet.hosts) expect((await host.run(`ls ${jailPath}/bin/python3.13`)).exitCode).toBe(0);
  expect([road.commands.length, road.edits.length]).toEqual([3, 1]);
});
