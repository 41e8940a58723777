import { createHash } from "node:crypto";
import { z } from "zod";

/** The schema of a shard: `3/10` is the third of ten stacks that share a list of hosts. */
export const shardSchema = z
  .string()
  .regex(/^[1-9]\d{0,3}\/[1-9]\d{0,3}$/, 'must be which of how many shards, in quotation marks: "3/10"')
  .refine(
    (text) => Number(text.split("/")[0]) <= Number(text.split("/")[1]),
    'must be one of them: "3/10" is the third of ten',
  );

/**
 * Whether a host belongs to a shard. This depends only on the host's name and the number of shards, so that adding or
 * removing a host moves no other host.
 */
export function isInShard(name: string, shard: string): boolean {
  const [which, all] = shard.split("/").map(Number) as [number, number];
  return createHash("sha256").update(name).digest().readUInt32BE() % all === which - 1;
}
