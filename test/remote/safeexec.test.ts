import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { checked } from "../../src/base/validation.js";
import { compareSafeExec, safeExec, safeExecSteps } from "../../src/kinds/SafeExec.js";
import { replacing } from "./replacing.js";
import { differsInSyntaxAlone, shells, standIn, type StepSurroundings } from "./run-step.js";
import { noSudo, ScratchNetwork, ScratchProgram, without } from "./scratch-program.js";

let scratch: ScratchProgram;
let network: ScratchNetwork;
beforeEach(async () => {
  // Findings about this machine's accounts.
  jest.spyOn(console, "warn").mockImplementation(() => undefined);
  scratch = new ScratchProgram();
  network = await ScratchNetwork.make();
});
afterEach(() => {
  jest.restoreAllMocks();
  scratch.remove();
  network.remove();
});

const mode = (path: string): string => {
  const { mode: bits, uid, gid } = statSync(path);
  return `${(bits & 0o7777).toString(8)} ${uid}:${gid}`;
};
const inputs = (change: object = {}) => {
  const { value, reasons } = checked(safeExec.schema, {
    host: "judge-1",
    connection: { host: "h" },
    path: scratch.path,
    source: { folder: scratch.at("source") },
    ...change,
  });
  if (!value) throw new Error(reasons.join("; "));
  return value;
};
const drift = async (surroundings?: StepSurroundings & { firewall?: boolean }) =>
  compareSafeExec(
    {
      ...inputs({ firewall: surroundings?.firewall ?? false }),
      source: { folder: "", digest: scratch.source.split(" ")[1]! },
      host: "",
    },
    await scratch.look(surroundings),
  );
/** The commands, run before a step, that hide this machine's accounts of gid 1000. */
const freeGroup = (): string =>
  ["passwd", "group"]
    .map(
      (file) =>
        `grep -v ':1000:' /etc/${file} >${scratch.outbox}/free.${file}; mount --bind ${scratch.outbox}/free.${file} /etc/${file}`,
    )
    .join("; ");
/** The rules in the firewall of the test's network. */
const rules = async () => (await network.run("nft list ruleset 2>/dev/null | grep -c 'skgid 1000'")).trim();

