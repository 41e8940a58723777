import { HostError } from "../base/errors.js";
import type { FailureCode } from "../base/failure-codes.js";
import type { Target } from "../remote/target.js";
import { loginFailures } from "../ssh/diagnosis.js";
import { cachedArtifact, fetchArtifact } from "./artifacts.js";
import { buildKey, type Builder, type BuildInputs, type WantedBuild } from "./build.js";
import { buildNameIn, buildOn, buildSteps, say } from "./building.js";
import { receiveDeclared, sendArtifact } from "./delivery.js";
import { isHopeless, nextMove, type BuildState, type Move, type Situation, type Source } from "./next-move.js";
import { SharedBuilds } from "./shared-builds.js";

/** How a host got its finished build. */
export type Provided = "cached" | "received" | "built";

/**
 * Puts the finished build into the host's cache, unless it is there. `replace`: the build there is unusable, so a new
 * one replaces it. Throws HostError.
 */
export async function provideBuild(jail: Target, inputs: BuildInputs, replace: boolean): Promise<Provided> {
  const key = buildKey(inputs);
  const status = await jail.run(buildSteps.status, { key });
  const onHost = status.one("state")[0] as Situation["onHost"];
  const request = requestFor({ jail, inputs, key, name: buildNameIn(jail, key, status), replace });
  for (;;) {
    const provided = await act(request, nextMove({ onHost, ...situationOf(request) }));
    if (provided) return replace ? "built" : provided;
  }
}

/** A wanted build, and its keys in `SharedBuilds`. */
interface Request extends WantedBuild {
  readonly source: Source;
  /** The named builder, which may be this host; undefined if none is named. */
  readonly named: Exclude<Builder, string> | undefined;
  /** Keyed by build, plus the builder if one is named. */
  readonly shared: string;
  /**
   * The key of the build that this host waits for: `shared`, or a key of its own for a replacement with the same
   * required modules.
   */
  readonly build: string;
  /** The errors of this host's attempts to get the build from a maker. */
  readonly refusals: HostError[];
}

function requestFor(wanted: WantedBuild): Request {
  const { inputs, jail, name, replace } = wanted;
  const named = typeof inputs.builder === "object" ? inputs.builder : undefined;
  const shared = named ? `${name}@${named.host}` : name;
  const build = replace ? JSON.stringify([shared, [...inputs.requireModules].sort()]) : shared;
  return { ...wanted, source: sourceFor(inputs, jail), named, shared, build, refusals: [] };
}

/** Who makes the build for a host. */
function sourceFor({ builder }: BuildInputs, jail: Target): Source {
  if (typeof builder === "object") return builder.host === jail.host.name ? "this-host" : "builder";
  return builder === "self" ? "self" : "first";
}

const buildsOf = ({ jail }: Request): SharedBuilds => jail.session.part(SharedBuilds);

/** The facts that `nextMove` decides on. */
function situationOf(request: Request): Omit<Situation, "onHost"> {
  const { jail, inputs, replace, source, refusals } = request;
  const build = buildsOf(request).stateOf(request.build);
  const maker = build.is === "built" || build.is === "kept" ? build.maker : undefined;
  return {
    replace,
    artifact: inputs.artifact,
    source,
    build,
    isMaker: maker?.host.name === jail.host.name && maker.cache === jail.cache,
    failures: buildsOf(request).failuresOf(request.shared),
    refusals,
  };
}

/** Does a move. Returns how the host got its build, once its cache has it. */
async function act(request: Request, move: Move): Promise<Provided | undefined> {
  const { jail, inputs, key, replace, source, shared, named, build } = request;
  const builds = buildsOf(request);
  switch (move.do) {
    case "use":
      if (source === "first" || source === "this-host") registerHolder(request);
      return "cached";
    case "receive":
      await receiveDeclared(request, move.artifact);
      return "received";
    case "build-alone":
      if (source === "builder") say(jail, `${named?.host} is of another platform: built here`);
      return buildOn(jail, inputs, replace);
    case "search":
      await builds.inFlight.join(JSON.stringify(["search", build]), () => search(request));
      return undefined;
    case "make":
      return make(request);
    case "wait": {
      const { maker, ended } = move.building;
      if (maker.host.name !== jail.host.name)
        say(jail, `waits for the ${replace ? "new " : ""}build on ${maker.host.name}`);
      await ended.catch((error: unknown) => noteRefusal(request, maker, error));
      return undefined;
    }
    case "check":
      if ((await jail.run(buildSteps.status, { key })).one("state")[0] === "done") return "cached";
      builds.advance(move.build, move.otherwise);
      return undefined;
    case "fetch":
      await fetchBuild(request, move.built).catch((error: unknown) => noteRefusal(request, move.built.maker, error));
      return undefined;
    case "send":
      await sendArtifact(request, move.artifact);
      return "received";
    case "give-up":
      throw failedForAll(jail, builds.failuresOf(shared));
    case "fail-builder":
      throw builderFailure(jail, move.refusal);
  }
}

