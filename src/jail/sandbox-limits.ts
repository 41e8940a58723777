import { optionalNumber, type ValuesOf } from "../remote/arguments.js";
import { z } from "zod";
import { absolutePath } from "../remote/host-paths.js";

const account = z
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1: nothing in the jail runs as root")
  .max(4294967294);
const limit = z.number().int("must be a whole number").min(1, "must be at least 1");

const maxFileKb = 41_943_040;

/** The default limits. */
export const defaultLimits = { cpuSeconds: 10, clockSeconds: 60, memoryKb: 262144, processes: 16, files: 512 };

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
};

type SandboxLimits = z.output<typeof sandboxFields.limits>;

/** The step arguments of limits, in seconds, kB and numbers. The script has a default for a limit that is not given. */
export const limitArguments = {
  cpu: optionalNumber,
  clock: optionalNumber,
  memory: optionalNumber,
  processes: optionalNumber,
  files: optionalNumber,
  fileKb: optionalNumber,
};

/** Converts limits to step arguments. */
export function limitValues(limits: SandboxLimits): ValuesOf<typeof limitArguments> {
  const { cpuSeconds: cpu, clockSeconds: clock, memoryKb: memory, processes, files, fileKb } = limits;
  return { cpu, clock, memory, processes, files, fileKb };
}
