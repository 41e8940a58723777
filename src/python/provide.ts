import { HostError } from "../base/errors.js";
import type { Target } from "../remote/target.js";
import { loginFailures } from "../ssh/diagnosis.js";
import { fetchArtifact, keptArtifact } from "./artifacts.js";
import { buildKey, type Builder, type BuildInputs, type WantedBuild } from "./build.js";
import { buildNameIn, buildOn, buildSteps, say } from "./building.js";
import { receiveDeclared, sendArtifact } from "./delivery.js";
import { isHopeless, nextMove, type BuildState, type Move, type Situation, type Source } from "./next-move.js";
import { SharedBuilds } from "./shared-builds.js";

/** How a host came to its finished build. */
export type Provided = "cached" | "received" | "built";

/**
 * Provides the host's cache with the finished build. `anew` is for one that will not do: it is made again, and takes that one's place.
 * Throws HostError.
 */
export async function provideBuild(jail: Target, inputs: BuildInputs, anew: boolean): Promise<Provided> {
  const key = buildKey(inputs);
  const status = await jail.run(buildSteps.status, { key });
  const onHost = status.one("state")[0] as Situation["onHost"];
  const request = requestFor({ jail, inputs, key, name: buildNameIn(jail, key, status), anew });
  for (;;) {
    const provided = await act(request, nextMove({ onHost, ...situationOf(request) }));
    if (provided) return anew ? "built" : provided;
  }
}

/** A wanted build, and its keys in SharedBuilds. */
interface Request extends WantedBuild {
  readonly source: Source;
  /** The builder that is named, be it this host. */
  readonly named: Exclude<Builder, string> | undefined;
  /** The build and the builder that is named: who named one takes no build of another. */
  readonly shared: string;
  /** The build that this host waits for: the shared one, or the one that is made anew for what is required of it. */
  readonly build: string;
  /** What makers of it have failed with. */
  readonly refusals: HostError[];
}

function requestFor(wanted: WantedBuild): Request {
  const { inputs, jail, name, anew } = wanted;
  const named = typeof inputs.builder === "object" ? inputs.builder : undefined;
  const shared = named ? `${name}@${named.host}` : name;
  const build = anew ? JSON.stringify([shared, [...inputs.requireModules].sort()]) : shared;
  return { ...wanted, source: sourceFor(inputs, jail), named, shared, build, refusals: [] };
}

function sourceFor({ builder }: BuildInputs, jail: Target): Source {
  if (typeof builder === "object") return builder.host === jail.host.name ? "this-host" : "builder";
  return builder === "self" ? "self" : "first";
}

const buildsOf = ({ jail }: Request): SharedBuilds => jail.session.part(SharedBuilds);

function situationOf(request: Request): Omit<Situation, "onHost"> {
  const { jail, inputs, anew, source, refusals } = request;
  const build = buildsOf(request).stateOf(request.build);
  const maker = build.is === "built" || build.is === "kept" ? build.maker : undefined;
  return {
    anew,
    artifact: inputs.artifact,
    source,
    build,
    isMaker: maker?.host.name === jail.host.name && maker.cache === jail.cache,
    failures: buildsOf(request).failuresOf(request.shared),
    refusals,
  };
}

/** Makes a move. Returns how the host came to its build, once its cache has it. */
async function act(request: Request, move: Move): Promise<Provided | undefined> {
  const { jail, inputs, key, anew, source, shared, named, build } = request;
  const builds = buildsOf(request);
  switch (move.do) {
    case "use":
      if (source === "first" || source === "this-host") offer(request);
      return "cached";
    case "receive":
      await receiveDeclared(request, move.artifact);
      return "received";
    case "build-alone":
      if (source === "builder") say(jail, `${named?.host} is of another platform: built here`);
      return buildOn(jail, inputs, anew);
    case "look":
      await builds.inFlight.join(JSON.stringify(["look", build]), () => look(request));
      return undefined;
    case "make":
      return make(request);
    case "wait": {
      const { maker, ended } = move.building;
      if (maker.host.name !== jail.host.name)
        say(jail, `waits for the ${anew ? "new " : ""}build on ${maker.host.name}`);
      await ended.catch((error: unknown) => refuse(request, maker, error));
      return undefined;
    }
    case "check":
      if ((await jail.run(buildSteps.status, { key })).one("state")[0] === "done") return "cached";
      builds.advance(move.build, move.otherwise);
      return undefined;
    case "bring":
      await bring(request, move.built).catch((error: unknown) => refuse(request, move.built.maker, error));
      return undefined;
    case "send":
      await sendArtifact(request, move.artifact);
      return "received";
    case "give-up":
      throw failedForAll(jail, builds.failuresOf(shared));
    case "blame-builder":
      throw unobtainable(jail, move.refusal);
  }
}

