import { describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import fc from "fast-check";
import { variableOf, type Argument, type Value } from "../../src/remote/arguments.js";
import { assemble } from "../../src/remote/program.js";
import { librariesOf, scriptText } from "../../src/remote/scripts.js";
import type { Step } from "../../src/remote/step.js";
import { everyStep } from "./every-step.js";
import { shells } from "./run-step.js";

const place = { path: "/srv/a jail", records: "/var/lib/records", cache: "/var/cache/one" };
const steps = Object.entries(everyStep);

/** The variables that a step's script gets, and `@` for positional parameters. */
function gets({ gets: ofPlace = ["jail", "records"], args = {} }: Step): string[] {
  const declared = Object.entries(args).map(([name, { form }]) => (form === "rest" ? "@" : variableOf(name)));
  return [...ofPlace, ...declared];
}

/** The text of a shell script in which variables are expanded: without comments and single-quoted strings. */
function expandedIn(script: string): string {
  let kept = "";
  const within: ('"' | "(")[] = [];
  for (let at = 0; at < script.length; at += 1) {
    const character = script[at]!;
    const quoted = within.at(-1) === '"';
    if (character === "\\") at += 1;
    else if (character === '"') {
      if (quoted) within.pop();
      else within.push('"');
    } else if (character === "'" && !quoted) at = script.indexOf("'", at + 1);
    else if (character === "#" && !quoted && /^$|[\s;(]/.test(script[at - 1] ?? "")) at = script.indexOf("\n", at) - 1;
    else if (character === "(" && (!quoted || script[at - 1] === "$")) within.push("(");
    else if (character === ")" && within.at(-1) === "(") within.pop();
    if (script[at] === character) kept += character;
  }
  return kept;
}

/** Matches a function of a script. Its first and last lines contain nothing else. */
const functions = /^(\w+)\(\) [{(]\n[^]*?^[})]$/gm;

/** The text of a step's script, and of the library functions that it calls. */
function textsOf(step: Step): { readonly own: string; readonly all: string } {
  const own = expandedIn(scriptText(step.script));
  const libraries = ["base.sh", ...librariesOf(step.script)].map((file) => expandedIn(scriptText(file))).join("\n");
  const uncalled = new Map([...libraries.matchAll(functions)].map(([text, name]) => [name!, text]));
  let all = `${own}\n${libraries.replace(functions, "")}`;
  for (let before = ""; before !== all;) {
    before = all;
    for (const [name, text] of uncalled) {
      if (!new RegExp(`\\b${name}\\b`).test(all)) continue;
      all += `\n${text}`;
      uncalled.delete(name);
    }
  }
  return { own, all };
}

/** The variables that a script and its functions read. `needed`: without those that may be unset. */
function namesIn(step: Step): { readonly read: Set<string>; readonly needed: Set<string>; readonly set: Set<string> } {
  const { own, all } = textsOf(step);
  const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name!);
  const read = found(all, /\$\{?#?([a-z_][a-z0-9_]*)/g);
  const positional = /\$[@*]|\bfor \w+; do/.test(own.replace(functions, "")) ? ["@"] : [];
  const optional = new Set(found(all, /\$\{([a-z_][a-z0-9_]*):?[-+]/g));
  return {
    read: new Set([...read, ...positional]),
    needed: new Set(read.filter((name) => !optional.has(name))),
    set: new Set([
      ...found(all, /(?<![\w$])([a-z_][a-z0-9_]*)=/g),
      ...found(all, /\bfor ([a-z_]\w*)/g),
      ...[...all.matchAll(/\bread (?:-r )?([a-z_][a-z0-9_ ]*)/g)].flatMap(([, names]) => names!.split(" ")),
    ]),
  };
}

/** The variables that program.ts, or the shell's start, sets in every program. */
const everywhere = ["logical_host", "namespace"];

describe.each(steps)("%s", (_name, step) => {
  const { read, needed, set } = namesIn(step);

  test("declares all variables that its script reads and does not set", () => {
    const known = new Set([...gets(step), ...everywhere, ...set]);
    expect([...needed].filter((name) => !known.has(name))).toEqual([]);
  });

  test("declares no variable that its script does not read", () => {
    expect(gets(step).filter((name) => !read.has(name))).toEqual([]);
  });

  test("has at most one argument for positional parameters, and no name twice", () => {
    expect(new Set(gets(step)).size).toBe(gets(step).length);
  });

  test("gets the variables that the first line of its script names", () => {
    const [first] = scriptText(step.script).split("\n");
    const said = /^# [a-z-]+\.sh \(([^)]*)\)/.exec(first!)?.[1] ?? "nothing";
    expect([...said.matchAll(/\$([a-z0-9_]+|@)/g)].map(([, name]) => name)).toEqual(gets(step));
  });
});

test("the test finds a name that a script reads and nothing sets, whatever surrounds it", () => {
  const script = [
    "# $comment",
    'if [ "$one" = \'$quoted\' ]; then x="$(cut -d \' \' -f 1 "$two" | sed "s|$three||")"; fi',
    "awk '{ print $field }' \"$four\" \\$escaped # $comment",
    'echo "it\'s $five" ${six} "${seven-}" ${#eight}',
  ].join("\n");
  const text = expandedIn(script);
  expect([...text.matchAll(/\$\{?#?([a-z_][a-z0-9_]*)/g)].map(([, name]) => name)).toEqual([
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
  ]);
});

const pieces = [
  "'",
  '"',
  "\\",
  "$(id)",
  "`id`",
  "\n",
  "\n}\n",
  "\t",
  " ",
  "-n",
  "--",
  "%s",
  "\\n",
  "*",
  "é",
  "世",
  "\u0001",
  "\u007f",
  "a=b",
  "#",
];
const hostile = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((some) => some.join(""));

/** Difficult values of each form of argument, with what the script must get. */
function valuesOf({ form, schema }: Argument): fc.Arbitrary<readonly [Value, readonly string[]]> {
  if (form !== "variable") return fc.array(hostile, { maxLength: 5 }).map((items) => [items, items] as const);
  const kinds: fc.Arbitrary<readonly [Value, readonly string[]]>[] = [
    hostile.map((text) => [text, [text]] as const),
    fc.boolean().map((is) => [is, [is ? "yes" : "no"]] as const),
    fc.integer({ min: -1, max: 2 ** 40 }).map((count) => [count, [String(count)]] as const),
    fc.constant([undefined, [""]] as const),
  ];
  const fitting = kinds.filter((kind) => fc.sample(kind, 1).every(([value]) => schema.safeParse(value).success));
  return fc.oneof(...fitting);
}

describe.each(shells)("under %s", (shell) => {
  const [command, ...words] = shell === "busybox" ? ["busybox", "sh", "-s"] : [shell, "-s"];

  test.each(steps.filter(([, step]) => gets(step).length > 0))(
    "the arguments of %s reach its script unchanged",
    async (_name, step) => {
      const args = Object.entries(step.args ?? {});
      const show = args.map(([name, { form }]) => {
        if (form === "rest") return `[ $# = 0 ] || printf '%s\\0' "$@"`;
        return form === "variable"
          ? `printf '%s\\0' "$${variableOf(name)}"`
          : `printf '%s' "$${variableOf(name)}" | while IFS= read -r item; do unvis "$item"; printf '\\0'; done`;
      });
      const places = (step.gets ?? ["jail", "records"]).map((name) => `printf '%s\\0' "$${name}"`);
      const body = [...places, ...show].join("\n");
      const textOf = (file: string): string => (file === step.script ? body : "");
      const given = fc.tuple(...args.map(([, argument]) => valuesOf(argument)));
      await fc.assert(
        fc.asyncProperty(given, async (samples) => {
          const values = Object.fromEntries(args.map(([name], index) => [name, samples[index]![0]]));
          const program = assemble({ step, place, values }, "", textOf);
          const { stdout } = await execa(command, words, {
            input: `answer() { :; }\n${scriptText("vis.sh")}\n${program.slice(program.indexOf("step() {"))}`,
            stripFinalNewline: false,
          });
          const all = { jail: place.path, records: place.records, cache: place.cache };
          const expected = [
            ...(step.gets ?? (["jail", "records"] as const)).map((name) => all[name]),
            ...samples.flatMap(([, texts]) => texts),
          ];
          expect(stdout.split("\0").slice(0, -1)).toEqual(expected);
        }),
        { seed: 1, numRuns: 4 },
      );
    },
  );
});
