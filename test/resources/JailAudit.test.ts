import { describe, expect, test } from "@jest/globals";
import { checkNames } from "../../src/audit/checks.js";
import type { Finding } from "../../src/audit/finding.js";
import { checked } from "../../src/base/validation.js";
import { defaultLimits } from "../../src/jail/sandbox-limits.js";
import { compareFindings, jailAudit, reported, withOutside } from "../../src/kinds/JailAudit.js";

const jail = { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail" };

describe("inputs", () => {
  test("have defaults", () => {
    expect(checked(jailAudit.schema, jail).value).toMatchObject({
      uid: 10000,
      gid: 1000,
      limits: defaultLimits,
      owner: "root",
      devices: ["null", "random", "urandom"],
      failOn: ["static", "confinement"],
      accept: {},
      triggers: [],
    });
  });
  test("failOn and accept take every check's name", () => {
    const accept = Object.fromEntries(checkNames.map((name) => [name, "why"]));
    expect(checked(jailAudit.schema, { ...jail, failOn: [...checkNames, "warn"], accept }).reasons).toBeUndefined();
  });
  test.each<[object, RegExp]>([
    [{ failOn: ["setuid"] }, /^failOn\[0\]: must be of: static, confinement, function, warn, setuid-files, /],
    [{ accept: { setuid: "why" } }, /^accept.*must be a check's name: setuid-files, /],
    [{ accept: { "host-kernel": "" } }, /^accept\.host-kernel: must say why$/],
    [{ devices: ["zero"] }, /^devices\[0\]/],
    [{ uid: 0 }, /^uid/],
    [{ checks: [] }, /unknown property "checks"/],
  ])("%j is refused, and the property named", (inputs, reason) => {
    const { reasons } = checked(jailAudit.schema, { ...jail, ...inputs });
    expect(reasons).toHaveLength(1);
    expect(reasons![0]).toMatch(reason);
  });
});

const failed: Finding = { check: "setuid-files", result: "fail", evidence: "bin/x is setuid" };
const warned: Finding = { check: "host-kernel", result: "warn", evidence: "swap" };

test("drift is what would be an error now", () => {
  const policy = { failOn: ["static" as const], accept: {} };
  expect(compareFindings([failed, warned], policy)).toEqual({ "setuid-files": "bin/x is setuid" });
  expect(compareFindings([failed], { ...policy, accept: { "setuid-files": "known" } })).toEqual({});
  expect(compareFindings([failed], { ...policy, failOn: ["confinement"] })).toEqual({});
});

test("a look from outside exchanges what it sees in another state, and leaves what only the trials know", () => {
  const slow: Finding = { check: "no-network", result: "fail", evidence: "it reached the network" };
  const facts = {
    summary: `${checkNames.length - 3} passed, 1 warned, 2 failed`,
    findings: reported([failed, warned, slow]),
    via: "chroot" as const,
  };
  const rest = checkNames.length - 3;
  expect(withOutside(facts, [{ ...failed, evidence: "bin/y too" }, warned], {})).toBe(facts);
  const mended = withOutside(
    facts,
    [
      { ...failed, result: "pass" },
      { ...warned, result: "fail", evidence: "swap, and more" },
    ],
    {},
  );
  expect(mended.findings).toEqual(
    [slow, { ...warned, result: "fail", evidence: "swap, and more" }].sort(
      (one, other) => checkNames.indexOf(one.check) - checkNames.indexOf(other.check),
    ),
  );
  expect(mended.summary).toBe(`${rest + 1} passed, 2 failed`);
  // Of these, some had no room in the state.
  const more = { ...facts, summary: `${rest - 4} passed, 1 warned, 2 failed, 4 not applicable` };
  expect(withOutside(more, [{ ...failed, result: "pass" }], {})).toBe(more);
});

test("the state holds what did not pass, the worst first, and has room for it", () => {
  expect(reported([warned, { check: "hello", result: "pass", evidence: "2" }, failed])).toEqual([failed, warned]);
  const all = checkNames.map((check): Finding => ({ check, result: "fail", evidence: "ä".repeat(300) }));
  expect(JSON.stringify(reported(all)).length).toBeLessThan(2500);
  expect(reported(all).length).toBeGreaterThan(5);
});
