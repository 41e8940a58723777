import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { checked } from "../../../src/base/validation.js";
import { jailLibraries, librarySteps } from "../../../src/kinds/JailLibraries.js";
import { shells, type StepSurroundings } from "../run-step.js";
import { ScratchJail } from "../scratch-jail.js";
import { compile, compileLibrary, machineLibraryFolder } from "./compile.js";

let made: string;
let libraryFolder: string;
let jail: ScratchJail;

beforeAll(async () => {
  made = makeHostDirectory();
  chmodSync(made, 0o755);
  libraryFolder = await machineLibraryFolder();
  await compileLibrary(`${made}/deep/libdeep.so.1`, "int deep(void) { return 42; }");
  await compileLibrary(
    `${made}/plugins/plugin.so`,
    "int deep(void); int plugin(void) { return deep(); }",
    `${made}/deep/libdeep.so.1`,
    "-Wl,-rpath,/opt/deep",
  );
  await compileLibrary(`${made}/secret/secret.so`, "int secret(void) { return 1; }");
  chmodSync(`${made}/secret`, 0o700);
  // A program that opens libraries at run time: one by name, and, once that loads, one by path. It prints its user.
  await compile(
    `${made}/seeker`,
    `
    #include <dlfcn.h>
    #include <stdio.h>
    #include <unistd.h>
    int main(int count, char **words) {
      if (count > 1 && words[1][0] == 'w') { FILE *file = fopen("/tmp/file", "w"); return !file || fputs("x", file) < 0 || fclose(file); }
      if (count > 1) sleep(60);
      printf("%d:%d ", (int)getuid(), (int)getgid());
      dlopen("/opt/secret/secret.so", RTLD_NOW);
      dlopen("/bin/tool.so", RTLD_NOW);
      dlopen("libnowhere.so.7", RTLD_NOW);
      if (!dlopen("libcrypto.so.3", RTLD_NOW)) { puts("no crypto"); return 0; }
      void *plugin = dlopen("/opt/plugins/plugin.so", RTLD_NOW);
      if (!plugin) { puts("no plugin"); return 0; }
      printf("%d\\n", ((int (*)(void))dlsym(plugin, "plugin"))());
      return 0;
    }`,
    "-ldl",
  );
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/seeker", { copyOf: `${made}/seeker` });
});
afterEach(() => {
  jest.restoreAllMocks();
  jail.remove();
});