describe.each(shells)("under %s", (shell) => {
  test("safeexec is built by its Makefile without sudo, and is root's and setuid under any umask", async () => {
    for (const umask of ["000", "077"]) {
      const { answer, stderr } = await scratch.install({ shell, before: `${noSudo}; umask ${umask}` });
      if (!answer.complete) throw new Error(stderr);
      expect(mode(scratch.path)).toBe("4755 0:0");
      expect(readdirSync(scratch.at("bin"))).toEqual(["safeexec"]);
      expect(answer.one("built")[0]).toBe(createHash("sha256").update(readFileSync(scratch.path)).digest("hex"));
      await scratch.complete(safeExecSteps.remove, {}, { shell });
    }
  });

  test("the program that safeexec runs is confined", async () => {
    await scratch.install({ shell });
    const { stdout, stderr } = await execa(scratch.path, ["--mem", "65536", "--exec", "/usr/bin/id", "-u"]);
    expect(Number(stdout)).toBeGreaterThan(10000);
    expect(stderr).toMatch(/^OK\nelapsed time: \d+ seconds\nmemory usage: \d+ kbytes\ncpu usage: \d+\.\d+ seconds$/);
  });

  test("a read writes nothing", async () => {
    await scratch.install({ shell });
    expect(await drift({ shell })).toEqual({});
    const before = await scratch.listing();
    expect((await scratch.look({ shell })).complete).toBe(true);
    expect(await scratch.listing()).toEqual(before);
  });

  test("a removal leaves nothing of ours, and leaves a program alone that is not ours any more", async () => {
    const before = await scratch.listing();
    const names = (lines: string[]): string[] => lines.map((line) => line.split(" ").slice(0, 4).join(" "));
    await scratch.install({ shell });
    expect((await scratch.complete(safeExecSteps.remove, {}, { shell })).all("warn")).toEqual([]);
    expect(names(await scratch.listing())).toEqual(names(before));
    expect((await scratch.complete(safeExecSteps.remove, {}, { shell })).all("warn")).toEqual([]);

    await scratch.install({ shell });
    writeFileSync(scratch.path, "somebody's");
    expect((await scratch.complete(safeExecSteps.remove, {}, { shell })).all("warn")).toEqual([
      [`${scratch.path} is not the program that was put there any more: left alone`],
    ]);
    expect([readFileSync(scratch.path, "utf8"), existsSync(scratch.at("state"))]).toEqual(["somebody's", false]);
  });

  if (differsInSyntaxAlone(shell)) return;

  const damages: [string, () => unknown, string][] = [
    ["another mode", () => chmodSync(scratch.path, 0o755), "mode is 0755, should be 4755"],
    [
      "another owner",
      () => {
        chownSync(scratch.path, 65534, 6);
        chmodSync(scratch.path, 0o4755);
      },
      "owner is nobody, should be root; group is disk, should be root",
    ],
    [
      "another content",
      () => execa("sh", ["-c", `echo x >>${scratch.path}; chmod 4755 ${scratch.path}`]).then(),
      "was altered",
    ],
    ["gone", () => rmSync(scratch.path), "is missing"],
    [
      "a link",
      () => {
        rmSync(scratch.path);
        symlinkSync("/usr/bin/id", scratch.path);
      },
      "is a symbolic link, should be a program",
    ],
  ];
  test.each(damages)("%s is drift, and is repaired without another build", async (_name, damage, words) => {
    await scratch.install({ shell });
    const [content, others] = [readFileSync(scratch.path), mode("/usr/bin/id")];
    await damage();
    expect(await drift({ shell })).toEqual({ [scratch.path]: words });
    // The repair runs without compiler and make.
    expect((await scratch.install({ shell, before: without("/usr/bin/make", "/usr/bin/gcc") })).answer.complete).toBe(
      true,
    );
    expect([readFileSync(scratch.path).equals(content), mode(scratch.path), mode("/usr/bin/id")]).toEqual([
      true,
      "4755 0:0",
      others,
    ]);
    expect(await drift({ shell })).toEqual({});
  });

  test("a program from another source replaces the old one", async () => {
    await scratch.install({ shell });
    const old = statSync(scratch.path).ino;
    writeFileSync(
      scratch.at("source/safeexec.c"),
      `${readFileSync(scratch.at("source/safeexec.c"), "utf8")}int more = 1;\n`,
    );
    expect(await drift({ shell })).toEqual({ source: "is another than the one that was declared" });
    await scratch.install({ shell });
    expect(await drift({ shell })).toEqual({});
    expect(statSync(scratch.path).ino).not.toBe(old);
    expect(readFileSync(`${scratch.records}/owned`, "utf8").trim().split("\n")).toHaveLength(1);
  });

  const tools: [string, string][] = [
    ["nftables", noSudo],
    ["iptables", `${noSudo}; ${without("/usr/sbin/nft")}`],
  ];
  test.each(tools)(
    "a firewall rule by %s is set once, is drift when it is gone, and is removed at the end",
    async (tool, before) => {
      const there = { shell, before: `${before}; ${freeGroup()}`, firewall: true, network: network.file };
      await scratch.install(there);
      const whole = await rules();
      expect([await drift(there), whole]).toEqual([{}, tool === "nftables" ? "1" : expect.stringMatching(/^[12]$/)]);
      await scratch.install(there);
      expect(await rules()).toBe(whole);

      await network.run("nft flush ruleset");
      expect(await drift(there)).toEqual({ "firewall rule": "is missing" });
      await scratch.install(there);
      expect([await drift(there), await rules()]).toEqual([{}, whole]);

      expect(await drift({ ...there, firewall: false })).toEqual({ "firewall rule": "is not declared" });
      await scratch.install({ ...there, firewall: false });
      expect([await drift({ ...there, firewall: false }), await rules()]).toEqual([{}, "0"]);

      await scratch.install(there);
      expect((await scratch.complete(safeExecSteps.remove, {}, there)).all("warn")).toEqual([]);
      expect([await rules(), existsSync(scratch.path)]).toEqual(["0", false]);
    },
  );
});

