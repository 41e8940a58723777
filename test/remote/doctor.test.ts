import { describe, expect, test } from "@jest/globals";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { doctorFactsIn, doctorStep, type DoctorFacts } from "../../src/doctor/host-facts.js";
import { needsOf } from "../../src/doctor/host-needs.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { everyTool } from "../../src/remote/tools.js";
import { makeHostDirectory } from "./host-temporary.js";
import { completeStepHere, shells, type StepSurroundings } from "./run-step.js";

const folder = makeHostDirectory();

async function facts(surroundings: StepSurroundings, place = "jail"): Promise<DoctorFacts> {
  const asked = Date.now();
  const answer = await completeStepHere(
    doctorStep,
    { path: join(folder, place), records: join(folder, `records-of-${place}`), cache: "/var/cache" },
    {
      tools: everyTool.join(" "),
      login: "root",
      firewall: false,
      needs: needsOf("judge-1", {}, {}).checkedNeeds,
    },
    surroundings,
  );
  return doctorFactsIn(answer, undefined, [], [asked, Date.now()]);
}

/** Hides programs of the machine, as no shell runs a file that is not regular. */
const without = (...tools: string[]): string =>
  tools.map((tool) => `file=$(readlink -f "$(command -v ${tool})"); mount --bind /dev/null "$file"`).join("\n");

describe.each(shells)("under %s", (shell) => {
  test("doctor finds everything on this machine, unless its tools are busybox's", async () => {
    expect(await facts({ shell })).toMatchObject({
      uid: 0,
      sudo: undefined,
      lackingTools: [],
      lackingNeeds: [],
      features:
        shell === "busybox"
          ? ["mount-namespace", "network-namespace", "no-new-privileges"]
          : ["userspec", "mount-namespace", "pid-namespace", "network-namespace", "no-new-privileges"],
      inUserNamespace: false,
      seccomp: true,
      place: "none",
      clockAhead: 0,
    });
  });

  test("doctor distinguishes what is at the jail's path", async () => {
    const put = (place: string): string => {
      mkdirSync(join(folder, place), { recursive: true });
      return join(folder, place);
    };
    put("empty");
    writeFileSync(join(put("other"), "file"), "");
    writeFileSync(join(put("by-hand"), "REM_this_is_jail"), "");
    put("ours");
    put("records-of-ours");
    writeFileSync(join(folder, "file"), "");
    symlinkSync("empty", join(folder, `symlink-${shell}`));
    const places: Record<string, string> = {
      nothing: "none",
      empty: "empty",
      other: "other",
      "by-hand": "jail",
      ours: "ours",
      file: "file",
      [`symlink-${shell}`]: "symlink",
    };
    for (const [place, is] of Object.entries(places)) expect((await facts({ shell }, place)).place).toBe(is);
  });

  test("doctor reads the mount options of the file system on which the path will be", async () => {
    const before = `mount -t tmpfs -o nodev,noexec none ${folder}`;
    const { mounted } = await facts({ shell, before }, "not/there/yet");
    expect(mounted[join(folder, "not/there/yet")]).toEqual(expect.arrayContaining(["nodev", "noexec"]));
  });
});

// In busybox these tools are built in, so they cannot be hidden.
describe.each(["dash", "bash"] as const)("under %s", (shell) => {
  test.each(["awk", "sed", "cat", "dirname", "sort", "date", "tr", "unshare", "grep", "chroot"])(
    "doctor reports a missing %s, and everything else that it can read",
    async (tool) => {
      const found = await facts({ shell, before: without(tool) });
      expect(found.lackingTools.filter((name) => name === tool)).toEqual([tool]);
      expect(found).toMatchObject({ uid: 0, lackingNeeds: [], seccomp: true, place: "none" });
    },
  );
});

test.each<[time: string, ahead: number | undefined]>([
  ["1000000000", 0],
  ["1000000002", 0],
  ["1000000102", 100],
  ["999999990", -10],
  ["", undefined],
])("a host's clock that says %j, if asked at 1000000000 and answered 2 s later, is %j s ahead", (time, ahead) => {
  const answer = parseAnswer(
    ["started", "uid\t0", "cgroups\t2", "place\tnone", `time\t${time}`, "done", ""].join("\n"),
  );
  expect(doctorFactsIn(answer, undefined, [], [1_000_000_000_000, 1_000_000_002_000]).clockAhead).toBe(ahead);
});