const inputs = (trace: string[][]) =>
  checked(jailLibraries.schema, { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail", trace })
    .value!;
/** The commands that put the compiled files into the host's /opt. */
const vendors = (): string => `mount --bind ${made} /opt`;
const seek = async (): Promise<string> =>
  (await execa("chroot", ["--userspec=+10000:+1000", jail.path, "/bin/seeker"])).stdout;

async function saying<T>(what: "log" | "warn", work: () => Promise<T>): Promise<[T, string[]]> {
  const spy = jest.spyOn(console, what).mockImplementation(() => {});
  const result = await work();
  const lines = spy.mock.calls.map(([line]) => String(line));
  spy.mockRestore();
  return [result, lines];
}

test("a traced program may write to a directory of its own", async () => {
  mkdirSync(jail.at("tmp"));
  chmodSync(jail.at("tmp"), 0o1777);
  const [, lines] = await saying("warn", () =>
    jailLibraries.apply(jail.asJail({ before: vendors() }), inputs([["/bin/seeker", "write"]]), undefined),
  );
  expect([lines, readFileSync(jail.at("tmp/file"), "utf8")]).toEqual([[], "x"]);
});

test.each(shells.filter((shell) => shell !== "busybox"))(
  "a trace copies the libraries that a program fails to open into the jail, with all that they need; under %s",
  async (shell) => {
    const traced = inputs([["/bin/seeker"]]);
    const surroundings: StepSurroundings = { shell, before: vendors() };
    const [facts, lines] = await saying("log", () => jailLibraries.apply(jail.asJail(surroundings), traced, undefined));
    const expected = [`/${libraryFolder}/libcrypto.so.3`, "/opt/plugins/plugin.so"].sort();
    expect(facts.traced).toEqual(expected);
    // The program opens the second only once the first loads.
    expect(lines.filter((line) => line.includes("added"))).toEqual([
      `: libraries: added /${libraryFolder}/libcrypto.so.3, which a traced command looked for`,
      `: libraries: added /opt/plugins/plugin.so, which a traced command looked for`,
    ]);
    expect(await seek()).toBe("10000:1000 42");
    expect(existsSync(jail.at(`${libraryFolder}/libdeep.so.1`))).toBe(true);
    expect(existsSync(jail.at("opt/secret/secret.so"))).toBe(false);

    // A read runs no program, and knows that they are needed. Another copy changes nothing.
    const before = await jail.listing();
    const seen = await jailLibraries.read(jail.asJail(surroundings), traced, facts);
    expect(seen).toEqual({ drift: {}, facts });
    expect(await jailLibraries.apply(jail.asJail(surroundings), traced, undefined)).toEqual(facts);
    expect(await jail.listing()).toEqual(before);

    // They are removed once the program does not open them, or is not traced any more.
    const without = await jailLibraries.apply(jail.asJail(surroundings), inputs([]), undefined);
    expect(without.traced).toEqual([]);
    expect(existsSync(jail.at(`${libraryFolder}/libcrypto.so.3`))).toBe(false);
    expect(existsSync(jail.at("opt"))).toBe(false);
  },
);

test("a trace runs commands with any words, and reports those that fail or do not end", async () => {
  jail.put("bin/sh", { copyOf: "/bin/dash" });
  const traced = inputs([["/bin/sh", "-c", 'echo "it\'s\n$HOME"; exit 3'], ["/bin/nothing"]]);
  const [, warnings] = await saying("warn", () => jailLibraries.apply(jail.asJail(), traced, undefined));
  expect(warnings).toEqual([
    `warning: : libraries: the traced command /bin/sh -c echo "it's\n$HOME"; exit 3 ended with exit code 3: it's`,
    expect.stringMatching(
      /the traced command \/bin\/nothing ended with exit code 127: chroot: .*No such file or directory$/,
    ),
  ]);
  // A failing command keeps what earlier traces found.
  await saying("log", () =>
    jailLibraries.apply(jail.asJail({ before: vendors() }), inputs([["/bin/seeker"]]), undefined),
  );
  const [kept] = await saying("warn", () =>
    jailLibraries.apply(jail.asJail({ before: vendors() }), inputs([["/bin/nothing"]]), undefined),
  );
  expect(kept.traced).toHaveLength(2);
  const [gone] = await saying("warn", () =>
    jailLibraries.apply(jail.asJail(), inputs([["/bin/sh", "-c", ":"]]), undefined),
  );
  expect(gone.traced).toEqual([]);
});

test.each(shells.filter((shell) => shell !== "busybox"))(
  "a traced command cannot use up the host's resources; under %s",
  async (shell) => {
    await compile(
      `${made}/hungry`,
      `
    #include <fcntl.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>
    int main(void) {
      int children = 0;
      static int made[1000];
      while (children < 1000) { int child = fork(); if (child < 0) break; if (!child) { pause(); _exit(0); } made[children++] = child; }
      void *much = malloc(5UL << 30);
      for (int i = 0; i < children; i++) { kill(made[i], 9); waitpid(made[i], 0, 0); }
      fprintf(stderr, "\\n%s processes, %s memory\\n", children < 100 ? "few" : "too many", much ? "too much" : "little");
      return 5;
    }`,
      "-include",
      "signal.h",
      "-include",
      "sys/wait.h",
    );
    jail.put("bin/hungry", { copyOf: `${made}/hungry` });
    const [, warnings] = await saying("warn", () =>
      jailLibraries.apply(jail.asJail({ shell }), inputs([["/bin/hungry"]]), undefined),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/the traced command \/bin\/hungry ended with exit code 5: few processes, little memory$/),
    ]);
  },
);

test("a trace fails on a host without strace, and the libraries in use stay", async () => {
  const plain = await jailLibraries.apply(jail.asJail(), inputs([]), undefined);
  const hidden = "for s in $(which -a strace); do mount --bind /dev/null $(readlink -f $s); done";
  await expect(
    jailLibraries.apply(jail.asJail({ before: hidden }), inputs([["/bin/seeker"]]), undefined),
  ).rejects.toThrow(/there is no strace on the host \[missing-tool\]\n +what to do: install strace/);
  expect((await jailLibraries.apply(jail.asJail(), inputs([]), undefined)).digest).toBe(plain.digest);
});

test("a library that was altered before a trace is drift after it", async () => {
  const surroundings = { before: vendors() };
  await jailLibraries.apply(jail.asJail(surroundings), inputs([]), undefined);
  const library = `${libraryFolder}/libc.so.6`;
  appendFileSync(jail.at(library), "altered");
  const { uid, gid, seconds } = { uid: 10000, gid: 1000, seconds: 60 };
  await jail.complete(librarySteps.trace, { uid, gid, seconds, commands: ["/bin/seeker"] }, surroundings);
  const seen = await jailLibraries.read(jail.asJail(surroundings), inputs([]), {});
  expect(seen?.drift).toMatchObject({ [library]: "was altered" });
});
