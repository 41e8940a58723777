import { existsSync } from "node:fs";
import { fileNameOf } from "../base/address.js";
import type { PinnedFile } from "./cache.js";
import { cachedFile, download, sha256Of } from "./download.js";

/** An archive of source: what it must be, and where it may come from. */
export interface Archive {
  readonly sha256: string;
  /** Where it may be downloaded, in order; empty for a local archive. */
  readonly urls: readonly string[];
  /** An archive on the control machine. */
  readonly path?: string;
}

/** An archive as a resource's `source` names it. */
export type ArchiveInputs = { url: string; sha256: string } | { path: string; sha256: string };

export function archiveOf(source: ArchiveInputs): Archive {
  return "path" in source
    ? { sha256: source.sha256, urls: [], path: source.path }
    : { sha256: source.sha256, urls: [source.url] };
}

/** The archive on this machine, if it is here: declared by path, or in the cache. Throws where a declared one is not what it should be. */
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

/** Downloads an archive to this machine's cache. Throws with what each address said. */
export function downloadArchive(archive: Archive): Promise<string> {
  return download(fileOf(archive), archive.urls);
}

function fileOf({ urls, sha256 }: Archive): PinnedFile {
  return { kind: "sources", sha256, name: fileNameOf(urls[0] ?? "") || sha256 };
}
