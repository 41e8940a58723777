import { describe, expect, test } from "@jest/globals";
import { defaultModules, moduleNeeds, tools, xz, type BuildNeed } from "../../src/python/modules.js";
import { familyOf, installCommand, packagesFor, type Family } from "../../src/remote/distributions.js";

describe("a distribution's family, by ID and ID_LIKE of its os-release", () => {
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
  test.each(cases)("%j like %j", (id, like, family) => expect(familyOf(id, like)).toBe(family));
});

describe("what must be installed", () => {
  test("is named each once", () => {
    expect(packagesFor([moduleNeeds.ssl!, moduleNeeds.hashlib!, moduleNeeds.bz2!], "debian")).toEqual([
      "libbz2-dev",
      "libssl-dev",
    ]);
  });

  test("is a command of the distribution", () => {
    const needs = [moduleNeeds.ssl!, tools.make];
    expect(installCommand(needs, "debian")).toBe("`apt-get install -y libssl-dev make`");
    expect(installCommand(needs, "fedora")).toBe("`dnf install -y make openssl-devel`");
    expect(installCommand(needs, "alpine")).toBe("`apk add make openssl-dev`");
    expect(installCommand(needs, "suse")).toBe("`zypper --non-interactive install libopenssl-devel make`");
  });

  test("is every family's command where nobody knows the distribution", () => {
    expect(installCommand([xz], undefined)).toBe(
      "`apt-get install -y xz-utils` (debian), `dnf install -y xz` (fedora), `apk add xz` (alpine)",
    );
  });

  test("is known for every module that is required by default, in every family", () => {
    for (const module of defaultModules)
      expect([module, Object.values(moduleNeeds[module]?.packages ?? {}).filter(Boolean).length]).toEqual([module, 4]);
  });

  test("is known for what 3.14 brought, and for the module behind uuid", () => {
    expect(packagesFor([moduleNeeds["compression.zstd"]!, moduleNeeds.uuid!, moduleNeeds._uuid!], "debian")).toEqual([
      "libzstd-dev",
      "uuid-dev",
    ]);
  });

  test("can be seen: each need names a header or a command", () => {
    const needs = Object.entries<BuildNeed>({ ...tools, ...moduleNeeds, xz });
    expect(
      needs.filter(([, need]) => (need.header === undefined) === (need.command === undefined)).map(([name]) => name),
    ).toEqual([]);
  });
});
