#!/usr/bin/env node
"use strict";
// Not compiled, so that npx finds it in a fresh clone too. Without it, npx would keep in its cache that there is no such command.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const main = join(__dirname, "..", "build", "src", "cli", "main.js");
if (existsSync(main)) require(main);
else {
  process.stderr.write("error: this clone is not set up yet\n       run: npm run setup\n");
  process.exitCode = 1;
}
