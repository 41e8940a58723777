import { existsSync } from "node:fs";
import { cachedFile, download, sha256Of, type PinnedFile } from "./download.js";
import { pythonOrg, releaseOf } from "./releases.js";

/** One archive of CPython's source: what it must be, and where it may come from. */
export interface Source {
  readonly sha256: string;
  /** Where it may be downloaded, in order; empty for a local archive. */
  readonly urls: readonly string[];
  /** An archive on the control machine. */
  readonly path?: string;
}

/** How a PythonBuild names its source. */
export type SourceInputs = { version?: string; source?: { url: string; sha256: string } | { path: string; sha256: string }; mirrors: string[] };

/** The source that the inputs name. The schema has made sure that there is one. */
export function sourceOf({ version, source, mirrors }: SourceInputs): Source {
  if (source) return "path" in source ? { sha256: source.sha256, urls: [], path: source.path } : { sha256: source.sha256, urls: [source.url] };
  const release = releaseOf(version ?? "");
  if (!release) throw new Error("version: is not in the table of pinned releases");
  return { sha256: release.sha256, urls: [...mirrors, pythonOrg].map((mirror) => `${mirror.replace(/\/+$/, "")}/${version}/${release.file}`) };
}

/** The archive on this machine, if it is here: declared by path, or in the cache. Throws where a declared one is not what it should be. */
export async function localArchive(source: Source): Promise<string | undefined> {
  if (source.path !== undefined) {
    if (!existsSync(source.path)) throw new Error(`source.path: there is no ${source.path} on this machine`);
    const got = await sha256Of(source.path);
    if (got !== source.sha256) throw new Error(`source.sha256: the archive ${source.path} has sha256 ${got}; it is truncated, or another archive`);
    return source.path;
  }
  return cachedFile(archiveOf(source));
}

/** Downloads an archive to this machine's cache. Throws with what each address said. */
export function downloadArchive(source: Source): Promise<string> {
  return download(archiveOf(source), source.urls);
}

function archiveOf({ urls, sha256 }: Source): PinnedFile {
  return { kind: "sources", sha256, name: (urls[0] ?? "").split("/").at(-1) || sha256 };
}