describe("from git", () => {
  let first: string;
  let second: string;
  const url = (): string => `file://${scratch.at("repository")}`;
  const from = (commit: string, where = url()) =>
    scratch.run(safeExecSteps.apply, {
      source: `commit ${commit}`,
      url: where,
      commit,
      archive: undefined,
      sha256: undefined,
      strip: undefined,
      firewallWanted: false,
      needs: ["command git"],
    });
  beforeEach(async () => {
    const git = async (...words: string[]) =>
      (await execa("git", ["-C", scratch.at("source"), "-c", "user.name=x", "-c", "user.email=x", ...words])).stdout;
    await git("init", "--quiet");
    await git("add", ".");
    await git("commit", "--quiet", "-m", "one");
    first = await git("rev-parse", "HEAD");
    writeFileSync(
      scratch.at("source/safeexec.c"),
      `${readFileSync(scratch.at("source/safeexec.c"), "utf8")}int more = 1;\n`,
    );
    await git("commit", "--quiet", "-am", "two");
    second = await git("rev-parse", "HEAD");
    await execa("git", ["clone", "--quiet", "--bare", scratch.at("source"), scratch.at("repository")]);
  });

  test("the declared commit is built, and another one after it", async () => {
    expect((await from(first)).answer.one("source")).toEqual([`commit ${first}`]);
    const old = readFileSync(scratch.path);
    expect((await from(second)).answer.one("source")).toEqual([`commit ${second}`]);
    expect(readFileSync(scratch.path).equals(old)).toBe(false);
    // The repository that it was fetched into is removed.
    expect(readdirSync(scratch.records).sort()).toEqual(["built", "holder", "host", "lock", "owned", "path"]);
  });

  test("a missing commit and a missing repository are refused, and the old program stays", async () => {
    await from(first);
    const before = mode(scratch.path);
    expect((await from("0".repeat(40))).answer.failure).toMatchObject({ code: "git" });
    expect((await from(second, "file:///not/there")).answer.failure).toEqual({
      code: "git",
      reason: "safeexec's repository could not be fetched",
      remedy: "check `git.url`, and that the host can reach it",
    });
    expect([mode(scratch.path), (await scratch.look()).one("source")]).toEqual([before, [`commit ${first}`]]);
  });
});

describe("a Makefile", () => {
  const compile = "gcc -O0 -o safeexec safeexec.c";
  test("that installs with sudo has its program built, and only our step installs it", async () => {
    scratch.make(
      compile,
      "sudo cp safeexec /usr/local/bin/safeexec-of-the-test",
      "sudo -n chown root safeexec",
      `sudo sh -c 'echo x >${scratch.at("written")}'`,
    );
    expect((await scratch.install()).answer.complete).toBe(true);
    expect([
      existsSync("/usr/local/bin/safeexec-of-the-test"),
      existsSync(scratch.at("written")),
      mode(scratch.path),
    ]).toEqual([false, false, "4755 0:0"]);
  });

  test("may write to its own directory only, though it runs as root", async () => {
    for (const path of [
      scratch.at("written"),
      "/usr/local/bin/safeexec-of-the-test",
      "/etc/safeexec-of-the-test",
      "/tmp/safeexec-of-the-test",
      "/dev/shm/safeexec-of-the-test",
      `${scratch.records}/owned`,
    ]) {
      scratch.make(compile, "echo x >here", `echo x >${path}`);
      const { answer, stderr } = await scratch.install();
      expect([path, answer.failure?.code, existsSync(path)]).toEqual([path, "build", false]);
      expect(stderr).toMatch(/Read-only file system/);
    }
    expect(existsSync(scratch.path)).toBe(false);
  });

  test("has no network, none of our variables, and none of our file descriptors", async () => {
    scratch.make(
      compile,
      `test "$$(cat /proc/net/dev | grep -c :)" = 1`,
      `test "$$(cat /proc/net/dev | grep -c lo:)" = 1`,
      "test $$(ls /proc/self/fd | wc -l) -le 5",
      "env >environment",
      "! grep -Ev '^(PATH|HOME|TMPDIR|LC_ALL|MAKE.*|MFLAGS|PWD|OLDPWD|SHLVL|_)=' environment",
    );
    const { answer, stderr } = await scratch.install();
    expect([answer.complete, stderr]).toEqual([true, expect.any(String)]);
  });

  const refused: [string, () => void, string][] = [
    ["that does not exist", () => rmSync(scratch.at("source/Makefile")), "not-safeexec"],
    ["that fails", () => scratch.make("false"), "build"],
    ["that builds nothing", () => scratch.make("true"), "not-safeexec"],
    [
      "that builds a script, which cannot be setuid",
      () => scratch.make("printf '#!/bin/sh\\nid\\n' >safeexec; chmod 755 safeexec"),
      "not-safeexec",
    ],
    ["that makes a symlink", () => scratch.make("ln -s /usr/bin/id safeexec"), "not-safeexec"],
  ];
  test.each(refused)("%s is refused, and leaves no program", async (_name, prepare, code) => {
    prepare();
    const archive = join(scratch.outbox, "archive");
    await execa("tar", ["-c", "-f", archive, "-C", scratch.at("source"), "."]);
    const sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
    expect(
      (
        await scratch.run(safeExecSteps.apply, {
          source: "a source",
          url: undefined,
          commit: undefined,
          archive,
          sha256,
          strip: "0",
          firewallWanted: false,
          needs: [],
        })
      ).answer.failure?.code,
    ).toBe(code);
    expect([existsSync(scratch.path), (await scratch.look()).one("built")]).toEqual([false, [""]]);
    // A later run with a valid source succeeds.
    await scratch.complete(safeExecSteps.remove);
    expect(existsSync(scratch.at("state"))).toBe(false);
  });
});

