import { existsSync } from "node:fs";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { PATH } from "../hosts/tools.js";

/** The same names as in setup/browser.sh. */
const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** A browser of this machine, if it has one. */
export const browserFile = names
  .flatMap((name) => PATH.split(":").map((folder) => join(folder, name)))
  .find((file) => existsSync(file));

export const noBrowser = `left out: this machine has no Chromium (${names.join(", ")})`;

/** Starts it, without a window and with a profile of its own. */
export function startBrowser(): Promise<Browser> {
  // A browser that root starts refuses to confine itself; it opens nothing but our own page.
  return puppeteer.launch({ executablePath: browserFile!, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
