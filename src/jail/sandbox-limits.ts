import { list, number, optionalNumber, optionalText, type ValuesOf } from "../remote/arguments.js";
import { z } from "zod";
import { absolutePath } from "../remote/host-paths.js";

const account = z
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1: nothing in the jail runs as root")
  .max(4294967294);
const limit = z.number().int("must be a whole number").min(1, "must be at least 1");

const maxFileKb = 41_943_040;

/**
 * The default limits. Memory is address space. numpy needs 95 MB, and 48 MB for each further processor, up to the
 * number of threads that `processes` allows. On two processors pandas needs 190 MB, scipy.stats 330 MB and OpenCV 445
 * MB.
 */
export const defaultLimits = { cpuSeconds: 10, clockSeconds: 60, memoryKb: 1_048_576, processes: 16, files: 512 };

/** Environment variables that programs in a jail always have. */
const usualVariables = ["PATH", "PYTHONHOME", "PYTHONIOENCODING", "PYTHONPATH"];

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of a variable: letters, digits and '_'")
  .refine(
    (name) => !usualVariables.includes(name),
    `must be none of ${usualVariables.join(", ")}: these are set already`,
  );

/**
 * Values that need no quotes in a shell or in its printf, so that the command that JailCheck returns stays readable.
 */
const variableValue = z
  .union([z.string().regex(/^[A-Za-z0-9_@+=:,./-]*$/, "must have only letters, digits and '_@+=:,./-'"), z.number()])
  .transform(String);

/** The user and the limits of programs in a jail: the inputs that JailCheck and JailAudit share. */
export const sandboxFields = {
  safeexec: absolutePath.optional(),
  uid: account.default(10000),
  gid: account.default(1000),
  limits: z
    .strictObject({
      cpuSeconds: limit.default(defaultLimits.cpuSeconds),
      clockSeconds: limit.default(defaultLimits.clockSeconds),
      memoryKb: limit.default(defaultLimits.memoryKb),
      processes: z.number().int("must be a whole number").min(0).default(defaultLimits.processes),
      files: limit.max(1024, "must be at most 1024: safeexec allows no more").default(defaultLimits.files),
      fileKb: z
        .number()
        .int("must be a whole number")
        .min(0, "must be at least 0")
        .max(maxFileKb, `must be at most ${maxFileKb}: safeexec allows no more`)
        .optional(),
    })
    .default(defaultLimits),
  environment: z.record(variableName, variableValue).optional(),
};

type SandboxInputs = z.output<z.ZodObject<typeof sandboxFields>>;

/**
 * The same as arguments of a step: limits in seconds, kB and counts; variables as `NAME=VALUE`. The script has defaults
 * for optional arguments that are not given.
 */
export const sandboxArguments = {
  safeexec: optionalText,
  uid: number,
  gid: number,
  cpu: optionalNumber,
  clock: optionalNumber,
  memory: optionalNumber,
  processes: optionalNumber,
  files: optionalNumber,
  fileKb: optionalNumber,
  environment: list,
};

/** Converts the inputs to arguments of a step. */
export function sandboxValues({
  safeexec,
  uid,
  gid,
  limits,
  environment = {},
}: SandboxInputs): ValuesOf<typeof sandboxArguments> {
  const { cpuSeconds: cpu, clockSeconds: clock, memoryKb: memory, processes, files, fileKb } = limits;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return { safeexec, uid, gid, cpu, clock, memory, processes, files, fileKb, environment: variables.sort() };
}
