import { z } from "zod";

/** No password in an address, nor a token in the place of a user: it would stand in the state, and on the host in process lists. */
const noPassword = (remedy = "") => z.string().refine((value) => !/^([a-z]+:\/\/[^/@]*:[^/@]*@|https?:\/\/[^/]*@)/i.test(value), `must not hold a password or token: it would stand in the state and in process lists${remedy}`);

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a sha256: 64 hexadecimal digits");

/** Where an archive may be downloaded. */
export const url = noPassword().regex(/^(https?|ftp|file):\/\/[^\s]+$/, "must be an http, https, ftp or file URL");

/** Where a ready-made build may be downloaded; S3 is AWS's own command's business. */
export const artifactUrl = noPassword().regex(/^(https?|ftp|file|s3):\/\/[^\s]+$/, "must be an http, https, ftp, file or s3 URL");

/** The address of a server that we ask, not of one file: no credentials in it at all, a token for a user neither. */
export const webAddress = z.string().refine((value) => !/^[a-z]+:\/\/[^/]*@/i.test(value), "must not hold a user or password: it would stand in the state and in process lists").regex(/^https?:\/\/[^\s/]+(\/[^\s]*)?$/, "must be an http or https URL");

/** A git repository that the host can reach. */
export const gitUrl = noPassword("; use a deploy key on the host")
  .regex(/^(https|http|ssh|git|file):\/\/[^\s]+$|^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s]+$/, "must be a git URL (https://, ssh://, git://, file:// or user@host:path)");

export const gitCommit = z.string().regex(/^[0-9a-f]{40}$/, "must be a whole commit id: 40 hexadecimal digits");

/** An archive by its address, and one on the control machine. */
export const archiveByUrl = z.strictObject({ url, sha256 });
export const archiveByPath = z.strictObject({ path: z.string().min(1), sha256 });
