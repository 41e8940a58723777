import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

export interface MadeWheel {
  readonly file: string;
  readonly path: string;
  readonly sha256: string;
  readonly content: Buffer;
  /** Its line of a requirements file. */
  readonly line: string;
}

export interface WheelContent {
  /** By path in site-packages. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** Default: py3-none-any. */
  readonly tag?: string;
  /** What it needs besides: `name==1.0`. */
  readonly requires?: readonly string[];
}

/** Makes a wheel, as a build backend would: a zip archive with its own description. */
export function makeWheel(
  folder: string,
  name: string,
  version: string,
  { files, tag = "py3-none-any", requires = [] }: WheelContent,
): MadeWheel {
  const information = `${name}-${version}.dist-info`;
  const all: Record<string, string | Buffer> = {
    ...files,
    [`${information}/METADATA`]: [
      "Metadata-Version: 2.1",
      `Name: ${name}`,
      `Version: ${version}`,
      ...requires.map((one) => `Requires-Dist: ${one}`),
      "",
    ].join("\n"),
    [`${information}/WHEEL`]: [
      "Wheel-Version: 1.0",
      "Generator: test",
      `Root-Is-Purelib: ${tag.endsWith("-any")}`,
      `Tag: ${tag}`,
      "",
    ].join("\n"),
  };
  const digest = (content: string | Buffer): string => createHash("sha256").update(content).digest("base64url");
  const record = Object.entries(all).map(
    ([path, content]) => `${path},sha256=${digest(content)},${Buffer.byteLength(content)}`,
  );
  all[`${information}/RECORD`] = [...record, `${information}/RECORD,,`, ""].join("\n");

  const content = zip(all);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const file = `${name}-${version}-${tag}.whl`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), content);
  return { file, path: join(folder, file), sha256, content, line: `${name}==${version} --hash=sha256:${sha256}` };
}

/** An archive in which everything lies as it is, not compressed. */
function zip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const name = Buffer.from(path);
    // Version 2.0, UTF-8 names, stored, 1980-01-01.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const end = Buffer.alloc(14);
    end.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    end.writeUInt32LE(offset, 10);
    local.push(Buffer.from("PK\x03\x04"), common, name, content);
    central.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, end, name);
    offset += 4 + common.length + name.length + content.length;
  }
  const directory = Buffer.concat(central);
  const trailer = Buffer.alloc(22);
  trailer.write("PK\x05\x06", "latin1");
  trailer.writeUInt16LE(Object.keys(files).length, 8);
  trailer.writeUInt16LE(Object.keys(files).length, 10);
  trailer.writeUInt32LE(directory.length, 12);
  trailer.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, trailer]);
}
