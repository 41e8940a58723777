import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { newestPatch, newestPatches, newestVersion } from "../../src/python/releases.js";
import { buildKey } from "../../src/python/build.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { compareBuild, pythonBuild } from "../../src/kinds/PythonBuild.js";

const place = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail" };
const sha256 = "0123456789abcdef".repeat(4);
const reasons = (inputs: object): string[] => checked(pythonBuild.schema, { ...place, ...inputs }).reasons ?? [];

describe("a build's inputs", () => {
  test("have defaults", () => {
    expect(checked(pythonBuild.schema, { ...place, version: "3.13.5" }).value).toEqual({
      ...place,
      version: "3.13.5",
      builder: "shared",
      mirrors: [],
      configureFlags: [],
      optimize: false,
      include: [],
      jobs: 0,
      requireModules: ["ssl", "zlib", "bz2", "lzma", "sqlite3", "ctypes", "hashlib"],
      installBuildDependencies: false,
    });
  });

  test.each([
    ["a line", "3.13", newestPatch("3.13")],
    ["the newest", "latest", newestVersion()],
    ["one version", "3.13.5", "3.13.5"],
  ])("pin %s", (_name, version, pinned) => {
    expect(checked(pythonBuild.schema, { ...place, version }).value).toMatchObject({ version: pinned });
    const shared = { mirrors: [], configureFlags: [], optimize: false, include: [] };
    expect(buildKey({ ...shared, version })).toBe(buildKey({ ...shared, version: pinned }));
  });

  const accepted: [string, object][] = [
    ["an archive by address", { source: { url: "https://example.org/Python-3.15.tgz", sha256 } }],
    ["an archive of this machine", { source: { path: "archives/Python-3.15.tgz", sha256 } }],
    [
      "flags and variables",
      {
        version: "3.13.5",
        configureFlags: [
          "--with-openssl=/usr/local/ssl",
          "--without-pymalloc",
          "--disable-ipv6",
          "CFLAGS=-O2 -g",
          "LDFLAGS=-Wl,-rpath,$ORIGIN",
        ],
      },
    ],
    ["a module that is kept", { version: "3.13.5", include: ["tkinter"], requireModules: ["ssl", "tkinter"] }],
    [
      "things to keep that are not known yet",
      { version: "3.13.5", include: [unknownValue], requireModules: ["tkinter"] },
    ],
    ["an address that is not known yet", { source: { url: unknownValue, sha256: unknownValue } }],
    ["an archive that is not known yet", { source: { path: unknownValue, sha256: unknownValue } }],
    ["a version that is not known yet", { version: unknownValue }],
    ["a source that is not known yet", { source: unknownValue }],
    ["a ready-made build", { artifact: { url: "s3://builds/python.tar.gz", sha256 } }],
    [
      "a ready-made build of a version that is not in the table",
      { version: "3.99.1", artifact: { url: "https://example.org/python.tar.gz", sha256 } },
    ],
    ["built by another host", { version: "3.13.5", builder: { host: "builder", connection: { host: "192.0.2.9" } } }],
  ];
  test.each(accepted)("may be %s", (_name, inputs) => expect(reasons(inputs)).toEqual([]));

  const version = "3.13.5";
  const notOurs = "is set by us (for --enable-optimizations and --with-lto use `optimize`)";
  const notPinned = (named = "VERSION"): string =>
    `version: is not in the table of pinned releases, of which the newest are ${newestPatches().join(", ")}; give another, in place of \`version\`, as \`source: {url: "https://www.python.org/ftp/python/${named}/Python-${named}.tar.xz", sha256: …}\` with the sha256 that python.org publishes`;
  const refused: [string, object, string][] = [
    [
      "no version and no source",
      {},
      `version: is missing: give a version (the newest known is ${newestVersion()}), \`source\` or \`artifact\``,
    ],
    ["a version that is not in the table", { version: "3.99.1" }, notPinned("3.99.1")],
    ["a version that is not known", { version: "3.13.99" }, notPinned("3.13.99")],
    ["a version that every object has", { version: "constructor" }, notPinned()],
    ["a line as a number", { version: 3.13 }, `version: unquoted 3.13 is a number: write "${newestPatch("3.13")}"`],
    [
      "a line as a number that ends in 0",
      { version: 3.1 },
      `version: unquoted 3.10 is the number 3.1: write "${newestPatch("3.10")}"`,
    ],
    [
      "a number that is no line",
      { version: 4.5 },
      `version: is a number: write it in quotation marks, such as "${newestVersion()}"`,
    ],
    ["both", { version, source: { url: "https://a/b", sha256 } }, "version: must not be given together with `source`"],
    [
      "a sha256 that is none",
      { source: { url: "https://a/b", sha256: "abc" } },
      "source.sha256: must be a sha256: 64 hexadecimal digits",
    ],
    [
      "a sha256 in capitals",
      { source: { path: "a.tgz", sha256: sha256.toUpperCase() } },
      "source.sha256: must be a sha256: 64 hexadecimal digits",
    ],
    ["an address without its sha256", { source: { url: "https://a/b" } }, "source.sha256: is missing: a text"],
    ["an archive without its sha256", { source: { path: "a.tgz" } }, "source.sha256: is missing: a text"],
    [
      "an address that is none",
      { source: { url: "a/b", sha256 } },
      "source.url: must be an http, https, ftp or file URL",
    ],
    [
      "a mirror that is none",
      { version, mirrors: ["https://ok", "nope"] },
      "mirrors[1]: must be an http, https, ftp or file URL",
    ],
    [
      "a mirror of two lines",
      { version, mirrors: ["https://a\nhttps://b"] },
      "mirrors[0]: must be an http, https, ftp or file URL",
    ],
    ["another prefix", { version, configureFlags: ["--prefix=/usr"] }, `configureFlags[0]: ${notOurs}`],
    ["optimization by its flag", { version, configureFlags: ["--with-lto"] }, `configureFlags[0]: ${notOurs}`],
    [
      "a flag that a shell would run",
      { version, configureFlags: ["--x=$(id)"] },
      "configureFlags[0]: must be a flag (--with-…) or a variable (CFLAGS=…)",
    ],
    [
      "a variable of two lines",
      { version, configureFlags: ["CFLAGS=a\nb"] },
      "configureFlags[0]: must be a flag (--with-…) or a variable (CFLAGS=…)",
    ],
    ["a module that is none", { version, requireModules: ["ssl; id"] }, "requireModules[0]: must be a module's name"],
    [
      "a module that is left out",
      { version, requireModules: ["ssl", "tkinter"], include: ["tests"] },
      'requireModules[1]: is a module that is left out: add "tkinter" to `include`',
    ],
    [
      "a thing to keep that nobody knows",
      { version, include: ["tests", "games"] },
      'include[1]: must be one of "docs"|"ensurepip"|"headers"|"static"|"symbols"|"tests"|"tkinter"',
    ],
    [
      "a build and a source",
      { artifact: { url: "https://a/b", sha256 }, source: { url: "https://a/b", sha256 } },
      "source: must not be given together with `artifact`, which is built already",
    ],
    [
      "a build with flags",
      { artifact: { url: "https://a/b", sha256 }, configureFlags: ["--x"] },
      "configureFlags: must not be given together with `artifact`, which is built already",
    ],
    ["a build without its sha256", { artifact: { url: "https://a/b" } }, "artifact.sha256: is missing: a text"],
    [
      "a build that a password which is not encoded leads to",
      { artifact: { url: "https://a:b/@c/d", sha256 } },
      "artifact.url: must be a URL in which the special characters of a user and password are percent-encoded (%2F for /)",
    ],
    [
      "a bucket with a password",
      { artifact: { url: "s3://a:b@c/d", sha256 } },
      "artifact.url: must not hold a password: AWS's own command logs in",
    ],
    ["a builder that is a word of nobody's", { version, builder: "other" }, 'builder: must be one of "self"|"shared"'],
    ["half a compiler", { version, jobs: 0.5 }, "jobs: must be a whole number"],
    [
      "an unknown key",
      { version, requiredModules: [] },
      'unknown property "requiredModules": did you mean "requireModules"? (known: artifact, builder, configureFlags, connection, directories, host, include, installBuildDependencies, jobs, mirrors, optimize, path, requireModules, source, timeouts, version)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, inputs, reason) => expect(reasons(inputs)).toEqual([reason]));
});

describe("what is seen of python, in words", () => {
  const installed = "jail\tours\ninstalled\tthe-key\nversion\t3.13.5\ndigest\tabc";
  const cases: [string, string, object][] = [
    ["all right", `${installed}\ndiffering\t0`, {}],
    ["none", "jail\tours\ninstalled\tnone", { python: "is not installed, or not wholly" }],
    [
      "another build",
      "jail\tours\ninstalled\tanother\ndiffering\t0",
      { python: "is another build than the one that was declared" },
    ],
    [
      "what is missing and what was altered",
      `${installed}\ndiffers\tbin/python3\tmissing\ndiffers\tlib/python3.13/os.py\taltered\ndiffering\t2`,
      {
        "bin/python3": "is missing",
        "lib/python3.13/os.py": "was altered",
      },
    ],
    [
      "more than is named",
      `${installed}\ndiffers\tbin/python3\tmissing\ndiffering\t7`,
      { "bin/python3": "is missing", "and more": "6 more paths" },
    ],
  ];
  test.each(cases)("%s", (_name, lines, drift) =>
    expect(compareBuild("the-key", parseAnswer(`started\n${lines}\ndone\n`))).toEqual(drift),
  );
});
