import { describe, expect, test } from "@jest/globals";
import { engineFailure, engineFailureText } from "../../src/local/engine-failure.js";

/** What the Automation API throws where a command of the engine fails: everything twice. */
const thrown = (error: string): string => {
  const command = "Command failed with exit code 1: /root/.pulumi/versions/3.259.0/bin/pulumi preview --stack dev";
  return `code: -2\n stdout: \n stderr: ${command}\n${error}\n err?: Error: ${command}\n${error}\n`;
};

describe("what the engine cannot do is told in one line, with what to do", () => {
  test.each<[string, string, string, RegExp]>([
    [
      "no passphrase",
      "error: getting stack configuration: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      "the stack's passphrase is not set",
      /^export PULUMI_CONFIG_PASSPHRASE_FILE=FILE/,
    ],
    [
      "another passphrase",
      "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
      "the passphrase is not this stack's",
      /^export PULUMI_CONFIG_PASSPHRASE_FILE=FILE/,
    ],
    [
      "a passphrase file that is not there",
      "error: get stack secrets manager: unable to read PULUMI_CONFIG_PASSPHRASE_FILE: open /keys/p: no such file or directory",
      "the file of the stack's passphrase cannot be read: /keys/p: no such file or directory",
      /^export/,
    ],
    ["a stack that is not there", "error: no stack named 'nope' found", "there is no stack nope", /pulumi stack ls/],
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

  test("no project, and no directory, in which case no command was run", () => {
    expect(engineFailure("failed to find project settings file in workdir: .").reason).toBe(
      "there is no Pulumi.yaml here",
    );
    expect(engineFailure("Invalid workDir passed to local workspace: '/nonexistent' does not exist").reason).toBe(
      "there is no folder /nonexistent",
    );
  });
});

describe("what nobody foresaw", () => {
  test("is the engine's own error, once, without the command", () => {
    expect(engineFailure(thrown("Updating\nerror: the plugin is odd:\n  see its log"))).toEqual({
      reason: "the plugin is odd:\n  see its log",
    });
    expect(engineFailureText({ reason: "odd" })).toBe("odd");
  });

  test("has so many lines at most, the last ones, and no terminal sequence", () => {
    const lines = Array.from({ length: 40 }, (_, number) => `\u001b[31mline ${number}\u001b[0m`).join("\n");
    expect(engineFailure(lines).reason.split("\n")).toEqual(Array.from({ length: 15 }, (_, at) => `line ${at + 25}`));
  });
});
