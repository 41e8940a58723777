import { describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import fc from "fast-check";
import { visPath } from "../../src/remote/fields.js";
import { scriptText } from "../../src/remote/scripts.js";
import { unvis, vis, visPattern } from "../../src/remote/vis.js";
import { shells } from "./run-step.js";

const bytes = fc.uint8Array({ maxLength: 300 });

describe("an encoded text", () => {
  test("decodes to the same bytes", () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const encoded = vis(content);
        expect(encoded).toMatch(/^[!-~]*$/);
        expect(encoded).toMatch(visPattern);
        expect(unvis(encoded)).toEqual(Buffer.from(content));
      }),
    );
  });

  test("is one word to a shell, without expansion", () => {
    fc.assert(
      fc.property(bytes, (content) => {
        expect(vis(content)).not.toMatch(/[\s*?[#%]/);
      }),
    );
  });

  test.each([
    ["a", "a"],
    ["a b", "a\\040b"],
    ["é\n", "\\303\\251\\012"],
    ["100%", "100\\045"],
    ["\\", "\\134"],
    ["", ""],
  ])("of %j is %s", (text, encoded) => expect(vis(text)).toBe(encoded));

  test.each(["a\\", "\\04", "\\999", "\\400", "a b", "é", "a\n", "\u001b[2J"])("is not %j", (text) => {
    expect(text).not.toMatch(visPattern);
    expect(() => unvis(text)).toThrow("not encoded");
    expect(visPath().safeParse(text).success).toBe(false);
  });

  test.each([
    ["static/\\303\\251\\040x", "static/é x"],
    ["static/\\033]0;title\\007x\\033[2J", "static/x"],
    ["a\\012b\\011c\\177", "a?b c?"],
    ["\\342\\200\\256a", "?a"],
    ["\\377\\376", "\ufffd\ufffd"],
    ["b".repeat(500), `${"b".repeat(399)}…`],
  ])("of a path, %j, is displayed as %j", (encoded, shown) => expect(visPath().parse(encoded)).toBe(shown));
});

describe.each(shells)("under %s", (shell) => {
  const [command, ...words] = shell === "busybox" ? ["busybox", "sh", "-s"] : [shell, "-s"];
  // With `busybox`, awk is busybox's as well.
  const awk = shell === "busybox" ? 'awk() { busybox awk "$@"; }\n' : "";
  const printed = async (script: string): Promise<Buffer> => {
    const input = `LC_ALL=C; export LC_ALL\n${awk}${scriptText("vis.sh")}\n${script}\n`;
    const { stdout } = await execa(command, words, { input, encoding: "buffer", stripFinalNewline: false });
    return Buffer.from(stdout);
  };
  const quoted = (content: Uint8Array): string =>
    `printf '${Array.from(content, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}'`;

  test("the shell's `vis` encodes any line as ours does", async () => {
    const lines = fc
      .uint8Array({ min: 1, max: 255, maxLength: 300 })
      .map((content) => content.filter((byte) => byte !== 10));
    await fc.assert(
      fc.asyncProperty(lines, async (line) => {
        const stdout = await printed(`{ ${quoted(line)}; echo; } | vis_lines`);
        expect(stdout.toString("latin1")).toBe(`${vis(line)}\n`);
      }),
      { numRuns: 15 },
    );
    const all = Uint8Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 10);
    expect((await printed(`{ ${quoted(all)}; echo; } | vis_lines`)).toString("latin1")).toBe(`${vis(all)}\n`);
  });

  test("the shell decodes our encoded text to the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        expect(await printed(`unvis '${vis(content).replaceAll("'", "'\\''")}'`)).toEqual(Buffer.from(content));
      }),
      { numRuns: 15 },
    );
  });
});
