import { describe, expect, test } from "@jest/globals";
import { HostError } from "../../src/base/errors.js";
import type { Lines } from "../../src/remote/declaration.js";
import { librariesOf, scriptText } from "../../src/remote/scripts.js";
import { readAnswer } from "../../src/remote/read-answer.js";
import type { Step } from "../../src/remote/step.js";
import { everyStep as steps } from "./every-step.js";

/** A valid text for each kind of field. */
const samples = [
  "yes",
  "no",
  "none",
  "there",
  "missing",
  "ours",
  "c",
  "fail",
  "running",
  "joined",
  "cached",
  "done",
  "same",
  "word",
  "safeexec",
  "nosuid",
  "nft",
  "build",
  "dev",
  "group",
  "ro",
  "a symbolic link",
  "userspec",
  "maxsessions",
  "3.13",
  "1:1",
  "static",
  "c",
  "1",
  "0666",
  "0.5",
  "/srv/a",
  "command cc",
  "a".repeat(16),
  "a".repeat(64),
  "1.0",
  "name",
];
/** Malformed texts for fields. */
const forged: Record<string, string> = {
  "that climbs": "../../../../tmp/pwned",
  "that is an absolute path out of the way": "/../../etc/passwd",
  "of terminal sequences": "\u001b]0;title\u0007\u001b[2J\u009b31mx",
  "of bidi and zero-width controls": "\u202ea\u2066b\u200bc\ufeff",
  "of C0 and C1 controls": "a\u0000b\u0008\r\u0085c\u007f",
  "of 100,000 characters": "x".repeat(100_000),
  "of 5,000 components": "/a".repeat(5000),
  "that is a number beyond all": "9".repeat(400),
  "that is negative": "-1",
  "that is no number": "NaN",
  "that is empty": "",
  "that a shell would run": "$(touch /tmp/pwned); `id`",
  "that names what every object has": "__proto__",
  "that encodes terminal sequences and a line break": "\\033]0;title\\007\\033[2J\\012x\\377",
};
const unclean = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const longest = 10_000;

function validLine(name: string, { forms }: Lines): string[] {
  return [
    name,
    ...forms[0]!.map((field) => {
      const sample = samples.find((one) => field.safeParse(one).success);
      if (sample === undefined) throw new Error(`no sample for a field of ${name}`);
      return sample;
    }),
  ];
}

/** A valid answer of a step, with each of its lines once. */
function validAnswer({ answers }: Step): string[][] {
  return Object.entries(answers).map(([name, lines]) => validLine(name, lines));
}

const printed = (lines: readonly (readonly string[])[]): string =>
  ["started", ...lines.map((line) => line.join("\t")), "done", ""].join("\n");
const read = (step: Step, lines: readonly (readonly string[])[]) => readAnswer("judge-1", step, printed(lines), "");

/** Reads an answer. Returns "refused", or its contents. */
function outcome(step: Step, lines: readonly (readonly string[])[]): "refused" | string[] {
  try {
    const answer = read(step, lines);
    return [...new Set(lines.map(([name]) => name!))].flatMap((name) => answer.all(name).flat());
  } catch (error) {
    if (!(error instanceof HostError) || error.code !== "bad-answer") throw error;
    expect(error.message.startsWith(`judge-1: ${step.does}: the host does not answer as this step does: `)).toBe(true);
    expect([error.message.replace(/\n/g, " ").match(unclean), error.message.length < 1000]).toEqual([null, true]);
    return "refused";
  }
}