describe("an install is refused before anything is written because of", () => {
  const cases: [string, () => void, string][] = [
    ["somebody else's program", () => writeFileSync(scratch.path, "theirs", { mode: 0o755 }), "foreign"],
    [
      "a second name of somebody else's program",
      () => {
        writeFileSync(scratch.at("theirs"), "theirs");
        linkSync(scratch.at("theirs"), scratch.path);
      },
      "foreign",
    ],
    ["somebody else's symlink", () => symlinkSync("/usr/bin/id", scratch.path), "foreign"],
    ["a folder", () => mkdirSync(scratch.path), "in-the-way"],
    [
      "a link on the way",
      () => {
        rmSync(scratch.at("bin"), { recursive: true });
        symlinkSync("/usr/bin", scratch.at("bin"));
      },
      "symlink",
    ],
    ["a directory that everybody may write to", () => chmodSync(scratch.at("bin"), 0o777), "unsafe-parent"],
    ["somebody else's directory", () => chownSync(scratch.at("bin"), 65534, 65534), "unsafe-parent"],
  ];
  async function expectRefusal(code: string, surroundings: StepSurroundings): Promise<void> {
    const before = await scratch.listing();
    expect((await scratch.install(surroundings)).answer.failure?.code).toBe(code);
    expect(await scratch.listing()).toEqual(before);
  }
  test.each(cases)("%s", async (_name, prepare, code) => {
    prepare();
    await expectRefusal(code, {});
  });

  test.each([
    ["setuid programs", "nosuid"],
    ["programs", "noexec"],
  ])("a file system without %s", (_what, option) =>
    expectRefusal(option, { before: `mount -t tmpfs -o ${option},mode=755 tmpfs ${scratch.at("bin")}` }),
  );

  test("a host without a working firewall, if a rule is declared", async () => {
    const before = await scratch.listing();
    const { answer } = await scratch.install({
      firewall: true,
      network: network.file,
      before: without("/usr/sbin/nft", "/usr/sbin/iptables"),
    });
    expect(answer.failure).toEqual({
      code: "no-firewall",
      reason: "neither nft nor iptables works on the host",
      remedy: "install nftables, or set `firewall: false`",
    });
    expect(await scratch.listing()).toEqual(before);
  });

  test("missing tools, all of which are named at once", async () => {
    const before = await scratch.listing();
    const needs = ["command make", "command no-such-compiler", "header stdio.h", "header no/such.h"];
    const { answer } = await scratch.run(safeExecSteps.apply, {
      source: "a source",
      url: undefined,
      commit: undefined,
      archive: undefined,
      sha256: undefined,
      strip: undefined,
      firewallWanted: false,
      needs,
    });
    expect([answer.complete, answer.all("lacks"), answer.all("distribution")]).toEqual([
      true,
      [["command no-such-compiler"], ["header no/such.h"]],
      [[expect.any(String), expect.any(String)]],
    ]);
    expect(await scratch.listing()).toEqual(before);
  });
});

test("an install into a directory that a group may write to warns", async () => {
  chownSync(scratch.at("bin"), 0, 50);
  chmodSync(scratch.at("bin"), 0o2775);
  expect((await scratch.install()).answer.all("warn")).toEqual([
    [
      `${scratch.at("bin")} can be written by a group that is not root's: who is in it could put another safeexec there, and no jail's check runs one that is there; take that right away (\`chmod g-w\`)`,
    ],
  ]);
  expect(mode(scratch.path)).toBe("4755 0:0");
});

