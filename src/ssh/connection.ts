import { z } from "zod";

const text = z
  .string()
  .min(1, "must not be empty")
  .refine((value) => !/[\0\r\n]/.test(value), "must be one line");
/** A word that is passed to OpenSSH as an argument. OpenSSH must not read it as an option. */
const word = text.refine((value) => !/^-|\s/.test(value), "must not begin with '-' or contain white space");
/**
 * A shell runs a proxy's command, which contains the host's name. So a name must not have the characters that OpenSSH
 * itself refuses (since 9.6).
 */
const hostName = word.refine(
  (value) => !/['"`$\\;&<>|(){}]/.test(value),
  "must be a host name, an address or an alias",
);
const userName = word.refine((value) => !/['"`;&<>|(){}]|\\$/.test(value), "must be a user name");
const port = z.number().int("must be a whole number").min(1, "must be 1 to 65535").max(65535, "must be 1 to 65535");

const proxy = z.strictObject({
  host: hostName,
  port: port.exactOptional(),
  user: userName.exactOptional(),
  password: text.exactOptional(),
  privateKey: z.string().min(1).exactOptional(),
  privateKeyPassword: text.exactOptional(),
  hostKey: text.exactOptional(),
  agentSocketPath: text.exactOptional(),
  dialErrorLimit: z.number().int().min(-1).exactOptional(),
  perDialTimeout: z.number().int().min(0).exactOptional(),
});

export const connectionSchema = z.strictObject({
  host: hostName,
  port: port.exactOptional(),
  user: userName.exactOptional(),
  password: text.exactOptional(),
  privateKey: z.string().min(1).exactOptional(),
  privateKeyPassword: text.exactOptional(),
  hostKey: text.exactOptional(),
  agentSocketPath: text.exactOptional(),
  dialErrorLimit: z.number().int().min(-1).exactOptional(),
  perDialTimeout: z.number().int().min(0).exactOptional(),
  proxy: proxy.exactOptional(),
  sshConfigFile: text.exactOptional(),
  identityFile: text.exactOptional(),
  sudo: z.boolean().exactOptional(),
  hostKeyPolicy: z.enum(["strict", "accept-new"]).exactOptional(),
  knownHostsFile: text.exactOptional(),
});

/** The parsed form of ConnectionArgs. Every value is known. */
export type Connection = z.output<typeof connectionSchema>;
export type ProxyConnection = z.output<typeof proxy>;

/**
 * Connection settings in the stack's `credentials`. They override a host's connection, and are in no resource's state.
 */
export const credentialSchema = z.strictObject({ ...connectionSchema.shape, host: hostName.exactOptional() });
export type Credential = z.output<typeof credentialSchema>;
