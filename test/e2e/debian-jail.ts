import { expect } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import type { Session } from "../../src/remote/session.js";
import { jailTarget } from "../../src/remote/target.js";
import { jailLibraries } from "../../src/kinds/JailLibraries.js";
import { jailRoot } from "../../src/kinds/JailRoot.js";
import type { Host } from "../hosts/host.js";
import { connectionTo, jailPath, recordsPath } from "./jail-stack.js";

/** What a jail on a host of another kind than this machine should come to. */
export interface Expected {
  /** The loader that its programs ask for. */
  loader: string;
  libc: RegExp;
  /** Places in the jail of libraries that must be there. */
  libraries: string[];
}

/**
 * Makes a jail on a bare Debian host with that Debian's own Python, brings its libraries in over SSH, runs it, and takes
 * all away again. The host has neither compiler nor binutils.
 */
export async function tryDebianPython(
  host: Host,
  { loader, libc, libraries }: Expected,
  session: Session,
): Promise<void> {
  const before = await host.listing();
  expect((await host.run("command -v cc gcc readelf objdump strace", { reject: false })).stdout).toBe("");
  const place = { host: host.name, connection: connectionTo(host), path: jailPath };
  const root = checked(jailRoot.schema, place).value!;
  const inputs = checked(jailLibraries.schema, place).value!;
  const jail = jailTarget(inputs, session);
  const made = await jailRoot.apply(jail, root, undefined);
  await host.run(
    `cd ${jailPath} && mkdir bin lib && cp /usr/bin/python3.* bin/ && ln -s "$(cd bin && echo python3.*)" bin/python3 && cp -R /usr/lib/python3.* lib/`,
  );

  const facts = await jailLibraries.apply(jail, inputs, undefined);
  expect(facts.loader).toBe(loader);
  expect(facts.libc).toMatch(libc);
  const links = (await host.run(`cd ${jailPath} && find . -type l -name '*.so*'`)).stdout.split("\n");
  expect(links).toEqual(expect.arrayContaining([loader.slice(1), ...libraries].map((library) => `./${library}`)));
  expect(links).toHaveLength(facts.count);

  const modules = "ssl, sqlite3, ctypes, hashlib, lzma, bz2, zlib, math, socket";
  const program = `import ${modules}; print(ssl.OPENSSL_VERSION.split()[0], sqlite3.connect(":memory:").execute("select 1 + 1").fetchone()[0], ctypes.CDLL(None).getuid())`;
  const { stdout } = await host.run(
    `env -i PYTHONHOME=/ /usr/sbin/chroot --userspec=+10000:+1000 --groups= ${jailPath} /bin/python3 -c '${program}' 2>&1`,
    { reject: false },
  );
  expect(stdout).toBe("OpenSSL 2 10000");
  expect(await jailLibraries.read(jail, inputs, facts)).toEqual({ drift: {}, facts });
  const traced = checked(jailLibraries.schema, { ...place, trace: [["/bin/python3"]] }).value!;
  await expect(jailLibraries.apply(jail, traced, undefined)).rejects.toThrow(/there is no strace on the host/);

  await jailLibraries.remove(jail, inputs, facts);
  expect((await host.run(`cd ${jailPath} && find . -name '*.so.*'; ls -A`)).stdout.split("\n")).toEqual([
    ".python3jail",
    "REM_this_is_jail",
    "bin",
    "dev",
    "lib",
    "lib64",
    "scratch",
    "static",
  ]);
  await jailRoot.remove(jail, checked(jailRoot.schema, { ...place, deleteContents: true }).value!, made);
  expect((await host.listing()).filter((line) => !line.startsWith(recordsPath))).toEqual(before);
}