test("a later mount option that disables setuid is drift", async () => {
  await scratch.install();
  expect(
    await drift({
      before: `mount --bind ${scratch.at("bin")} ${scratch.at("bin")}; mount -o remount,bind,nosuid ${scratch.at("bin")}`,
    }),
  ).toEqual({ [scratch.path]: "is dead: its file system is mounted nosuid" });
});

test("a removal removes the directories made for the program, and no others", async () => {
  scratch.remove();
  scratch = new ScratchProgram("opt/judge/bin/safeexec");
  mkdirSync(scratch.at("opt"));
  expect((await scratch.install()).answer.complete).toBe(true);
  expect(mode(scratch.at("opt/judge/bin"))).toBe("755 0:0");
  await scratch.complete(safeExecSteps.remove);
  expect(readdirSync(scratch.at("opt"))).toEqual([]);
});

test.each(shells)(
  "a removal removes the directories made for the program, even if a run was killed while it made them, under %s",
  async (shell) => {
    scratch.remove();
    scratch = new ScratchProgram("opt/judge/bin/safeexec");
    mkdirSync(scratch.at("opt"));
    const cut = [
      noSudo,
      standIn(
        "mkdir",
        `case $* in ./judge) /usr/bin/mkdir "$@"; kill -KILL $PPID; exit ;; esac`,
        'exec /usr/bin/mkdir "$@"',
      ),
    ].join("; ");
    expect((await scratch.install({ shell: shell === "busybox" ? "dash" : shell, before: cut })).answer.complete).toBe(
      false,
    );
    expect(readdirSync(scratch.at("opt"))).toEqual(["judge"]);
    expect((await scratch.install({ shell })).answer.complete).toBe(true);
    await scratch.complete(safeExecSteps.remove, {}, { shell });
    expect(readdirSync(scratch.at("opt"))).toEqual([]);
  },
);

test.each(["", "/nowhere", "../.."])(
  "a removal removes no directory if the record of made directories is %j",
  async (record) => {
    scratch.remove();
    scratch = new ScratchProgram("opt/judge/bin/safeexec");
    await scratch.install();
    writeFileSync(`${scratch.records}/made-below`, record);
    await scratch.complete(safeExecSteps.remove);
    expect([existsSync(scratch.path), existsSync(scratch.at("opt/judge/bin"))]).toEqual([false, true]);
  },
);

describe("a read reports conflicts of the host with safeexec's accounts:", () => {
  const etc = (file: string, ...lines: string[]): string =>
    `f=$(mktemp -p ${scratch.outbox}); printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >$f; mount --bind $f /etc/${file}`;
  const quiet = () => [
    etc("group", "root:x:0:"),
    etc("passwd", "root:x:0:0::/root:/bin/sh", "nobody:x:65534:65534::/:/bin/sh"),
    "touch /etc/subuid 2>/dev/null; " + etc("subuid", "judge:100000:65536"),
  ];
  const pids = (most: number): string =>
    `f=$(mktemp -p ${scratch.outbox}); echo ${most} >$f; mount --bind $f /proc/sys/kernel/pid_max`;
  const cases: [string, () => string[], string[]][] = [
    ["none", () => [pids(32768)], []],
    [
      "another group with its number",
      () => [etc("group", "root:x:0:", "people:x:1000:")],
      ["gid 1000 is the group people's, whose files programs in safeexec may then use"],
    ],
    [
      "a user whose primary group has its number",
      () => [etc("passwd", "root:x:0:0::/:/bin/sh", "ann:x:1000:1000::/:/bin/sh")],
      ["gid 1000 is the group of ann"],
    ],
    [
      "other users with its numbers",
      () => [
        etc(
          "passwd",
          "a:x:9999:1::/:/bin/sh",
          "b:x:10000:1::/:/bin/sh",
          "c:x:42768:1::/:/bin/sh",
          "d:x:42769:1::/:/bin/sh",
          "e:x:20000:1::/:/bin/sh",
          "f:x:20001:1::/:/bin/sh",
        ),
      ],
      ["uids from 10000 to 42768 are in use (b, c, e and 1 more): programs in safeexec may get one of them"],
    ],
    [
      "subordinate uids that overlap its own",
      () => [etc("subuid", "low:1:9999", "reach:1:10000", "high:42769:1", "in:42768:1")],
      ["uids from 10000 to 42768 are subordinate ones (/etc/subuid) of reach, in"],
    ],
    [
      "process ids, and so uids, beyond the documented range",
      () => [pids(4194304)],
      ["process ids go up to 4194304, and so safeexec's uids beyond 42768, where other accounts may be"],
    ],
  ];
  test.each(cases)("%s", async (_name, before, facts) => {
    for (const shell of shells) {
      const answer = await scratch.look({ shell, before: [...quiet(), pids(32768), ...before()].join("\n") });
      expect([shell, answer.all("taken").map(([fact]) => fact)]).toEqual([shell, facts]);
    }
  });
});

