import { posix } from "node:path";
import { z } from "zod";
import { failureCodes } from "../base/failure-codes.js";
import { oneLine } from "../base/text.js";
import { unvis, visPattern } from "./vis.js";

/** The schema of a field of an answer. Its output is the value that we use. */
export type Field = z.ZodType<string, string>;

/** One of these words. */
export const oneOf = (...words: [string, ...string[]]): Field => z.enum(words);

/** A whole number. */
export const wholeNumber = z.string().regex(/^\d{1,15}$/);

/** A whole number, or empty if the host cannot tell it. */
export const maybeNumber = z.string().regex(/^\d{0,15}$/);

/** A fixed number of hexadecimal digits. */
export const hex = (digits: number): Field => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

export const sha256Field = hex(64);

/** A sha256 digest, or empty. */
export const maybeSha256 = z.string().regex(/^([0-9a-f]{64})?$/);

/** The name of a package, release, module or build, without white space and slashes. */
export const plainName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._+-]*$/);

/** The code of a failure: one of the catalogue. */
export const causeCode = z.enum(failureCodes);

/** The exit code of a program; empty if it is unknown. */
export const exitCode = z.string().regex(/^\d{0,3}$/);

/** Seconds, with a decimal point. */
export const hostSeconds = z.string().regex(/^\d{1,10}(\.\d{1,6})?$/);

/** A file mode in octal, with leading zeros. */
export const octal = z.string().regex(/^[0-7]{4,5}$/);

/** A plain absolute path on the host. */
export const hostPath = z
  .string()
  .max(4096)
  .refine((path) => path.startsWith("/") && posix.normalize(path) === path && !/[\u0000-\u001f\u007f]/.test(path));

/** Text from the host that is shown to people. Control characters are removed, and long text is cut. */
export const said = (longest = 400): Field => z.string().transform((text) => oneLine(text, longest));

/**
 * A path on the host that may contain any bytes, for people. It comes encoded (vis.ts); it is decoded, cleaned and cut
 * like `said`.
 */
export const visPath = (longest = 400): Field =>
  z
    .string()
    .max(20_000)
    .regex(visPattern)
    .transform((text) => oneLine(unvis(text).toString(), longest));
