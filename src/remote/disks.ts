import { HostError, type HostFailure } from "../base/errors.js";
import type { Answer } from "./answer.js";
import { rest } from "./arguments.js";
import { upTo } from "./declaration.js";
import { hostPath, oneOf, wholeNumber } from "./fields.js";
import { runStep, type HostInSession } from "./run-step.js";
import { defineStep } from "./step.js";

/** The file system that one of a jail's places lies on. */
export interface Disk {
  /** What we keep there, in words: "the jail". */
  readonly keeps: string;
  readonly path: string;
  readonly freeBytes: number;
  /** Files that could still be made; undefined where the file system has no such limit. */
  readonly freeFiles: number | undefined;
  readonly readOnly: boolean;
}

/** Where a step may write, and what we keep there. */
export type Places = readonly (readonly [keeps: string, path: string])[];

export const disksStep = defineStep({
  does: "look at the disks",
  script: "disks/look.sh",
  anyUser: true,
  gets: [],
  args: { paths: rest },
  looks: true,
  answers: { disk: upTo(10, [hostPath, wholeNumber, wholeNumber, wholeNumber, wholeNumber, oneOf("ro", "rw")]) },
});

/** What tools say where a disk takes nothing any more. */
const noRoom = /No space left on device|Disk quota exceeded|write error|I\/O error/i;
const noWriting = /Read-only file system/i;
/** With less than this, a disk counts as full. */
const leastBytes = 1e6;

/** What a failure of a step was about where that was a disk of its host: asks the host, once the step has failed. Any other error as it is. */
export async function withDisk(error: unknown, at: HostInSession, places: Places): Promise<unknown> {
  if (!(error instanceof HostError) || !mayBeOfDisk(error.failure)) return error;
  try {
    return new HostError(
      explained(
        error.failure,
        readDisks(await runStep(at, disksStep, undefined, { paths: places.map(([, path]) => path) }), places),
      ),
    );
  } catch {
    // The first error says more than that the disks could not be looked at.
    return error;
  }
}

function mayBeOfDisk({ code, output = "", reason }: HostFailure): boolean {
  if (code === "disk-full") return false;
  return code === "step-failed" || noRoom.test(`${reason}\n${output}`) || noWriting.test(`${reason}\n${output}`);
}

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

/** The same failure, told as that of a disk where one of them takes nothing. */
export function explained(failure: HostFailure, disks: readonly Disk[]): HostFailure {
  const output = `${failure.reason}\n${failure.output ?? ""}`;
  // What the step itself says stays, unless that is nothing but what follows from the disk.
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
  const full = disks.filter(({ freeBytes, freeFiles }) => freeBytes < leastBytes || freeFiles === 0);
  const room = "make room there, then run the same command again";
  if (full.length > 0)
    return {
      ...failure,
      code: "disk-full",
      reason: `${told}${inWords(full, (disk) => `is full (${left(disk)})`)}`,
      remedy: room,
    };
  // What the step had written is gone again by now.
  if (/No space left on device|Disk quota exceeded/i.test(output))
    return {
      ...failure,
      code: "disk-full",
      reason: `${told}a disk was full; free now: ${disks.map((disk) => `${left(disk)} for ${disk.keeps} (${disk.path})`).join(", ")}`,
      remedy: room,
    };
  return failure;
}

function left({ freeBytes, freeFiles }: Disk): string {
  return freeFiles === 0 ? "no file can be made" : `${Math.floor(freeBytes / 1e6)} MB free`;
}

function inWords(disks: readonly Disk[], is: (disk: Disk) => string): string {
  return disks.map((disk) => `the disk of ${disk.keeps} (${disk.path}) ${is(disk)}`).join(", ");
}