describe("the firewall", () => {
  test("really blocks the group's packets, and nobody else's", async () => {
    const connect = (gid: number) =>
      network.run(`timeout 1 setpriv --regid ${gid} --clear-groups bash -c 'echo >/dev/tcp/127.0.0.1/9' 2>&1; echo $?`);
    expect(await connect(1000)).toMatch(/refused/);
    await scratch.install({ firewall: true, network: network.file });
    expect(await connect(1000)).toBe("124");
    expect(await connect(1001)).toMatch(/refused/);
  });

  test("that cannot be read is an error, and not a missing rule", async () => {
    await scratch.install({ firewall: true, network: network.file });
    const refusing = `mount -t tmpfs tmpfs /usr/local/sbin; printf '#!/bin/sh\\necho "Operation not permitted" >&2; exit 1\\n' >/usr/local/sbin/nft; chmod 755 /usr/local/sbin/nft`;
    const { answer } = await scratch.run(
      safeExecSteps.read,
      { firewallWanted: true },
      { network: network.file, before: refusing },
    );
    expect(answer.failure).toMatchObject({
      code: "firewall",
      reason: "nft cannot list its tables: Operation not permitted",
    });
  });

  test("keeps the rule as long as one safeexec of the host needs it", async () => {
    const other = new ScratchProgram("bin/other");
    try {
      // The records of two programs on one host are side by side.
      const beside = replacing(other, { records: scratch.at("state/programs/other") });
      await scratch.install({ firewall: true, network: network.file });
      await beside.install({ firewall: true, network: network.file });
      await scratch.complete(safeExecSteps.remove, {}, { network: network.file });
      expect(await rules()).toBe("1");
      await beside.complete(safeExecSteps.remove, {}, { network: network.file });
      expect(await rules()).toBe("0");
    } finally {
      other.remove();
    }
  });

  test("leaves all other rules alone", async () => {
    await network.run(
      "nft add table inet theirs; nft add chain inet theirs output '{ type filter hook output priority 0; }'; nft add rule inet theirs output meta skgid 1000 accept",
    );
    await scratch.install({ firewall: true, network: network.file });
    await scratch.complete(safeExecSteps.remove, {}, { network: network.file });
    expect(await network.run("nft list ruleset")).toMatch(/table inet theirs[^]*skgid 1000 accept/);
  });
});

