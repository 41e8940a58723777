import type { HostError } from "../base/errors.js";
import type { Target } from "../remote/target.js";
import type { Artifact } from "./artifacts.js";
import type { ArtifactInputs } from "./build.js";

/**
 * The state of a build that hosts share, as one session knows it. It goes from `unknown` over `absent`, `building` and `built` to `kept`,
 * and back to `absent` where a maker fails or has lost it.
 */
export type BuildState =
  /** Nobody has looked for it yet; `holder` is a host that has it. */
  | { readonly is: "unknown"; readonly holder?: Target }
  /** The builder that is named has another platform: each host makes it for itself. */
  | { readonly is: "foreign" }
  | { readonly is: "absent" }
  /** A host makes it; `ended` is fulfilled, or rejected, once the state has changed. */
  | { readonly is: "building"; readonly maker: Target; readonly ended: Promise<unknown> }
  /** In the cache of the host that made it. */
  | { readonly is: "built"; readonly maker: Target }
  /** Packed, in this machine's cache; the maker where it was made in this session. */
  | { readonly is: "kept"; readonly maker?: Target | undefined; readonly artifact: Artifact };

/** Who makes the build: each host for itself, the first host for all, another host that is named, or this host, which is named. */
export type Source = "self" | "first" | "builder" | "this-host";

/** All that decides what a host does next for its build. */
export interface Situation {
  /** The build in the host's own cache. */
  readonly onHost: "done" | "running" | "failed" | "none";
  /** The one in its cache will not do. */
  readonly anew: boolean;
  /** The build is declared as an archive. */
  readonly artifact?: ArtifactInputs | undefined;
  readonly source: Source;
  readonly build: BuildState;
  /** Whether `build` was made in this host's very cache. */
  readonly isMaker: boolean;
  /** Why hosts could not make it. */
  readonly failures: readonly HostError[];
  /** Why this host could not have it from a maker. */
  readonly refusals: readonly HostError[];
}

export type Move =
  /** Take what is in the host's cache. */
  | { readonly do: "use" }
  | { readonly do: "receive"; readonly artifact: ArtifactInputs }
  /** Build, or join the build that runs on the host, for this host alone. */
  | { readonly do: "build-alone" }
  /** Look whether this machine keeps it, and whether the builder has this platform. */
  | { readonly do: "look" }
  /** Have it made for all. */
  | { readonly do: "make" }
  | { readonly do: "wait"; readonly building: BuildState & { is: "building" } }
  /** See whether the host's cache still holds what was made there; where not, `build` becomes `otherwise`. */
  | { readonly do: "check"; readonly build: BuildState; readonly otherwise: BuildState }
  /** Bring it from its maker to this machine. */
  | { readonly do: "bring"; readonly built: BuildState & { is: "built" } }
  | { readonly do: "send"; readonly artifact: Artifact }
  /** Fail: too many hosts could not make it. */
  | { readonly do: "give-up" }
  /** Fail: the builder cannot give it. */
  | { readonly do: "blame-builder"; readonly refusal: HostError };

/** Whether so many hosts could not make a build that no other one tries. */
export function isHopeless({ source, failures }: Pick<Situation, "source" | "failures">): boolean {
  return failures.length >= (source === "first" ? 2 : 1);
}

/** Decides what a host does next for its build. */
export function nextMove(situation: Situation): Move {
  const { onHost, anew, artifact, source, build, isMaker } = situation;
  if (onHost === "done" && !anew) return { do: "use" };
  if (artifact) return { do: "receive", artifact };
  if (source === "self" || build.is === "foreign") return { do: "build-alone" };
  if (onHost === "running" && !anew && source !== "builder")
    return { do: build.is === "unknown" || build.is === "absent" ? "make" : "build-alone" };
  if (build.is === "absent" && isHopeless(situation)) return { do: "give-up" };
  const refusal = finalRefusal(situation);
  if (refusal) return { do: "blame-builder", refusal };
  switch (build.is) {
    case "unknown":
      return { do: "look" };
    case "absent":
      return { do: "make" };
    case "building":
      return { do: "wait", building: build };
    case "built":
      return isMaker ? { do: "check", build, otherwise: { is: "absent" } } : { do: "bring", built: build };
    case "kept":
      // The maker has the new one already, unless its cache has lost it.
      return isMaker && anew
        ? { do: "check", build, otherwise: { ...build, maker: undefined } }
        : { do: "send", artifact: build.artifact };
  }
}

/** Why a builder cannot give the build. One that has lost it makes it again, once; where none is named, another host makes it. */
function finalRefusal({ source, refusals }: Situation): HostError | undefined {
  const lost = refusals.length === 1 && refusals[0]?.code === "no-build";
  return source === "builder" && !lost ? refusals.at(-1) : undefined;
}
