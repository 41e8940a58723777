/** Writes an ELF file without a compiler, for machines of other word sizes and byte orders. */
export interface ElfDescription {
  readonly wide: boolean;
  readonly littleEndian: boolean;
  /** The machine's number: 3 i386, 20 ppc, 21 ppc64, 22 s390, 62 x86-64. */
  readonly machine: number;
  readonly interpreter?: string;
  readonly soname?: string;
  readonly rpath?: string;
  readonly runpath?: string;
  readonly needed?: readonly string[];
  /** Bytes between the headers and the string table, so that the first read does not contain the names. */
  readonly padding?: number;
  /** Texts that the file contains somewhere. */
  readonly texts?: readonly string[];
}

const tags = { needed: 1, strings: 5, soname: 14, rpath: 15, runpath: 29 };
/** The address of the file in memory, which differs from its offset on disk. */
const loadAddress = 0x40_0000;

export function elfFile({
  wide,
  littleEndian,
  machine,
  interpreter,
  soname,
  rpath,
  runpath,
  needed = [],
  padding = 0,
  texts = [],
}: ElfDescription): Buffer {
  const word = wide ? 8 : 4;
  const number = (value: number, size: number): Buffer => {
    const bytes = Buffer.alloc(8);
    if (littleEndian) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeBigUInt64BE(BigInt(value));
    return littleEndian ? bytes.subarray(0, size) : bytes.subarray(8 - size);
  };
  const segment = (type: number, offset: number, size: number): Buffer => {
    const address = loadAddress + offset;
    return wide
      ? Buffer.concat([
          number(type, 4),
          number(4, 4),
          ...[offset, address, address, size, size, 1].map((value) => number(value, 8)),
        ])
      : Buffer.concat([
          number(type, 4),
          ...[offset, address, address, size, size, 4, 1].map((value) => number(value, 4)),
        ]);
  };

  const segments = interpreter === undefined ? 2 : 3;
  const headerSize = wide ? 64 : 52;
  const segmentSize = wide ? 56 : 32;
  const program = Buffer.from(`${interpreter ?? ""}\0`);
  const programAt = headerSize + segments * segmentSize;
  const stringsAt = programAt + program.length + padding;

  let strings = "\0";
  const place = (text: string): number => {
    const at = strings.length;
    strings += `${text}\0${"x".repeat(padding > 0 ? 300 : 0)}\0`;
    return at;
  };
  const entries: [number, number][] = [
    ...needed.map((name): [number, number] => [tags.needed, place(name)]),
    ...(["soname", "rpath", "runpath"] as const).flatMap((name): [number, number][] => {
      const value = { soname, rpath, runpath }[name];
      return value === undefined ? [] : [[tags[name], place(value)]];
    }),
    [tags.strings, loadAddress + stringsAt],
    [0, 0],
  ];
  const tail = Buffer.from(`${texts.join("\0")}\0`);
  const dynamicAt = stringsAt + strings.length;
  const dynamic = Buffer.concat(entries.flatMap(([tag, value]) => [number(tag, word), number(value, word)]));
  const size = dynamicAt + dynamic.length + tail.length;

  const header = Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, littleEndian ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    number(3, 2),
    number(machine, 2),
    number(1, 4),
    number(0, word),
    number(headerSize, word),
    number(0, word),
    number(0, 4),
    number(headerSize, 2),
    number(segmentSize, 2),
    number(segments, 2),
    number(0, 2),
    number(0, 2),
    number(0, 2),
  ]);
  return Buffer.concat([
    header,
    ...(interpreter === undefined ? [] : [segment(3, programAt, program.length)]),
    segment(1, 0, size),
    segment(2, dynamicAt, dynamic.length),
    program,
    Buffer.alloc(padding, "p"),
    Buffer.from(strings),
    dynamic,
    tail,
  ]);
}
