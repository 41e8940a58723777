// Packs the package, checks the archive, and prints what `npm publish` would publish. It publishes nothing.
//
//   node setup/release.mjs             packs into dist/, with the bill of materials (CycloneDX) of its dependencies
//   node setup/release.mjs ARCHIVE     checks an archive that `npm pack` made; exit code 1 if something is wrong with it
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

// A program imports it from CommonJS or from ESM; Node 10's resolution has no `exports`, and TypeScript only uses it where a project says so.
const unsupportedResolution = "node10";

const [given] = process.argv.slice(2);
const archive = given ?? pack();
const problems = [...(await publintProblems(archive)), ...(await typeProblems(archive))];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else if (given === undefined) announce(archive);

/** Packs into dist/ and returns the archive's path. The bill of materials is beside it. */
function pack() {
  mkdirSync("dist", { recursive: true });
  const [{ filename }] = JSON.parse(npm("pack", "--json", "--pack-destination", "dist"));
  writeFileSync(join("dist", "sbom.cdx.json"), npm("sbom", "--omit", "dev", "--sbom-format", "cyclonedx"));
  return join("dist", filename);
}

/** Returns what publint finds wrong with the archive's package.json. Suggestions count too. */
async function publintProblems(file) {
  const { messages, pkg } = await publint({ pack: { tarball: bytesOf(file) }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** Returns each way of importing the package in which its types are wrong. */
async function typeProblems(file) {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(bytesOf(file))));
  if (!result.types) return ["arethetypeswrong: the package has no types"];
  return result.problems
    .filter(({ resolutionKind }) => resolutionKind !== unsupportedResolution)
    .map((problem) => `arethetypeswrong: ${JSON.stringify(problem)}`);
}

function announce(file) {
  const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
  const files = execFileSync("tar", ["-tzf", file], { encoding: "utf8" }).trim().split("\n");
  const { components } = JSON.parse(readFileSync(join("dist", "sbom.cdx.json"), "utf8"));
  console.log(
    `${name} ${version}: ${files.length} files, ${(statSync(file).size / 1000).toFixed(0)} kB packed, in ${file}`,
  );
  console.log(`${components.length} dependencies at run time, listed in dist/sbom.cdx.json`);
  console.log(`To publish it: npm publish ${file}`);
}

function npm(...args) {
  return execFileSync("npm", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1e8 });
}

function bytesOf(file) {
  const bytes = readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
