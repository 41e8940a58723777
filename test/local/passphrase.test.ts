import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { passphraseSource, useOwnPassphrase } from "../../src/local/passphrase.js";

describe("the passphrase comes, as in Pulumi,", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "passphrase-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test("from the variable first, even if that is empty", () =>
    expect(passphraseSource({ PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: "/nowhere" })).toEqual({
      from: "variable",
    }));
  test("from nowhere if no variable is set", () => expect(passphraseSource({})).toEqual({ from: "nowhere" }));
  test("from a file, which may be missing or readable by others", () => {
    const path = join(folder, "passphrase");
    const found = (): unknown => passphraseSource({ PULUMI_CONFIG_PASSPHRASE_FILE: path });
    expect(found()).toEqual({ from: "file", path, is: "missing" });
    writeFileSync(path, "x", { mode: 0o600 });
    expect(found()).toEqual({ from: "file", path, is: "there" });
    chmodSync(path, 0o640);
    expect(found()).toEqual({ from: "file", path, is: "open to others" });
  });

  test("from init's own file, for our commands, unless the environment says otherwise", () => {
    const file = join(folder, "own");
    const used = (env: Record<string, string>): unknown => {
      useOwnPassphrase(env, file);
      return env;
    };
    expect(used({})).toEqual({});
    writeFileSync(file, "x");
    expect(used({})).toEqual({ PULUMI_CONFIG_PASSPHRASE_FILE: file });
    for (const given of [{ PULUMI_CONFIG_PASSPHRASE: "" }, { PULUMI_CONFIG_PASSPHRASE_FILE: "mine" }])
      expect(used({ ...given })).toEqual(given);
  });
});
