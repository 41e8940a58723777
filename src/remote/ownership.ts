import { z } from "zod";

/** A file mode in octal, as text ("0666"): YAML would read the number 0666 as something else. */
export const octalMode = z
  .string()
  .regex(/^[0-7]{3,4}$/, 'must be an octal mode in quotation marks, such as "0666"')
  .refine((mode) => !/^[2-7]...$/.test(mode), "must not set setuid or setgid: such a file in a jail is a way out")
  .transform((mode) => mode.padStart(4, "0"));

/** The highest user and group number. The kernel uses the next one for "none". */
const lastAccount = 4_294_967_294;

/**
 * A user or group: a number, or a name that the host knows. Names of a directory service (`judge@ad.example.org`,
 * `CORP\judge`, `domain users`) are allowed. A leading `-` or `+` and any `:` are not, as tools give them a meaning.
 */
export const accountName = z
  .string()
  .max(256, "must have at most 256 characters")
  .refine(
    (value) =>
      /^[0-9]+$/.test(value)
        ? String(Number(value)) === value && Number(value) <= lastAccount
        : /^[^\p{C}\p{Z}:+-](?:[^\p{C}\p{Zl}\p{Zp}:]*[^\p{C}\p{Z}:])?$/u.test(value),
    "must be a user's or group's name, or its number",
  );
