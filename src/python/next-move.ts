import type { HostError } from "../base/errors.js";
import type { Target } from "../remote/target.js";
import type { Artifact } from "./artifacts.js";
import type { ArtifactInputs } from "./build.js";

/**
 * The state of a shared build, as one session knows it. It advances from `unknown` over `absent`, `building` and
 * `built` to `kept`. It goes back to `absent` if the maker fails or has lost the build.
 */
export type BuildState =
  /** This session has not searched for the build yet. `holder` is a host that has it, if one is known. */
  | { readonly is: "unknown"; readonly holder?: Target }
  /** The named builder has another platform, so each host builds for itself. */
  | { readonly is: "foreign" }
  | { readonly is: "absent" }
  /** A host is making the build. `ended` settles once the state has changed. */
  | { readonly is: "building"; readonly maker: Target; readonly ended: Promise<unknown> }
  /** The build is in the cache of the host that made it. */
  | { readonly is: "built"; readonly maker: Target }
  /** The packed build is in the control machine's cache. `maker` is set if a host made it in this session. */
  | { readonly is: "kept"; readonly maker?: Target | undefined; readonly artifact: Artifact };

/**
 * Who makes the build. `self`: each host for itself. `first`: the first host of a platform. `builder`: another host,
 * which is named. `this-host`: this host, which is the named builder.
 */
export type Source = "self" | "first" | "builder" | "this-host";

/** The facts that decide what a host does next for its build. */
export interface Situation {
  /** The state of the build in the host's own cache. */
  readonly onHost: "done" | "running" | "failed" | "none";
  /** True if the build in the host's cache is unusable and must be replaced. */
  readonly replace: boolean;
  /** The declared archive, if the build is not to be made from source. */
  readonly artifact?: ArtifactInputs | undefined;
  readonly source: Source;
  readonly build: BuildState;
  /** True if `build` was made in this host's own cache. */
  readonly isMaker: boolean;
  /** The errors of hosts that tried to make the build. */
  readonly failures: readonly HostError[];
  /** The errors of this host's attempts to get the build from a maker. */
  readonly refusals: readonly HostError[];
}

/** What a host does next for its build. */
export type Move =
  /** Use the build in the host's cache. */
  | { readonly do: "use" }
  /** Download the declared archive. */
  | { readonly do: "receive"; readonly artifact: ArtifactInputs }
  /** Build for this host alone, or join the build that is running on it. */
  | { readonly do: "build-alone" }
  /** Search the control machine's cache, and read whether the builder has this platform. */
  | { readonly do: "search" }
  /** Make the build for all hosts, here or on the builder. */
  | { readonly do: "make" }
  /** Wait for the host that is making the build. */
  | { readonly do: "wait"; readonly building: BuildState & { is: "building" } }
  /** Read whether the host's cache still has the build. If not, the state `build` becomes `otherwise`. */
  | { readonly do: "check"; readonly build: BuildState; readonly otherwise: BuildState }
  /** Download the build from its maker to the control machine. */
  | { readonly do: "fetch"; readonly built: BuildState & { is: "built" } }
  /** Upload the build from the control machine to the host. */
  | { readonly do: "send"; readonly artifact: Artifact }
  /** Fail, as too many hosts could not make the build. */
  | { readonly do: "give-up" }
  /** Fail, as the builder cannot provide the build. */
  | { readonly do: "fail-builder"; readonly refusal: HostError };

/** True if no further host tries to make the build: two hosts have failed, or the named builder has. */
export function isHopeless({ source, failures }: Pick<Situation, "source" | "failures">): boolean {
  return failures.length >= (source === "first" ? 2 : 1);
}

/** Decides what a host does next for its build. */
export function nextMove(situation: Situation): Move {
  const { onHost, replace, artifact, source, build, isMaker } = situation;
  if (onHost === "done" && !replace) return { do: "use" };
  if (artifact) return { do: "receive", artifact };
  if (source === "self" || build.is === "foreign") return { do: "build-alone" };
  if (onHost === "running" && !replace && source !== "builder")
    return { do: build.is === "unknown" || build.is === "absent" ? "make" : "build-alone" };
  if (build.is === "absent" && isHopeless(situation)) return { do: "give-up" };
  const refusal = finalRefusal(situation);
  if (refusal) return { do: "fail-builder", refusal };
  switch (build.is) {
    case "unknown":
      return { do: "search" };
    case "absent":
      return { do: "make" };
    case "building":
      return { do: "wait", building: build };
    case "built":
      return isMaker ? { do: "check", build, otherwise: { is: "absent" } } : { do: "fetch", built: build };
    case "kept":
      // The maker's cache has the new build already, unless it has lost it.
      return isMaker && replace
        ? { do: "check", build, otherwise: { ...build, maker: undefined } }
        : { do: "send", artifact: build.artifact };
  }
}

/**
 * The error that makes a host give up on its named builder; undefined if there is none. A builder that has lost the
 * build may make it once more. Without a named builder, another host makes the build.
 */
function finalRefusal({ source, refusals }: Situation): HostError | undefined {
  const lost = refusals.length === 1 && refusals[0]?.code === "no-build";
  return source === "builder" && !lost ? refusals.at(-1) : undefined;
}
