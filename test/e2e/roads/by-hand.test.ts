import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { join } from "node:path";
import { HostFleet } from "../../hosts/host-fleet.js";
import { repositoryRoot } from "../../hosts/repository.js";
import { buildTimeout, jailPath, sharedBuilds } from "../jail-stack.js";
import { Road } from "./road.js";

// An operator with jails that were made by hand.
jest.setTimeout(buildTimeout);

const page = join(repositoryRoot, "docs/from-hand-made-jails.md");
let fleet: HostFleet;
let road: Road;

beforeAll(async () => {
  fleet = await HostFleet.create();
  road = await Road.create("from hand-made jails");
  road.install("jails");
  for (const name of ["judge-1", "judge-2"]) {
    const host = await fleet.addHost({ name, user: "ops", sudo: "without-password", cacheDirectory: sharedBuilds });
    road.knows(host, name);
    await host.run(`
      useradd --no-create-home ana
      mkdir -p ${jailPath} && cd ${jailPath}
      mkdir -p dev lib64 static scratch bin lib/python3.11/site-packages/six-1.16.0.dist-info
      touch REM_this_is_jail notes.txt lib/python3.11/site-packages/six.py
      echo 'print("ours")' >static/site.py
      printf '#!/bin/sh\\n' >bin/python3 && chmod 0755 bin/python3
      chown -R ana:ana . && mknod -m 0655 dev/null c 1 3
    `);
  }
});
afterAll(async () => {
  await fleet.destroy();
  road.tell();
  await road.remove();
});

test("an operator adopts two jails that were made by hand, and keeps what was in them", async () => {
  await road.follow(page, "by-hand", [
    { answers: [] },
    {
      answers: [
        ["Where is the jail to be?", ""],
        ["Which Python?", "3.13.5"],
        ["Its name for good", ""],
        ["Write this?", "y"],
      ],
    },
    (text) =>
      text.replace(/^ +- name: judge-1.*\n(?: {6}.*\n)+/m, (host) => host + host.replaceAll("judge-1", "judge-2")),
    { answers: [["Roll this out?", "y"]] },
  ]);
  expect(road.said).toMatch(/judge-2:\S+ {2}made by hand: `up` adopts it\n {2}keeps +1 file in static/);
  for (const host of fleet.hosts) {
    expect(road.said).toContain(`${host.name}: adopted a jail made by hand at ${jailPath}`);
    const kept = await host.run(
      `cd ${jailPath} && cat static/site.py notes.txt && ls lib/python3.11/site-packages/six.py`,
    );
    expect(kept.stdout).toBe('print("ours")\nlib/python3.11/site-packages/six.py');
    expect((await host.run(`readlink ${jailPath}/bin/python3; stat -c '%a %U' ${jailPath}/dev/null`)).stdout).toBe(
      "python3.13\n666 root",
    );
  }
  expect([road.commands.length, road.edits.length]).toEqual([3, 1]);
});
