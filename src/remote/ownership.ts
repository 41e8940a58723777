import { z } from "zod";

/** Octal permissions, as text ("0666"), so that nobody's YAML turns them into a decimal number. */
export const octalMode = z
  .string()
  .regex(/^[0-7]{3,4}$/, 'must be an octal mode in quotation marks, such as "0666"')
  .refine((mode) => !/^[2-7]...$/.test(mode), "must not set setuid or setgid: such a file in a jail is a way out")
  .transform((mode) => mode.padStart(4, "0"));

/** The last user and group number; one more means "none" to the kernel. */
const lastAccount = 4_294_967_294;

/**
 * A user or group: a number, or a name that the host knows, also in a directory service's form (`judge@ad.example.org`, `CORP\judge`,
 * `domain users`). Tools read a leading `-` or `+` and a `:` as something else.
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