/** Notes that this host has the build, and others may take it from here. */
function offer(request: Request): void {
  const { jail, shared } = request;
  const builds = buildsOf(request);
  const { is } = builds.stateOf(shared);
  if (is === "unknown") builds.set(shared, { is, holder: jail });
  else if (is === "absent") builds.set(shared, { is: "built", maker: jail });
}

/** Looks for the build on this machine; then, before a builder makes it, whether that one has the host's platform. */
async function look(request: Request): Promise<void> {
  const { name, anew, source, named, build } = request;
  const builds = buildsOf(request);
  const artifact = anew ? undefined : await keptArtifact(name, named?.host);
  const state = builds.stateOf(build);
  let found: BuildState;
  if (artifact) found = { is: "kept", artifact };
  else if (state.is === "unknown" && state.holder) found = { is: "built", maker: state.holder };
  else found = { is: source !== "builder" || (await isOfPlatform(request)) ? "absent" : "foreign" };
  // Another host may have begun to make it.
  if (builds.stateOf(build) === state) builds.set(build, found);
}

async function isOfPlatform(request: Request): Promise<boolean> {
  const { key, name } = request;
  const builder = makerFor(request);
  return buildNameIn(builder, key, await builder.run(buildSteps.status, { key })) === name;
}

/** The host that is to make the build: the builder, or this one. */
function makerFor({ jail, key, source, named }: Request): Target {
  return named && source === "builder" ? jail.builderAt(named.host, named.connection, key) : jail;
}

/** Failures that another host may well not have: this one did not come to the build. */
const ofTheHost = [
  ...loginFailures,
  "connection-lost",
  "preflight",
  "packages",
  "record-directory",
  "disk-full",
  "timeout",
  "download",
  "bad-answer",
  "too-large",
];

/** Makes the build for all hosts that wait for it. Returns how, if this host is the one that made it. */
async function make(request: Request): Promise<Provided | undefined> {
  const { jail, inputs, anew, shared, build } = request;
  const builds = buildsOf(request);
  const maker = makerFor(request);
  const ended = buildOn(maker, inputs, anew);
  const building: BuildState = { is: "building", maker, ended };
  builds.set(build, building);
  try {
    const how = await ended;
    const built: BuildState = { is: "built", maker };
    builds.set(build, built);
    builds.set(shared, built);
    // For hosts that come later; who waits now has it the sooner.
    void bring(request, built).catch(() => undefined);
    return maker === jail ? how : undefined;
  } catch (error) {
    if (error instanceof HostError && (maker.kind === "builder" || !ofTheHost.includes(error.code)))
      builds.addFailure(shared, error);
    builds.advance(building, { is: "absent" });
    throw error;
  } finally {
    // Of a host that has no jail, nothing else would take our record away.
    if (maker.kind === "builder") await maker.run(buildSteps.leave).catch(() => undefined);
  }
}

/** Brings a build from its maker to this machine, once however many hosts wait for it. */
function bring(request: Request, built: BuildState & { is: "built" }): Promise<void> {
  const { key, name } = request;
  const { maker } = built;
  const builds = buildsOf(request);
  return builds.inFlight.join(JSON.stringify(["bring", maker.host.name, maker.cache, name]), async () => {
    try {
      builds.advance(built, { is: "kept", maker, artifact: await fetchArtifact(maker, key, name) });
    } catch (error) {
      builds.advance(built, { is: "absent" });
      throw error;
    }
  });
}

/** Notes that a maker has failed. Throws where that is this very host, whose failure it then is. */
function refuse(request: Request, maker: Target, error: unknown): void {
  const { jail, refusals } = request;
  const own = maker.host.name === jail.host.name;
  if (!(error instanceof HostError) || (own && error.code !== "no-build")) throw error;
  refusals.push(error);
  if (!own && !isHopeless(situationOf(request)))
    say(jail, `the build cannot be had from ${maker.host.name}: ${error.failure.reason}`);
}

/** What went wrong at the builder, said at the host that wanted the build of it: nobody else says it. */
function unobtainable(jail: Target, { failure }: HostError): HostError {
  return new HostError({
    ...failure,
    host: jail.host.name,
    code: "no-build",
    reason: `${failure.host}, its builder, cannot give the build: ${failure.reason}`,
    gone: false,
  });
}

function failedForAll(jail: Target, errors: readonly HostError[]): HostError {
  const hosts = errors.map(({ failure }) => failure.host).join(" and on ");
  return new HostError({
    host: jail.host.name,
    step: buildSteps.begin.does,
    code: "no-build",
    reason: `the build on ${hosts} failed`,
    remedy: "see what is said of it there, then run `pulumi up` again",
  });
}
