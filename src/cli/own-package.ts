import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Fields of this package's package.json that the commands use. */
export interface OwnPackage {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export function ownPackage(): OwnPackage {
  return JSON.parse(readFileSync(join(__dirname, "..", "..", "..", "package.json"), "utf8")) as OwnPackage;
}
