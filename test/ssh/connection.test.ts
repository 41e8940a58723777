import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { connectionSchema, credentialSchema } from "../../src/ssh/connection.js";

const reasons = (value: unknown): string[] => checked(connectionSchema, value).reasons ?? [];

describe("a connection", () => {
  const good: [string, Record<string, unknown>][] = [
    ["a host alone", { host: "judge-1" }],
    ["an address", { host: "192.0.2.1", port: 22 }],
    ["an IPv6 address with a zone", { host: "fe80::1%eth0" }],
    ["a domain's user", { host: "h", user: "DOMAIN\\deploy" }],
    ["a key of many lines", { host: "h", privateKey: "-----BEGIN\nabc\n-----END" }],
    ["a password with special characters", { host: "h", password: ' -it\'s "$HOME" \\ ' }],
    [
      "everything of @pulumi/command",
      {
        host: "h",
        port: 1,
        user: "u",
        password: "p",
        privateKey: "k",
        privateKeyPassword: "q",
        hostKey: "ssh-ed25519 A",
        agentSocketPath: "/s",
        dialErrorLimit: -1,
        perDialTimeout: 0,
        proxy: { host: "b", port: 65535, hostKey: "ssh-rsa B" },
      },
    ],
    [
      "everything of ours",
      {
        host: "h",
        sshConfigFile: "/c",
        identityFile: "~/.ssh/id",
        sudo: true,
        hostKeyPolicy: "accept-new",
        knownHostsFile: "/k",
      },
    ],
  ];
  test.each(good)("is accepted with %s", (_name, value) => {
    expect(checked(connectionSchema, value)).toEqual({ value, reasons: undefined });
  });

  const bad: [string, unknown, string][] = [
    ["no host", {}, "host: is missing: a text"],
    ["an empty host", { host: "" }, "host: must not be empty"],
    [
      "a host that ssh would take for an option",
      { host: "-oProxyCommand=id" },
      "host: must not begin with '-' or contain white space",
    ],
    ["a host of two words", { host: "a b" }, "host: must not begin with '-' or contain white space"],
    ["an agent's socket of two lines", { host: "h", agentSocketPath: "a\nb" }, "agentSocketPath: must be one line"],
    ["a host that a proxy's shell would run", { host: "$(id)" }, "host: must be a host name, an address or an alias"],
    ["a user that a proxy's shell would run", { host: "h", user: "a;id" }, "user: must be a user name"],
    [
      "a user that ssh would take for an option",
      { host: "h", user: "-oProxyCommand=id" },
      "user: must not begin with '-' or contain white space",
    ],
    [
      "a proxy that ssh would take for an option",
      { host: "h", proxy: { host: "-x" } },
      "proxy.host: must not begin with '-' or contain white space",
    ],
    ["port 0", { host: "h", port: 0 }, "port: must be 1 to 65535"],
    ["port 65536", { host: "h", port: 65536 }, "port: must be 1 to 65535"],
    ["half a port", { host: "h", port: 22.5 }, "port: must be a whole number"],
    ["a port in quotation marks", { host: "h", port: "22" }, "port: must be a number, without quotation marks"],
    ["a password of two lines", { host: "h", password: "a\nb" }, "password: must be one line"],
    [
      "a host key of two lines",
      { host: "h", hostKey: "ssh-ed25519 A\n@cert-authority *" },
      "hostKey: must be one line",
    ],
    ["a NUL", { host: "h", identityFile: "/a\0b" }, "identityFile: must be one line"],
    ["an unknown policy", { host: "h", hostKeyPolicy: "no" }, 'hostKeyPolicy: must be one of "strict"|"accept-new"'],
    [
      "an unknown property",
      { host: "h", keyFile: "/k" },
      'unknown property "keyFile" (known: agentSocketPath, dialErrorLimit, host, hostKey, hostKeyPolicy, identityFile, knownHostsFile, password, perDialTimeout, port, privateKey, privateKeyPassword, proxy, sshConfigFile, sudo, user)',
    ],
    [
      "unknown properties of a proxy",
      { host: "h", proxy: { host: "b", sudo: true, jump: 1 } },
      'proxy: unknown properties "sudo", "jump" (known: agentSocketPath, dialErrorLimit, host, hostKey, password, perDialTimeout, port, privateKey, privateKeyPassword, user)',
    ],
    ["sudo in words", { host: "h", sudo: "yes" }, "sudo: must be true or false"],
    ["a text", "root@judge-1", "must be a map (`name: value`)"],
  ];
  test.each(bad)("is refused with %s", (_name, value, reason) => {
    expect(reasons(value)).toEqual([reason]);
  });
});

test("credentials accept any properties of a connection, and no others", () => {
  expect(checked(credentialSchema, { privateKey: "k" }).reasons).toBeUndefined();
  expect(checked(credentialSchema, {}).reasons).toBeUndefined();
  expect(checked(credentialSchema, { key: "k" }).reasons).toEqual([
    'unknown property "key" (known: agentSocketPath, dialErrorLimit, host, hostKey, hostKeyPolicy, identityFile, knownHostsFile, password, perDialTimeout, port, privateKey, privateKeyPassword, proxy, sshConfigFile, sudo, user)',
  ]);
});
