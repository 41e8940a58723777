import { HostError } from "../../src/base/errors.js";
import { fetchArtifact } from "../../src/python/artifacts.js";
import { indexWheels } from "../../src/python/wheels.js";
import { pythonBuild } from "../../src/kinds/PythonBuild.js";
import { standIn } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";

/**
 * `node full-control-disk.js ADDRESS SHA256 KEY JAIL` makes the control machine store one of everything in its cache,
 * and prints each result as a line of JSON. The test runs it with a full disk for the cache.
 */
async function main([address, sha256, key, jail]: readonly string[]): Promise<void> {
  console.log = () => undefined;
  const told: Record<string, unknown> = {};
  const attempt = async (what: string, run: () => Promise<unknown>): Promise<void> => {
    told[what] = await run().then(
      () => "done",
      (error: unknown) =>
        error instanceof HostError ? `${error.code}: ${error.failure.reason}` : (error as Error).message,
    );
  };
  const inputs = {
    host: "judge-1",
    connection: { host: "h" },
    path: "/srv/jail",
    builder: "self" as const,
    mirrors: [],
    configureFlags: [],
    optimize: false,
    include: [],
    jobs: 1,
    requireModules: [],
    installBuildDependencies: false,
  };
  const own = await ScratchJail.make();
  // The host cannot download the source.
  const host = own.asJail({ before: [standIn("curl", "exit 6"), standIn("wget", "exit 4")].join("\n") });
  await attempt("source", () =>
    pythonBuild.apply(host, { ...inputs, source: { url: `${address}/source.tgz`, sha256: sha256! } }, undefined),
  );
  await attempt("artifact", () =>
    pythonBuild.apply(host, { ...inputs, artifact: { url: `${address}/source.tgz`, sha256: sha256! } }, undefined),
  );
  await attempt("build of a host", () => fetchArtifact(ScratchJail.at(jail!).asJail(), key!, "a-name"));
  await attempt("wheel", () =>
    indexWheels(
      `${address}/simple`,
      [{ name: "kit", version: "1.0", hashes: [sha256!], marker: "" } as never],
      ["py3-none-any"],
    ),
  );
  own.remove();
  process.stdout.write(JSON.stringify(told));
}

void main(process.argv.slice(2)).then(() => process.exit());
