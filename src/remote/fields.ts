import { posix } from "node:path";
import { z } from "zod";
import { oneLine } from "../base/text.js";
import { unvis, visPattern } from "./vis.js";

/** A field of an answer: what it may be. Parsing it returns what we use of it. */
export type Field = z.ZodType<string, string>;

/** One of these words. */
export const oneOf = (...words: [string, ...string[]]): Field => z.enum(words);

/** A whole number. */
export const wholeNumber = z.string().regex(/^\d{1,15}$/);

/** A whole number, or empty where the host has no way to tell it. */
export const maybeNumber = z.string().regex(/^\d{0,15}$/);

/** So many hexadecimal digits. */
export const hex = (digits: number): Field => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

export const sha256Field = hex(64);

/** The same, or empty where there is none. */
export const maybeSha256 = z.string().regex(/^([0-9a-f]{64})?$/);

/** A name without white space or slashes: of a package, a release, a module, a build. */
export const plainName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._+-]*$/);

/** A machine-readable cause. */
export const causeCode = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);

/** How a program ended; empty where nobody saw it. */
export const exitCode = z.string().regex(/^\d{0,3}$/);

/** Seconds, as the host measures them. */
export const hostSeconds = z.string().regex(/^\d{1,10}(\.\d{1,6})?$/);

/** Octal permissions, as `stat` prints them, with leading zeros. */
export const octal = z.string().regex(/^[0-7]{4,5}$/);

/** A plain absolute path on the host. */
export const hostPath = z
  .string()
  .max(4096)
  .refine((path) => path.startsWith("/") && posix.normalize(path) === path && !/[\u0000-\u001f\u007f]/.test(path));

/** Text for people, in the host's own words: it is cleaned, and cut where it is long. */
export const said = (longest = 400): Field => z.string().transform((text) => oneLine(text, longest));

/** A path that was found on the host, whatever bytes are in it: it comes encoded (vis.ts), is decoded, cleaned, and cut where it is long. */
export const visPath = (longest = 400): Field =>
  z
    .string()
    .max(20_000)
    .regex(visPattern)
    .transform((text) => oneLine(unvis(text).toString(), longest));
