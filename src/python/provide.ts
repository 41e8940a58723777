import { HostError } from "../base/errors.js";
import type { Target } from "../remote/target.js";
import { loginFailures } from "../ssh/diagnosis.js";
import { Underway } from "../base/underway.js";
import { fetchArtifact, keptArtifact, receiveDeclared, sendArtifact, type Artifact } from "./artifacts.js";
import { buildKey, type BuildInputs } from "./build.js";
import { buildNameIn, buildOn, buildSteps, say } from "./building.js";

/** How a host came to its finished build. */
export type Provided = "cached" | "received" | "built";

/**
 * Sees to it that the host's cache holds the finished build. `again` is for one that will not do: it is made anew, on the host
 * itself. Throws HostError.
 */
export async function provideBuild(jail: Target, inputs: BuildInputs, again: boolean): Promise<Provided> {
  const key = buildKey(inputs);
  const seen = await jail.run(buildSteps.status, { key });
  const [state] = seen.one("state");
  const name = buildNameIn(jail, key, seen);
  const { builder } = inputs;
  // Whether others take what this host has.
  const gives = typeof builder === "object" ? builder.host === jail.host.name : builder !== "self";
  const book = bookOf(name, inputs, jail);
  const { makings } = buildsOf(jail);
  if (state === "done" && !again) {
    // Others can have it from here.
    if (gives && !makings.has(book))
      makings.set(book, {
        host: jail.host.name,
        cache: jail.cache,
        made: Promise.resolve(new SharedBuild("cached", jail, key, name)),
      });
    return "cached";
  }
  if (inputs.artifact) {
    await receiveDeclared(jail, inputs, key, inputs.artifact);
    return "received";
  }
  if (builder === "self") return buildOn(jail, inputs, again);
  if (again) return remade(name, key, jail, inputs);
  if (state === "running" && gives)
    return makings.has(book) ? buildOn(jail, inputs, false) : (await begin(book, name, key, jail, inputs, false)).how;
  return shared(name, key, jail, inputs);
}

/** A build that a host of this operation has made, for all of its platform. */
class SharedBuild {
  private fetched: Promise<Artifact> | undefined;

  constructor(
    readonly how: Provided,
    private readonly at: Target,
    private readonly key: string,
    private readonly name: string,
  ) {}

  /** It is brought here once, when the first asks. */
  artifact(): Promise<Artifact> {
    return (this.fetched ??= fetchArtifact(this.at, this.key, this.name));
  }
}

interface Making {
  readonly host: string;
  readonly cache: string;
  readonly made: Promise<SharedBuild>;
}

/** The builds that one process makes or has made. */
class Builds {
  /** As `bookOf` names them: whoever needs one waits for the one that makes it. */
  readonly makings = new Map<string, Making>();
  /** What is made anew, or has been, as what there was would not do: by the build's name, and what is required of it. */
  readonly remakings = new Map<string, Making>();
  /** Builds that ran and failed, as `bookOf` names them: a third host is not tried with what two could not make. */
  readonly failures = new Map<string, HostError[]>();
  /** How hosts name a build: KEY-PLATFORM. */
  readonly platforms = new Underway<string>();
}

const buildsOf = ({ session }: Target): Builds => session.part(Builds);

/** A build (KEY-PLATFORM) by who makes it, where that is not all the same: who named a builder takes none of another. */
function bookOf(name: string, { builder }: BuildInputs, maker: Target): string {
  return typeof builder === "object" ? `${name}@${maker.host.name}` : name;
}

/** After so many hosts have failed to make a build, no other one tries. */
const mostFailures = 2;
/** Reasons for which the next host may well make what this one could not: it did not come to the build. */
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

/** Takes the build from this machine's cache, or from the host that makes it for all; or is that host. */
async function shared(name: string, key: string, jail: Target, inputs: BuildInputs): Promise<Provided> {
  const named = typeof inputs.builder === "object" ? inputs.builder.host : undefined;
  const { makings } = buildsOf(jail);
  let builder: Target | undefined;
  let lost = false;
  for (;;) {
    const kept = await keptArtifact(jail.session, name, named);
    if (kept) {
      await sendArtifact(jail, inputs, key, name, kept);
      return "received";
    }
    builder ??= await builderFor(name, key, jail, inputs);
    const book = bookOf(name, inputs, builder);
    refuseAfterFailures(book, jail, inputs);
    const other = makings.get(book);
    if (!other) {
      const { how } = await begin(book, name, key, builder, inputs, false);
      if (builder === jail) return how;
      continue;
    }
    const here = other.host === jail.host.name;
    if (!here) say(jail, `waits for the build on ${other.host}`);
    try {
      const build = await other.made;
      if (here && (await jail.run(buildSteps.status, { key })).one("state")[0] === "done") return "cached";
      await sendArtifact(jail, inputs, key, name, await build.artifact());
      return "received";
    } catch (error) {
      // What is wrong here is ours to say, but that we have lost what we made.
      if (
        !(error instanceof HostError) ||
        (error.failure.host === jail.host.name && !(here && error.code === "no-build"))
      )
        throw error;
      if (makings.get(book) === other) makings.delete(book);
      refuseAfterFailures(book, jail, inputs);
      // What is wrong there: the next one builds. A named builder that has lost the build makes it again, once.
      if (named !== undefined && (lost || error.code !== "no-build")) throw unobtainable(jail, error);
      lost = true;
      if (!here) say(jail, `the build cannot be had from ${other.host}: ${error.failure.reason}`);
    }
  }
}

