import { below } from "../base/address.js";
import { archiveOf, type Archive, type ArchiveInputs } from "../local/archive.js";
import { pinnedVersion, pythonOrg, releaseOf } from "./releases.js";

/** The inputs that name the source of a PythonBuild. */
export interface SourceInputs {
  readonly version?: string | undefined;
  readonly source?: ArchiveInputs | undefined;
  readonly mirrors: readonly string[];
}

/** The source archive that the inputs name. The schema requires `version` or `source`. */
export function sourceOf({ version, source, mirrors }: SourceInputs): Archive {
  if (source) return archiveOf(source);
  const pinned = pinnedVersion(version ?? "");
  const release = releaseOf(pinned);
  if (!release) throw new Error("version: is not in the table of pinned releases");
  return {
    sha256: release.sha256,
    urls: [...mirrors, pythonOrg].map((mirror) => below(mirror, `${pinned}/${release.file}`)),
  };
}
