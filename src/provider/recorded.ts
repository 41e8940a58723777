import { z } from "zod";
import { oneLine } from "../base/text.js";

// What a state holds may be another release's, or come from a host: what has another form than expected counts as not known, and all
// text is made safe to show.

const line = z.string().transform((value) => oneLine(value));

export const recordedText = line.optional().catch(undefined);

/** A text of up to 2000 characters. */
export const recordedLongText = z
  .string()
  .transform((value) => oneLine(value, 2000))
  .optional()
  .catch(undefined);

export const recordedNumber = z.number().optional().catch(undefined);

export const recordedTexts = z.array(line).default([]).catch([]);

/** Names and texts; undefined where there are none. */
export const recordedMap = z.record(line, line).optional().catch(undefined);

/** Objects of a form; those of another form count as none. */
export function recordedList<Form extends z.ZodRawShape>(form: Form) {
  return z.array(z.object(form)).default([]).catch([]);
}