/** The same where the build that the host has will not do: it is made anew once, by whoever builds for all, and takes that one's place. */
async function remade(name: string, key: string, jail: Target, inputs: BuildInputs): Promise<Provided> {
  const builder = await builderFor(name, key, jail, inputs);
  const book = bookOf(name, inputs, builder);
  const { remakings } = buildsOf(jail);
  const wanted = JSON.stringify([book, [...inputs.requireModules].sort()]);
  for (;;) {
    refuseAfterFailures(book, jail, inputs);
    const other = remakings.get(wanted);
    if (!other) {
      const making: Making = {
        host: builder.host.name,
        cache: builder.cache,
        made: begin(book, name, key, builder, inputs, true),
      };
      remakings.set(wanted, making);
      try {
        await making.made;
      } catch (error) {
        remakings.delete(wanted);
        throw error;
      }
      if (builder === jail) return "built";
      continue;
    }
    if (other.host === jail.host.name && other.cache === jail.cache) {
      await other.made;
      return "built";
    }
    say(jail, `waits for the new build on ${other.host}`);
    try {
      await sendArtifact(jail, inputs, key, name, await (await other.made).artifact(), { inPlaceOf: true });
      return "built";
    } catch (error) {
      if (!(error instanceof HostError) || error.failure.host === jail.host.name) throw error;
      // Said there. This one tries for itself, unless it is the named builder that cannot.
      if (typeof inputs.builder === "object") throw unobtainable(jail, error);
      if (remakings.get(wanted) === other) remakings.delete(wanted);
    }
  }
}

/** Begins to make a build on a host, which all others that look into the same book then wait for. */
async function begin(
  book: string,
  name: string,
  key: string,
  at: Target,
  inputs: BuildInputs,
  again: boolean,
): Promise<SharedBuild> {
  const made = buildOn(at, inputs, again).then((how) => new SharedBuild(how, at, key, name));
  const { makings, failures } = buildsOf(at);
  const making: Making = { host: at.host.name, cache: at.cache, made };
  makings.set(book, making);
  try {
    const build = await made;
    // For hosts that come later; who waits now has it the sooner.
    void build.artifact().catch(() => undefined);
    return build;
  } catch (error) {
    if (error instanceof HostError && (at.kind === "builder" || !ofTheHost.includes(error.code)))
      failures.set(book, [...(failures.get(book) ?? []), error]);
    if (makings.get(book) === making) makings.delete(book);
    throw error;
  } finally {
    // Of a host that has no jail, nothing else would take our record away.
    if (at.kind === "builder") await at.run(buildSteps.leave).catch(() => undefined);
  }
}

/** The host that builds for this one: the one that is named, if it is of the same platform, or this one itself. */
async function builderFor(name: string, key: string, jail: Target, inputs: BuildInputs): Promise<Target> {
  if (typeof inputs.builder !== "object" || inputs.builder.host === jail.host.name) return jail;
  const builder = jail.builderAt(inputs.builder.host, inputs.builder.connection, key);
  // A whole fleet asks for the same at a time.
  const theirs = await buildsOf(jail).platforms.join(
    JSON.stringify([builder.host.name, builder.cache, key]),
    async () => buildNameIn(builder, key, await builder.run(buildSteps.status, { key })),
  );
  if (theirs === name) return builder;
  say(jail, `${inputs.builder.host} is of another platform: built here`);
  return jail;
}

/** Throws where as many have tried and failed as are to. */
function refuseAfterFailures(book: string, jail: Target, { builder }: BuildInputs): void {
  const failed = buildsOf(jail).failures.get(book) ?? [];
  if (failed.length >= (typeof builder === "object" ? 1 : mostFailures)) throw failedForAll(jail, failed);
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
