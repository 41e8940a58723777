import { execa } from "execa";
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Compiles a C program. */
export async function compile(output: string, source: string, ...flags: string[]): Promise<void> {
  mkdirSync(dirname(output), { recursive: true });
  await execa("gcc", ["-x", "c", "-", "-x", "none", "-o", output, ...flags], { input: source });
}

/** Compiles a shared library whose soname is its file name. */
export function compileLibrary(output: string, source: string, ...flags: string[]): Promise<void> {
  return compile(output, source, "-shared", "-fPIC", `-Wl,-soname,${basename(output)}`, ...flags);
}

/** The directory of the machine's libc, as its loader names it, without the leading slash: `lib/x86_64-linux-gnu`. */
export async function machineLibraryFolder(): Promise<string> {
  return dirname(
    (await execa("sh", ["-c", "ldconfig -p | sed -n 's/^\\tlibc.so.6 .*=> //p' | head -n 1"])).stdout,
  ).slice(1);
}
