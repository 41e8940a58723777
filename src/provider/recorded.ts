import { z } from "zod";
import { oneLine } from "../base/text.js";

// Schemas for values from a state. Another release may have recorded them, or they may come from a host. A value of an
// unexpected form counts as unknown, and control characters are removed from all text.

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

/** Texts by name; undefined if there are none. */
export const recordedMap = z.record(line, line).optional().catch(undefined);

/** A list of objects of a form. If it has another form, it is empty. */
export function recordedList<Form extends z.ZodRawShape>(form: Form) {
  return z.array(z.object(form)).default([]).catch([]);
}
