// Writes the `config:` section of Pulumi.yaml from the registry of resources (manifestConfig in src/config.ts). Run by `npm run manifest`.
import { readFileSync, writeFileSync } from "node:fs";
import { parseDocument } from "yaml";
import config from "../build/src/config.js";

const document = parseDocument(readFileSync("Pulumi.yaml", "utf8"));
const known = document.get("config");
document.set("config", document.createNode(config.manifestConfig(document.get("name"))));
document.get("config").commentBefore = known.commentBefore;
writeFileSync("Pulumi.yaml", document.toString({ lineWidth: 120 }));
