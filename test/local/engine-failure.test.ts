import { describe, expect, test } from "@jest/globals";
import { engineFailure, engineFailureText } from "../../src/local/engine-failure.js";

/** Returns the Automation API's error for a failed command of the engine. It contains everything twice. */
const thrown = (error: string): string => {
  const command = "Command failed with exit code 1: /root/.pulumi/versions/3.259.0/bin/pulumi preview --stack dev";
  return `code: -2\n stdout: \n stderr: ${command}\n${error}\n err?: Error: ${command}\n${error}\n`;
};

describe("a known failure of the engine is reported in one line, with a remedy", () => {
  test.each<[string, string, string, RegExp]>([
    [
      "no passphrase",
      "error: getting stack configuration: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      "the stack's passphrase is not set",
      /^export PULUMI_CONFIG_PASSPHRASE_FILE=FILE/,
    ],
    [
      "a wrong passphrase",
      "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
      "the passphrase is not this stack's",
      /^export PULUMI_CONFIG_PASSPHRASE_FILE=FILE/,
    ],
    [
      "a passphrase file that does not exist",
      "error: get stack secrets manager: unable to read PULUMI_CONFIG_PASSPHRASE_FILE: open /keys/p: no such file or directory",
      "the file of the stack's passphrase cannot be read: /keys/p: no such file or directory",
      /^export/,
    ],
    ["a stack that does not exist", "error: no stack named 'nope' found", "there is no stack nope", /pulumi stack ls/],
    [
      "no login",
      "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      "nobody is logged in to the backend that keeps the stacks",
      /pulumi login --local/,
    ],
    [
      "no engine",
      "Downloading pulumi v3.259.0...\npulumi: fetch failed",
      "Pulumi's engine 3.259.0 is not on this machine, and cannot be fetched",
      /network/,
    ],
  ])("%s", (_name, said, reason, remedy) => {
    const failure = engineFailure(thrown(said));
    expect(failure).toEqual({ reason, remedy: expect.stringMatching(remedy) });
    expect(engineFailureText(failure).split("\n")).toHaveLength(2);
  });

  test("a folder without a project, and a folder that does not exist", () => {
    expect(engineFailure("failed to find project settings file in workdir: .").reason).toBe(
      "there is no Pulumi.yaml here",
    );
    expect(engineFailure("Invalid workDir passed to local workspace: '/nonexistent' does not exist").reason).toBe(
      "there is no folder /nonexistent",
    );
  });
});

describe("an unknown failure of the engine", () => {
  test("is reported with the engine's own error, once, without the command", () => {
    expect(engineFailure(thrown("Updating\nerror: the plugin is odd:\n  see its log"))).toEqual({
      reason: "the plugin is odd:\n  see its log",
    });
    expect(engineFailureText({ reason: "odd" })).toBe("odd");
  });

  test("is reported with its last 15 lines, without terminal sequences", () => {
    const lines = Array.from({ length: 40 }, (_, number) => `\u001b[31mline ${number}\u001b[0m`).join("\n");
    expect(engineFailure(lines).reason.split("\n")).toEqual(Array.from({ length: 15 }, (_, at) => `line ${at + 25}`));
  });
});
