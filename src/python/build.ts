import { createHash } from "node:crypto";
import { scriptDigest } from "../remote/scripts.js";
import type { Target } from "../remote/target.js";
import type { Connection } from "../ssh/connection.js";
import { sourceOf, type SourceInputs } from "./source.js";
import { trims, type Trim } from "./trims.js";

/**
 * A ready-made build: an archive that this package packed, or a python-build-standalone archive of the `install_only`
 * kind.
 */
export interface ArtifactInputs {
  readonly url: string;
  readonly sha256: string;
}

/**
 * Where CPython is built. `self`: each host builds its own. `shared`: the first host of a platform builds for all
 * others of it. An object: that host builds for all others of its platform.
 */
export type Builder = "self" | "shared" | { readonly host: string; readonly connection: Connection };

/** The inputs that decide what a build contains and how it is made. */
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
  /** The build's name in the host's cache: KEY-PLATFORM. */
  readonly name: string;
  /** True if the host's build is unusable (it lacks a required module, or is damaged), and a new build replaces it. */
  readonly replace: boolean;
}

/** The programs that make a build. Their texts are part of the build's key: a change of one makes a new build. */
export const programs = {
  recipe: "python-build/recipe.sh",
  making: "python-build/making.sh",
  trim: "python-build/trim.sh",
  modules: "python-build/modules.py",
} as const;

type Identity = SourceInputs & Pick<BuildInputs, "artifact" | "configureFlags" | "optimize" | "include">;

/** The flags for `configure`. Ours come first, so that the operator's win. */
export function flagsOf({
  configureFlags,
  optimize,
  include,
}: Pick<Identity, "configureFlags" | "optimize" | "include">): string[] {
  const without = (what: Trim, flag: string): string[] => (include.includes(what) ? [] : [flag]);
  const set = (variable: string): boolean => configureFlags.some((flag) => flag.startsWith(`${variable}=`));
  return [
    // JailPackages installs packages.
    "--without-ensurepip",
    ...without("tests", "--disable-test-modules"),
    ...without("static", "--without-static-libpython"),
    ...(optimize ? ["--enable-optimizations", "--with-lto"] : []),
    // Newer releases fail the build if one test of the profiling run fails, for example because a test module is
    // missing.
    ...(optimize && !set("PROFILE_TASK") ? ["PROFILE_TASK=-m test --pgo --timeout=1200 || :"] : []),
    ...(set("CFLAGS") ? [] : without("symbols", "CFLAGS=-g0")),
    ...(configureFlags.includes("--enable-shared") ? withLibraryPath(configureFlags) : configureFlags),
  ];
}

/**
 * Adds a RUNPATH to the linker flags, so that the interpreter finds its libpython. `$ORIGIN/../lib` serves the build
 * directory and the cache. `/lib` serves the jail, where the loader cannot resolve `$ORIGIN` without /proc. It is a
 * RUNPATH and no RPATH, as the build itself overrides it with LD_LIBRARY_PATH.
 */
function withLibraryPath(flags: readonly string[]): string[] {
  const [name, runpath] = ["LDFLAGS=", "-Wl,--enable-new-dtags,-rpath,\\$$ORIGIN/../lib:/lib"];
  return flags.some((flag) => flag.startsWith(name))
    ? flags.map((flag) => (flag.startsWith(name) ? `${name}${runpath} ${flag.slice(name.length)}` : flag))
    : [...flags, `${name}${runpath}`];
}

/** A digest of what the inputs ask for: source, flags, and the parts to keep. */
export function buildIdentity(inputs: Identity): string {
  return digest(
    inputs.artifact
      ? [inputs.artifact.sha256, includedTrims(inputs)]
      : [sourceOf(inputs).sha256, flagsOf(inputs), includedTrims(inputs)],
  );
}

/**
 * The key of a build: equal keys make equal builds on one platform. The host adds its platform to the key
 * (`WantedBuild.name`).
 */
export function buildKey(inputs: Identity): string {
  const { recipe, making, trim, modules } = programs;
  return digest([buildIdentity(inputs), scriptDigest(...(inputs.artifact ? [] : [recipe]), making, trim, modules)]);
}

/** The parts that `include` keeps, each once, in the order of `trims`. */
export function includedTrims({ include }: Pick<Identity, "include">): Trim[] {
  return trims.filter((what) => include.includes(what));
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/**
 * Disk space for a build, in megabytes: in the cache, and in the jail. During an update the jail holds the old and the
 * new Python.
 */
export function spaceFor({
  optimize,
  include,
}: {
  readonly optimize?: boolean | undefined;
  readonly include?: readonly string[] | undefined;
}): { readonly build: number; readonly jail: number } {
  return { build: optimize ? 2500 : 1000, jail: include?.length ? 250 : 100 };
}
