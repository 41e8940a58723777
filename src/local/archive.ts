import { existsSync } from "node:fs";
import { fileNameOf } from "../base/address.js";
import type { PinnedFile } from "./cache.js";
import { cachedFile, download, sha256Of } from "./download.js";

/** A source archive: its digest, and the places where it can be found. */
export interface Archive {
  readonly sha256: string;
  /** Addresses to download it from, tried in order. Empty for a local archive. */
  readonly urls: readonly string[];
  /** Path of a local archive on the control machine. */
  readonly path?: string;
}

/** The `source` of a resource that names an archive. */
export type ArchiveInputs = { url: string; sha256: string } | { path: string; sha256: string };

export function archiveOf(source: ArchiveInputs): Archive {
  return "path" in source
    ? { sha256: source.sha256, urls: [], path: source.path }
    : { sha256: source.sha256, urls: [source.url] };
}

/**
 * Returns the path of an archive that this machine has, declared by path or cached; undefined if it has none. Throws if
 * a declared archive does not exist or has another digest.
 */
export async function localArchive(archive: Archive): Promise<string | undefined> {
  if (archive.path !== undefined) {
    if (!existsSync(archive.path)) throw new Error(`source.path: there is no ${archive.path} on this machine`);
    const got = await sha256Of(archive.path);
    if (got !== archive.sha256)
      throw new Error(
        `source.sha256: the archive ${archive.path} has sha256 ${got}; it is truncated, or another archive`,
      );
    return archive.path;
  }
  return cachedFile(fileOf(archive));
}

/** Downloads an archive to this machine's cache, and returns its path. Throws with the error of each address. */
export function downloadArchive(archive: Archive): Promise<string> {
  return download(fileOf(archive), archive.urls);
}

function fileOf({ urls, sha256 }: Archive): PinnedFile {
  return { kind: "sources", sha256, name: fileNameOf(urls[0] ?? "") || sha256 };
}
