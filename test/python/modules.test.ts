import { describe, expect, test } from "@jest/globals";
import { defaultModules, moduleNeeds, tools, xz, type BuildNeed } from "../../src/python/modules.js";
import { familyOf, installCommand, packagesFor, type Family } from "../../src/remote/distributions.js";

describe("a distribution's family, from ID and ID_LIKE of its os-release,", () => {
  const cases: [string, string, Family | undefined][] = [
    ["debian", "", "debian"],
    ["ubuntu", "debian", "debian"],
    ["linuxmint", "ubuntu debian", "debian"],
    ["raspbian", "debian", "debian"],
    ["fedora", "", "fedora"],
    ["rocky", "rhel centos fedora", "fedora"],
    ["almalinux", "rhel centos fedora", "fedora"],
    ["ol", "fedora", "fedora"],
    ["centos", "", "fedora"],
    ["alpine", "", "alpine"],
    ["postmarketos", "alpine", "alpine"],
    ["opensuse-leap", "suse opensuse", "suse"],
    ["sles", "suse", "suse"],
    ["arch", "", undefined],
    ["", "", undefined],
  ];
  test.each(cases)("of %j like %j is %j", (id, like, family) => expect(familyOf(id, like)).toBe(family));
});

describe("the packages to install", () => {
  test("are each named once", () => {
    expect(packagesFor([moduleNeeds.ssl!, moduleNeeds.hashlib!, moduleNeeds.bz2!], "debian")).toEqual([
      "libbz2-dev",
      "libssl-dev",
    ]);
  });

  test("are named in the command of the distribution", () => {
    const needs = [moduleNeeds.ssl!, tools.make];
    expect(installCommand(needs, "debian")).toBe("`apt-get install -y libssl-dev make`");
    expect(installCommand(needs, "fedora")).toBe("`dnf install -y make openssl-devel`");
    expect(installCommand(needs, "alpine")).toBe("`apk add make openssl-dev`");
    expect(installCommand(needs, "suse")).toBe("`zypper --non-interactive install libopenssl-devel make`");
  });

  test("are named in the commands of all families if the distribution is unknown", () => {
    expect(installCommand([xz], undefined)).toBe(
      "`apt-get install -y xz-utils` (debian), `dnf install -y xz` (fedora), `apk add xz` (alpine)",
    );
  });

  test("are known for every module that is required by default, in every family", () => {
    for (const module of defaultModules)
      expect([module, Object.values(moduleNeeds[module]?.packages ?? {}).filter(Boolean).length]).toEqual([module, 4]);
  });

  test("are known for the modules that 3.14 added, and for _uuid", () => {
    expect(packagesFor([moduleNeeds["compression.zstd"]!, moduleNeeds.uuid!, moduleNeeds._uuid!], "debian")).toEqual([
      "libzstd-dev",
      "uuid-dev",
    ]);
  });

  test("can be detected, as each need names a header or a command", () => {
    const needs = Object.entries<BuildNeed>({ ...tools, ...moduleNeeds, xz });
    expect(
      needs.filter(([, need]) => (need.header === undefined) === (need.command === undefined)).map(([name]) => name),
    ).toEqual([]);
  });
});
