import { expect, test } from "@jest/globals";
import { commandText, parseCommandLine } from "../../quickstart/command-line.js";

test.each([
  [[], {}, { do: "up" }],
  [["--port", "2300"], { port: 2300 }, { do: "up" }],
  [["--port=2300", "--directory=/a=b", "--cache", "c"], { port: 2300, directory: "/a=b", cache: "c" }, { do: "up" }],
  [["--destroy"], {}, { do: "destroy" }],
  [["--destroy", "--directory", "/d"], { directory: "/d" }, { do: "destroy" }],
  [["-h"], {}, { do: "help" }],
  [["pulumi", "preview", "--refresh", "--diff"], {}, { do: "pulumi", args: ["preview", "--refresh", "--diff"] }],
  [["--directory", "/d", "python", "--destroy"], { directory: "/d" }, { do: "python", args: ["--destroy"] }],
])("%j", (words, options, command) => {
  expect(parseCommandLine(words)).toEqual({ options, command });
});

test.each([
  [["--port"], "--port needs a value"],
  [["--directory="], "--directory needs a value"],
  [["--port", "0"], "--port 0 is no port"],
  [["--port", "65536"], "--port 65536 is no port"],
  [["--port", "2e3"], "--port 2e3 is no port"],
  [["--destroy=yes"], "the quickstart knows no --destroy=yes"],
  [["destroy"], "the quickstart knows no destroy"],
])("%j is refused", (words, reason) => {
  expect(() => parseCommandLine(words)).toThrow(reason);
});

test("a command to type is for the same folder, whatever its name", () => {
  expect(commandText({}, "--destroy")).toBe("npm run quickstart -- --destroy");
  expect(commandText({ directory: "/tmp/q", port: 2300 }, "--destroy")).toBe(
    "npm run quickstart -- --directory /tmp/q --destroy",
  );
  expect(commandText({ directory: "it's" }, "--destroy")).toBe(
    `npm run quickstart -- --directory 'it'\\''s' --destroy`,
  );
});
