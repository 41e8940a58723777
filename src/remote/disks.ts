import { HostError, type HostFailure } from "../base/errors.js";
import type { Answer } from "./answer.js";
import { rest } from "./arguments.js";
import { upTo } from "./declaration.js";
import { hostPath, oneOf, wholeNumber } from "./fields.js";
import { runStep, type HostInSession } from "./run-step.js";
import { defineStep } from "./step.js";

/** The file system of one of a jail's directories. */
export interface Disk {
  /** What the directory holds, in words: "the jail". */
  readonly keeps: string;
  readonly path: string;
  readonly freeBytes: number;
  /** The number of files that can still be made; undefined if the file system has no limit. */
  readonly freeFiles: number | undefined;
  readonly readOnly: boolean;
}

/** The directories that a step may write to, and what each holds, in words. */
export type Places = readonly (readonly [keeps: string, path: string])[];

export const disksStep = defineStep({
  does: "read the disks",
  script: "disks/read.sh",
  anyUser: true,
  gets: [],
  args: { paths: rest },
  reads: true,
  answers: { disk: upTo(10, [hostPath, wholeNumber, wholeNumber, wholeNumber, wholeNumber, oneOf("ro", "rw")]) },
});

/** Messages of tools that cannot write to a disk. */
const noRoom = /No space left on device|Disk quota exceeded|write error|I\/O error/i;
const noWriting = /Read-only file system/i;
/** A disk with less free space than this counts as full, in bytes. */
const fullBelowBytes = 1e6;

/**
 * Returns the error of a failed step, as one of a full or read-only disk if that caused it: reads the disks of the host
 * if the error suggests so. Any other error is returned as it is.
 */
export async function explainDiskFailure(error: unknown, at: HostInSession, places: Places): Promise<unknown> {
  if (!(error instanceof HostError) || !mayBeDiskFailure(error.failure)) return error;
  try {
    return new HostError(
      asDiskFailure(
        error.failure,
        readDisks(await runStep(at, disksStep, undefined, { paths: places.map(([, path]) => path) }), places),
      ),
    );
  } catch {
    // If the disks cannot be read, the step's own error says more.
    return error;
  }
}

function mayBeDiskFailure({ code, output = "", reason }: HostFailure): boolean {
  if (code === "disk-full") return false;
  return code === "step-failed" || noRoom.test(`${reason}\n${output}`) || noWriting.test(`${reason}\n${output}`);
}

/** Parses the answer of `disksStep`. A path that was not asked for is ignored. */
export function readDisks(answer: Answer, places: Places): Disk[] {
  return answer.all("disk").flatMap(([path = "", blocks, bytes, files, allFiles, writable]): Disk[] => {
    const keeps = places.find(([, place]) => place === path)?.[0];
    if (keeps === undefined) return [];
    return [
      {
        keeps,
        path,
        freeBytes: Number(blocks) * Number(bytes),
        freeFiles: Number(allFiles) > 0 ? Number(files) : undefined,
        readOnly: writable === "ro",
      },
    ];
  });
}

/** Converts a failure into one of a disk if a disk is full or read-only. Any other failure is returned as it is. */
export function asDiskFailure(failure: HostFailure, disks: readonly Disk[]): HostFailure {
  const output = `${failure.reason}\n${failure.output ?? ""}`;
  // Keep the step's own reason, unless it only repeats the disk's error.
  const told =
    failure.code === "step-failed" && (noRoom.test(output) || noWriting.test(output)) ? "" : `${failure.reason}; `;
  const readOnly = disks.filter((disk) => disk.readOnly);
  if (readOnly.length > 0 && noWriting.test(output)) {
    return {
      ...failure,
      code: "read-only",
      reason: `${told}${inWords(readOnly, () => "is read-only")}`,
      remedy: "mount it so that it can be written, then run the same command again",
    };
  }
  const full = disks.filter(({ freeBytes, freeFiles }) => freeBytes < fullBelowBytes || freeFiles === 0);
  const room = "make room there, then run the same command again";
  if (full.length > 0)
    return {
      ...failure,
      code: "disk-full",
      reason: `${told}${inWords(full, (disk) => `is full (${freeInWords(disk)})`)}`,
      remedy: room,
    };
  // The step has removed what it wrote, so the disk has space again.
  if (/No space left on device|Disk quota exceeded/i.test(output))
    return {
      ...failure,
      code: "disk-full",
      reason: `${told}a disk was full; free now: ${disks.map((disk) => `${freeInWords(disk)} for ${disk.keeps} (${disk.path})`).join(", ")}`,
      remedy: room,
    };
  return failure;
}

function freeInWords({ freeBytes, freeFiles }: Disk): string {
  return freeFiles === 0 ? "no file can be made" : `${Math.floor(freeBytes / 1e6)} MB free`;
}

function inWords(disks: readonly Disk[], is: (disk: Disk) => string): string {
  return disks.map((disk) => `the disk of ${disk.keeps} (${disk.path}) ${is(disk)}`).join(", ");
}
