import { createHash } from "node:crypto";
import { scriptDigest } from "../remote/scripts.js";
import type { Target } from "../remote/target.js";
import type { Connection } from "../ssh/connection.js";
import { sourceOf, type SourceInputs } from "./source.js";
import { trims, type Trim } from "./trims.js";

/** A ready-made build: an archive that this tool made, or one of python-build-standalone's `install_only` form. */
export interface ArtifactInputs {
  readonly url: string;
  readonly sha256: string;
}

/** Where a build is made: on each host for itself, on whichever host is first for all of its platform, or on one that is named. */
export type Builder = "self" | "shared" | { readonly host: string; readonly connection: Connection };

/** What decides what a build is, and how it is made. */
export interface BuildInputs extends SourceInputs {
  readonly artifact?: ArtifactInputs | undefined;
  readonly builder: Builder;
  readonly configureFlags: readonly string[];
  readonly optimize: boolean;
  readonly include: readonly Trim[];
  readonly jobs: number;
  readonly requireModules: readonly string[];
  readonly installBuildDependencies: boolean;
}

/** A build that a jail needs in its host's cache. */
export interface WantedBuild {
  readonly jail: Target;
  readonly inputs: BuildInputs;
  /** `buildKey` of the inputs. */
  readonly key: string;
  /** How the host names it: KEY-PLATFORM. */
  readonly name: string;
  /** True where the one that the host has will not do, and another takes its place. */
  readonly anew: boolean;
}

/** The programs that make a build. Making it means what they say: another text is another build. */
export const programs = {
  recipe: "python-build/recipe.sh",
  making: "python-build/making.sh",
  trim: "python-build/trim.sh",
  modules: "python-build/modules.py",
} as const;

type Identity = SourceInputs & Pick<BuildInputs, "artifact" | "configureFlags" | "optimize" | "include">;

/** The flags of configure, ours first, so that the operator's win. */
export function flagsOf({
  configureFlags,
  optimize,
  include,
}: Pick<Identity, "configureFlags" | "optimize" | "include">): string[] {
  const without = (what: Trim, flag: string): string[] => (include.includes(what) ? [] : [flag]);
  const set = (variable: string): boolean => configureFlags.some((flag) => flag.startsWith(`${variable}=`));
  return [
    // Pip is JailPackages' work.
    "--without-ensurepip",
    ...without("tests", "--disable-test-modules"),
    ...without("static", "--without-static-libpython"),
    ...(optimize ? ["--enable-optimizations", "--with-lto"] : []),
    // Newer releases end the build where one test of the training fails: on an odd host, or for want of a module of the tests.
    ...(optimize && !set("PROFILE_TASK") ? ["PROFILE_TASK=-m test --pgo --timeout=1200 || :"] : []),
    ...(set("CFLAGS") ? [] : without("symbols", "CFLAGS=-g0")),
    ...(configureFlags.includes("--enable-shared") ? withLibraryPath(configureFlags) : configureFlags),
  ];
}

/**
 * Lets the interpreter find its libpython: beside it, where it was built and in a cache, and in /lib in a jail, where without a /proc no
 * loader knows what lies beside it. As a search that LD_LIBRARY_PATH goes before: the build itself needs that.
 */
function withLibraryPath(flags: readonly string[]): string[] {
  const [name, own] = ["LDFLAGS=", "-Wl,--enable-new-dtags,-rpath,\\$$ORIGIN/../lib:/lib"];
  return flags.some((flag) => flag.startsWith(name))
    ? flags.map((flag) => (flag.startsWith(name) ? `${name}${own} ${flag.slice(name.length)}` : flag))
    : [...flags, `${name}${own}`];
}

/** Identifies what was asked for: source, flags, and what is not left out. */
export function buildIdentity(inputs: Identity): string {
  return digest(
    inputs.artifact
      ? [inputs.artifact.sha256, included(inputs)]
      : [sourceOf(inputs).sha256, flagsOf(inputs), included(inputs)],
  );
}

/** Identifies a build, but for the host's architecture and libc, which the host adds: same key, same result. */
export function buildKey(inputs: Identity): string {
  const { recipe, making, trim, modules } = programs;
  return digest([buildIdentity(inputs), scriptDigest(...(inputs.artifact ? [] : [recipe]), making, trim, modules)]);
}

/** What is not left out, in one order and each once. */
export function included({ include }: Pick<Identity, "include">): Trim[] {
  return trims.filter((what) => include.includes(what));
}

function digest(what: unknown): string {
  return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, 16);
}

/** Megabytes that a build takes in the cache, and in the jail, where the new Python lies beside the old one for a moment. */
export function spaceFor({
  optimize,
  include,
}: {
  readonly optimize?: boolean | undefined;
  readonly include?: readonly string[] | undefined;
}): { readonly build: number; readonly jail: number } {
  return { build: optimize ? 2500 : 1000, jail: include?.length ? 250 : 100 };
}