describe("safeexec's lifecycle", () => {
  test("installs from a folder, writes nothing if all is as declared, and reads that the program is gone", async () => {
    const place = scratch.asPlace();
    const wanted = { ...inputs(), host: "" };
    const facts = await safeExec.apply(place, wanted, undefined);
    expect(facts).toEqual({
      digest: createHash("sha256").update(readFileSync(scratch.path)).digest("hex"),
      builtFrom: `folder ${(wanted.source as { digest: string }).digest}`,
      warnings: expect.any(Array),
      firewallTool: "",
    });
    const before = await scratch.listing();
    expect(await safeExec.apply(place, wanted, undefined)).toEqual(facts);
    expect(await safeExec.read(place, wanted, facts)).toEqual({ drift: {}, facts });
    expect(await scratch.listing()).toEqual(before);

    await safeExec.remove(place, wanted, facts);
    expect(await safeExec.read(place, wanted, facts)).toBeUndefined();
  });

  test("takes a compressed archive with one top-level folder from the control machine", async () => {
    const path = scratch.at("safeexec.tar.gz");
    await execa("tar", ["-c", "-z", "-f", path, "-C", scratch.folder, "source"]);
    const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
    const facts = await safeExec.apply(scratch.asPlace(), inputs({ source: { path, sha256 } }), undefined);
    expect([facts.builtFrom, mode(scratch.path)]).toEqual([`archive ${sha256}`, "4755 0:0"]);
    const wrong = inputs({ source: { path, sha256: "0".repeat(64) } });
    await expect(safeExec.apply(scratch.asPlace(), wrong, undefined)).rejects.toThrow(
      /source\.sha256: the archive .* has sha256/,
    );
  });

  test("refuses a folder that changed since check", async () => {
    const wanted = inputs();
    writeFileSync(scratch.at("source/more.c"), "");
    await expect(safeExec.apply(scratch.asPlace(), wanted, undefined)).rejects.toThrow(
      /is not what it was in the preview/,
    );
    expect(existsSync(scratch.path)).toBe(false);
  });

  test("makes an error of taken accounts with `requireFree`, and drift of those taken later", async () => {
    const before = `${noSudo}; echo 'people:x:1000:' >${scratch.outbox}/group; mount --bind ${scratch.outbox}/group /etc/group`;
    const place = scratch.asPlace({ before });
    const { warnings } = await safeExec.apply(place, inputs(), undefined);
    expect(warnings).toContain(
      "gid 1000 is the group people's, whose files programs in safeexec may then use: give that group another number",
    );
    expect((await safeExec.read(place, inputs({ requireFree: true }), {}))!.drift).toMatchObject({
      "requireFree: gid 1000 is the group people's, whose files programs in safeexec may then use": expect.any(String),
    });
    await expect(safeExec.apply(place, inputs({ requireFree: true }), undefined)).rejects.toThrow(
      /gid 1000 is the group people's[^]*or leave `requireFree` out/,
    );
  });

  describe("refuses a firewall rule for a group that others use, before it writes anything:", () => {
    const etc = (file: string, line: string): string =>
      `cp /etc/${file} ${scratch.outbox}/${file}; echo '${line}' >>${scratch.outbox}/${file}; mount --bind ${scratch.outbox}/${file} /etc/${file}`;
    const cases: [string, () => string, RegExp][] = [
      ["an entry in group", () => etc("group", "people:x:1000:"), /gid 1000 is the group people's/],
      ["a user's primary group", () => etc("passwd", "ann:x:1000:1000::/:/bin/sh"), /gid 1000 is the group of ann/],
      [
        "a group that only a lookup by number finds",
        () =>
          standIn(
            "getent",
            'case "$*" in "group 1000") echo "domain users@ad.example.org:*:1000:"; exit ;; esac',
            'exec /usr/bin/getent "$@"',
          ),
        /gid 1000 is the group domain users@ad\.example\.org's/,
      ],
      [
        "a running process",
        () => "setpriv --regid 1000 --clear-groups sleep 30 & trap 'kill $!' EXIT",
        /processes run in gid 1000: sleep/,
      ],
    ];
    test.each(cases)("%s", async (_name, before, reason) => {
      const files = await scratch.listing();
      const place = scratch.asPlace({ network: network.file, before: `${noSudo}; ${freeGroup()}; ${before()}` });
      const failure = await safeExec
        .apply(place, inputs({ firewall: true }), undefined)
        .catch((error: unknown) => error as Error);
      expect((failure as Error).message).toMatch(reason);
      expect((failure as Error).message).toMatch(/what to do: [^]*or set `firewall: false`/);
      expect([await scratch.listing(), await rules()]).toEqual([files, "0"]);
      await safeExec.apply(place, inputs({ firewall: true, requireFree: false }), undefined);
      expect(await rules()).toBe("1");
      await safeExec.remove(place, inputs(), {});
    });

    test("except a program that safeexec runs, or one in another network", async () => {
      const running = [
        "setpriv --reuid 12345 --regid 1000 --clear-groups sleep 30 & one=$!",
        "unshare -n setpriv --regid 1000 --clear-groups sleep 30 & two=$!; trap 'kill $one $two' EXIT; sleep 0.3",
      ].join("\n");
      const place = scratch.asPlace({ network: network.file, before: `${noSudo}\n${freeGroup()}\n${running}` });
      await safeExec.apply(place, inputs({ firewall: true }), undefined);
      expect(await rules()).toBe("1");
      await safeExec.remove(place, inputs(), {});
    });
  });

  test("refuses a new address that is another machine", async () => {
    const place = scratch.asPlace();
    const other = replacing(place, { host: replacing(place.host, { name: "judge-1" }) });
    await expect(safeExec.relocate!(other, inputs(), {})).rejects.toThrow(
      /judge-1: read safeexec: this address is another machine: its .* was not put there by us/,
    );
    await safeExec.apply(scratch.asPlace(), inputs(), undefined);
    await safeExec.relocate!(scratch.asPlace(), inputs(), {});
  });
});
