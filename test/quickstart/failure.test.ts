import { expect, test } from "@jest/globals";
import { Failure, failureOf } from "../../quickstart/failure.js";

test("what says itself what to do stays as it is", () => {
  const failure = new Failure("port 2222 is taken", "give another one");
  expect(failureOf(failure, "/q")).toBe(failure);
});

test.each([
  [
    { code: "ENOSPC", path: "/q/keys", message: "ENOSPC: no space left on device, write" },
    "the disk is full: nothing more could be written to /q/keys",
  ],
  [
    { code: "ENOSPC", message: "ENOSPC: no space left on device, write" },
    "the disk is full: nothing more could be written to /q",
  ],
  [{ code: "EACCES", path: "/q/keys", message: "EACCES" }, "you have no right to /q/keys"],
  [{ code: "EROFS", path: "/q", message: "EROFS" }, "/q is on a file system that cannot be written"],
  [
    new Error("Command failed with exit code 1: ssh-keygen\n\nSaving key failed: No space left on device"),
    "the disk is full: nothing more could be written to /q",
  ],
  [new Error("something else\n    at a place"), "something else"],
  ["a word", "a word"],
  [new Error(""), "something went wrong"],
])("%j", (error, reason) => {
  const failure = failureOf(error, "/q");
  expect(failure.message).toBe(reason);
  expect(failure.remedy).not.toBe("");
});
