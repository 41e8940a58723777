import { expect, test } from "@jest/globals";
import { placesIn } from "../../quickstart/places.js";
import { portIn, sshConfig, sshdConfig } from "../../quickstart/ssh-settings.js";

const places = placesIn("/q");

test("the server listens on loopback only, and takes nothing but the one key", () => {
  const lines = sshdConfig(places, 2300, false).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "Port 2300",
      "ListenAddress 127.0.0.1",
      "AuthenticationMethods publickey",
      "PasswordAuthentication no",
      'AuthorizedKeysFile "/q/keys/login_key.pub"',
      "UsePAM no",
    ]),
  );
  expect(sshdConfig(places, 2300, true)).toContain("\nUsePAM yes\n");
});

test("the port of a run before is read from the server's settings", () => {
  expect(portIn(sshdConfig(places, 2317, true))).toBe(2317);
  expect(portIn("")).toBeUndefined();
  expect(portIn("Port ")).toBeUndefined();
});

test("the client trusts this one host's key, from our own file", () => {
  expect(sshConfig(places, 2300)).toMatch(
    /Host local\n  HostName 127\.0\.0\.1\n  Port 2300\n[^]*UserKnownHostsFile \/q\/known_hosts\n[^]*StrictHostKeyChecking yes/,
  );
});
