import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { manifestConfig } from "../src/config.js";
import { repositoryRoot } from "./hosts/repository.js";

test("Pulumi.yaml has the config that the resources declare: `npm run manifest` writes it", () => {
  const { name, config } = parse(readFileSync(join(repositoryRoot, "Pulumi.yaml"), "utf8")) as {
    name: string;
    config: object;
  };
  expect(config).toEqual(manifestConfig(name));
});
