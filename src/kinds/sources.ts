import { z } from "zod";
import { splitLogin } from "../base/address.js";

/**
 * A URL of certain schemes. A `/`, `?`, `#` or `@` in its password must be percent-encoded, so that it can be parsed.
 */
const address = (schemes: RegExp, problem: string) =>
  z
    .string()
    .regex(schemes, { error: problem, abort: true })
    .refine(
      isPlain,
      "must be a URL in which the special characters of a user and password are percent-encoded (%2F for /)",
    );

/** Whether a URL can be parsed, and its user and password can be decoded and have no control characters. */
function isPlain(value: string): boolean {
  if (!URL.canParse(value)) return false;
  try {
    const { login } = splitLogin(value);
    return login === undefined || !/[\u0000-\u001f\u007f]/.test(login.user + login.password);
  } catch {
    return false;
  }
}

const noLogin = (value: string): boolean => !/^(s3|ssh|git|file):\/\/[^/@]*:[^/@]*@/i.test(value);

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a sha256: 64 hexadecimal digits");

/** The URL of an archive. */
export const url = address(/^(https?|ftp|file):\/\/[^\s]+$/, "must be an http, https, ftp or file URL");

/** The URL of a finished build. AWS's own command downloads from S3, with its own login. */
export const artifactUrl = address(
  /^(https?|ftp|file|s3):\/\/[^\s]+$/,
  "must be an http, https, ftp, file or s3 URL",
).refine(noLogin, "must not hold a password: AWS's own command logs in");

/** The URL of a package index. It cannot have a query, because pip appends paths to it. */
export const webAddress = address(/^https?:\/\/[^\s/]+(\/[^\s]*)?$/, "must be an http or https URL").refine(
  (value) => !/[?#]/.test(value),
  "must not hold a query (?…): give a user and password instead (https://USER:PASSWORD@…)",
);

/** The URL of a git repository that the host can reach. */
export const gitUrl = z
  .string()
  .regex(/^(https|http|ssh|git|file):\/\/[^\s]+$|^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s]+$|^\/[^\s]+$/, {
    error: "must be a git URL (https://, ssh://, git://, file:// or user@host:path), or an absolute path on the host",
    abort: true,
  })
  .refine(
    (value) => !/^https?:/i.test(value) || isPlain(value),
    "must be a URL in which the special characters of a user and password are percent-encoded (%2F for /)",
  )
  .refine(noLogin, "must not hold a password: use a deploy key on the host")
  .refine(
    (value) => !/^https?:[^]*[?#]/i.test(value),
    "must not hold a query (?…): give a token as the user or the password (https://TOKEN@…)",
  )
  // A bare path is a repository on the host itself.
  .transform((value) => (value.startsWith("/") ? `file://${value}` : value));

export const gitCommit = z.string().regex(/^[0-9a-f]{40}$/, "must be a whole commit id: 40 hexadecimal digits");

/** An archive with a URL. */
export const archiveByUrl = z.strictObject({ url, sha256 });
/** An archive on the control machine. */
export const archiveByPath = z.strictObject({ path: z.string().min(1), sha256 });