describe.each(Object.keys(steps))("%s", (name) => {
  const step = steps[name]!;
  const { answers } = step;
  const files = [step.script, ...librariesOf(step.script)];
  const valid = validAnswer(step);

  test("declares the lines that its script answers, and no others", () => {
    const [body, ...libraries] = files.map((file) => scriptText(file).replace(/^\s*#.*$/gm, ""));
    const inBody = [...body!.matchAll(/(?<![\w-])answer '?([a-z-]+)/g)].map(([, word]) => word!);
    expect(inBody.filter((word) => !Object.hasOwn(answers, word))).toEqual([]);
    const all = [
      body!,
      ...libraries,
      ...(files.some((file) => file.endsWith("describe.sh")) ? [scriptText("jail-packages/describe.py")] : []),
      ...(files.some((file) => file.endsWith("jail-audit/run.sh"))
        ? ["inside.sh", "jail.sh"]
            .map((file) => scriptText(`jail-audit/${file}`))
            .concat(scriptText("sandbox.sh"), "answer started answer done")
        : []),
      scriptText("base.sh"),
    ].join("\n");
    // Forms of answers: `answer WORD`, "WORD" in awk or Python, `WORD$tab` of stat, `word WORD` in a function, a
    // pattern of `case`, and records.
    const given = (word: string): boolean =>
      new RegExp(
        `answer '?${word}\\b|"${word}"|"${word}"? tab|"${word}\\$tab|answer_release ${word}\\b|"${word}\\\\t|found "${word}|[(|] ?${word} ?[|)]`,
      ).test(all);
    expect(Object.keys(answers).filter((word) => !given(word))).toEqual([]);
  });

  test("accepts an answer that is as declared", () => expect(outcome(step, valid)).not.toBe("refused"));

  test("refuses or cleans malformed fields", () => {
    valid.forEach((line, index) =>
      line.slice(1).forEach((_field, at) => {
        for (const [what, field] of Object.entries(forged)) {
          const lines = valid.map((one, other) =>
            other === index ? one.map((known, position) => (position === at + 1 ? field : known)) : one,
          );
          const came = outcome(step, lines);
          if (came === "refused") continue;
          for (const text of came)
            expect([line[0], what, text.match(unclean), text.length <= longest]).toEqual([line[0], what, null, true]);
        }
      }),
    );
  });

  test("refuses unknown lines, lines with too many or too few fields, and lines that come too often", () => {
    expect(outcome(step, [...valid, ["pwned", "x"]])).toBe("refused");
    expect(outcome(step, [...valid, ["__proto__"]])).toBe("refused");
    expect(outcome(step, [...valid, ["constructor", "x"]])).toBe("refused");
    expect(outcome(step, [...valid, ["fail", "Not A Code", "why", "what"]])).toBe("refused");
    for (const line of valid) {
      const { forms, most, least } = answers[line[0]!]!;
      if (!forms.some(({ length }) => length === line.length))
        expect(
          outcome(
            step,
            valid.map((one) => (one === line ? [...one, "more"] : one)),
          ),
        ).toBe("refused");
      if (line.length > 1 && !forms.some(({ length }) => length === line.length - 2))
        expect(
          outcome(
            step,
            valid.map((one) => (one === line ? one.slice(0, -1) : one)),
          ),
        ).toBe("refused");
      expect([line[0], outcome(step, [...valid, ...Array.from({ length: most }, () => line)])]).toEqual([
        line[0],
        "refused",
      ]);
      if (least > 0)
        expect([
          line[0],
          outcome(
            step,
            valid.filter((one) => one !== line),
          ),
        ]).toEqual([line[0], "refused"]);
    }
  });

  test("names the host and the step if a line is missing", () => {
    const missing = Object.entries(answers).filter(
      ([word, { least }]) => least === 0 && !["started", "done"].includes(word),
    );
    const answer = read(
      step,
      valid.filter(([word]) => !missing.some(([one]) => one === word)),
    );
    for (const [word] of missing)
      expect(() => answer.one(word)).toThrow(
        `judge-1: ${step.does}: the host does not answer as this step does: the remote step gave no "${word}"`,
      );
  });
});

describe("an answer without an end", () => {
  const step = steps["node: read"]!;
  test("is refused at its first line too many, however many follow", () => {
    expect(
      outcome(
        step,
        Array.from({ length: 200_000 }, () => ["node", "missing"]),
      ),
    ).toBe("refused");
  });

  test("that is one long line is refused, and shown in part", () => {
    expect(outcome(step, [["x".repeat(4_000_000)]])).toBe("refused");
    expect(outcome(step, [["node", ...Array.from({ length: 1_000_000 }, () => "")]])).toBe("refused");
  });

  test("that is cut off in a line is a step that ended early, and not a bad answer", () => {
    expect(readAnswer("judge-1", step, "started\nnode\tmiss", "").complete).toBe(false);
    expect(() => readAnswer("judge-1", step, "started\nnode\tmiss\nnode\tmissing\n", "")).toThrow(
      "does not answer as this step does",
    );
  });
});