/** Registers this host as one that has the build, so that other hosts get it from here. */
function registerHolder(request: Request): void {
  const { jail, shared } = request;
  const builds = buildsOf(request);
  const { is } = builds.stateOf(shared);
  if (is === "unknown") builds.set(shared, { is, holder: jail });
  else if (is === "absent") builds.set(shared, { is: "built", maker: jail });
}

/**
 * Searches the control machine's cache for the build. If it is not there, reads whether a named builder has the host's
 * platform.
 */
async function search(request: Request): Promise<void> {
  const { name, replace, source, named, build } = request;
  const builds = buildsOf(request);
  const artifact = replace ? undefined : await cachedArtifact(name, named?.host);
  const state = builds.stateOf(build);
  let found: BuildState;
  if (artifact) found = { is: "kept", artifact };
  else if (state.is === "unknown" && state.holder) found = { is: "built", maker: state.holder };
  else found = { is: source !== "builder" || (await builderHasPlatform(request)) ? "absent" : "foreign" };
  // Another host may have begun to make the build meanwhile.
  if (builds.stateOf(build) === state) builds.set(build, found);
}

/** Reads whether the named builder has the platform of this host. */
async function builderHasPlatform(request: Request): Promise<boolean> {
  const { key, name } = request;
  const builder = makerFor(request);
  return buildNameIn(builder, key, await builder.run(buildSteps.status, { key })) === name;
}

/** The host that makes the build: the named builder, or this host. */
function makerFor({ jail, key, source, named }: Request): Target {
  return named && source === "builder" ? jail.builderAt(named.host, named.connection, key) : jail;
}

/** Codes of failures that are specific to a host, so that another host may succeed. */
const hostSpecific: readonly FailureCode[] = [
  ...loginFailures,
  "connection-lost",
  "cannot-build",
  "build-dependencies",
  "record-directory",
  "disk-full",
  "timeout",
  "download",
  "bad-answer",
  "too-large",
];

/**
 * Makes the build for all hosts that wait for it. Returns how this host got it, or undefined if another host made it.
 */
async function make(request: Request): Promise<Provided | undefined> {
  const { jail, inputs, replace, shared, build } = request;
  const builds = buildsOf(request);
  const maker = makerFor(request);
  const ended = buildOn(maker, inputs, replace);
  const building: BuildState = { is: "building", maker, ended };
  builds.set(build, building);
  try {
    const how = await ended;
    const built: BuildState = { is: "built", maker };
    builds.set(build, built);
    builds.set(shared, built);
    // Fetch it now, before the next host asks. A failure here is retried, and reported, by the host that asks.
    void fetchBuild(request, built).catch(() => undefined);
    return maker === jail ? how : undefined;
  } catch (error) {
    if (error instanceof HostError && (maker.kind === "builder" || !hostSpecific.includes(error.code)))
      builds.addFailure(shared, error);
    builds.advance(building, { is: "absent" });
    throw error;
  } finally {
    // A builder may have no jail, so nothing else would remove our record from it.
    if (maker.kind === "builder") await maker.run(buildSteps.leave).catch(() => undefined);
  }
}

/** Downloads a build from its maker to the control machine, once however many hosts wait for it. */
function fetchBuild(request: Request, built: BuildState & { is: "built" }): Promise<void> {
  const { key, name } = request;
  const { maker } = built;
  const builds = buildsOf(request);
  return builds.inFlight.join(JSON.stringify(["fetch", maker.host.name, maker.cache, name]), async () => {
    try {
      builds.advance(built, { is: "kept", maker, artifact: await fetchArtifact(maker, key, name) });
    } catch (error) {
      builds.advance(built, { is: "absent" });
      throw error;
    }
  });
}

/**
 * Records that a maker could not provide the build. Throws the error if the maker is this host, unless the host has
 * just lost the build.
 */
function noteRefusal(request: Request, maker: Target, error: unknown): void {
  const { jail, refusals } = request;
  const own = maker.host.name === jail.host.name;
  if (!(error instanceof HostError) || (own && error.code !== "no-build")) throw error;
  refusals.push(error);
  if (!own && !isHopeless(situationOf(request)))
    say(jail, `the build cannot be had from ${maker.host.name}: ${error.failure.reason}`);
}

/**
 * The builder's error as an error of the host that needs the build. The builder may be in no stack, so nothing else
 * reports it.
 */
function builderFailure(jail: Target, { failure }: HostError): HostError {
  return new HostError({
    ...failure,
    host: jail.host.name,
    code: "no-build",
    reason: `${failure.host}, its builder, cannot give the build: ${failure.reason}`,
    gone: false,
  });
}

/** The error of a host that needs a build which other hosts failed to make. */
function failedForAll(jail: Target, errors: readonly HostError[]): HostError {
  const hosts = errors.map(({ failure }) => failure.host).join(" and on ");
  return new HostError({
    host: jail.host.name,
    step: buildSteps.begin.does,
    code: "no-build",
    reason: `the build on ${hosts} failed`,
    remedy: "read the error of that host, then run `pulumi up` again",
  });
}
