import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { page as pageOf } from "../../src/report/page.js";
import type { Fleet } from "../../src/status/fleet.js";
import { attack, hostileFleet, now, sampleFleet } from "../report/sample-fleet.js";
import { browserFile, noBrowser, startBrowser } from "./browser.js";

// The report in a real browser, opened as a person opens it: from a file.
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What these tests use of an element of the page. The DOM's own types would be those of the whole program. */
interface PageElement {
  readonly textContent: string;
  readonly innerText: string;
  readonly tagName: string;
  readonly hidden: boolean;
  readonly classList: { contains(name: string): boolean };
  getAttribute(name: string): string | null;
  checkVisibility(): boolean;
  click(): void;
}

let browser: Browser | undefined;
let page: Page;
let folder: string | undefined;
/** What went wrong in the page, and what it asked for. */
let complaints: string[];
let requests: string[];

beforeAll(async () => {
  if (browserFile === undefined) return;
  folder = mkdtempSync(join(tmpdir(), "python3jail-report-"));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  if (browserFile === undefined) return;
  page = await browser!.newPage();
  page.setDefaultTimeout(90_000);
  complaints = [];
  requests = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
});
afterEach(async () => {
  if (browserFile === undefined) return;
  await page.close();
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith("data:")).map((url) => url.replace(/#.*/, ""))).toEqual(
    Array.from({ length: requests.length }, () => address).slice(0, 1),
  );
});

let address: string;
async function open(fleet: Fleet, anchor = ""): Promise<void> {
  const file = join(folder!, "report.html");
  writeFileSync(file, pageOf(fleet, now));
  address = `file://${file}`;
  await page.goto(address + anchor, { waitUntil: "load" });
}

/** The hosts in the table, from the top, as far as they are shown. */
const shownHosts = (): Promise<string[]> =>
  page.$$eval("#jails tbody:not([hidden]) th", (cells: PageElement[]) => cells.map((cell) => cell.textContent.trim()));
const background = (): Promise<string> =>
  page.evaluate("getComputedStyle(document.body).backgroundColor") as Promise<string>;
async function reset(): Promise<void> {
  await page.click("#filters [type=reset]");
  // The fields are empty after the event, when the page looks at them again.
  await page.evaluate(() => new Promise<void>((resolve) => void setTimeout(resolve)));
}
const sortBy = (title: string): Promise<void> =>
  page.$$eval(
    "#jails thead button",
    (buttons: PageElement[], wanted) => buttons.find(({ textContent }) => textContent === wanted)!.click(),
    title,
  );
async function violations(): Promise<unknown[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    return (await checker.run()).violations.map(({ id, nodes }) => [
      id,
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
    ]);
  });
}

(browserFile === undefined ? describe.skip : describe)(browserFile === undefined ? noBrowser : "in a browser", () => {
  test("the report shows problems first, and its rows fold", async () => {
    await open(sampleFleet(40));
    expect((await shownHosts()).slice(0, 3)).toEqual(["judge-4", "judge-8", "judge-1"]);
    const details = (): Promise<boolean> => page.$eval("#jail-2-more", (row: PageElement) => row.checkVisibility());
    expect(await details()).toBe(false);
    await page.focus("#jail-2 .fold");
    await page.keyboard.press("Enter");
    expect([
      await details(),
      await page.$eval("#jail-2 .fold", (button: PageElement) => button.getAttribute("aria-expanded")),
    ]).toEqual([true, "true"]);
    expect(await page.$eval("#jail-2-more", (row: PageElement) => row.innerText)).toContain(
      "lib/python3.11/os.py is 0666 0:0, should be 0644 0:0",
    );
    await page.click("#jail-2 .main td:last-child");
    expect(await details()).toBe(false);
  });

  test("jails are found by text, state and python", async () => {
    await open(sampleFleet(40));
    await page.type("[name=text]", "judge-1 0600");
    expect(await shownHosts()).toEqual([]);
    expect(await page.$eval("#nothing", ({ hidden }: PageElement) => hidden)).toBe(false);
    await reset();
    await page.type("[name=text]", "OS.PY 0666");
    expect(await shownHosts()).toEqual(["judge-8"]);
    await reset();
    await page.select("[name=state]", "wrong");
    expect(await shownHosts()).toEqual(["judge-4", "judge-8"]);
    expect(await page.$eval("output", ({ textContent }: PageElement) => textContent)).toBe("2 of 40 shown");
    await page.select("[name=python]", "3.12.11");
    expect(await shownHosts()).toEqual([]);
    // A tile leads to what it counts.
    await page.click('[data-filter="python"][data-value="3.12.11"]');
    expect((await shownHosts()).length).toBe(8);
  });

  test("columns sort as numbers, times and names, in both directions, with unknown values last", async () => {
    await open(sampleFleet(40));
    await sortBy("Host");
    expect((await shownHosts()).slice(0, 12).join(" ")).toBe(
      Array.from({ length: 12 }, (_, index) => `judge-${index + 1}`).join(" "),
    );
    await sortBy("Host");
    expect((await shownHosts())[0]).toBe("judge-40");
    await sortBy("Size");
    expect((await shownHosts())[0]).toBe("judge-1");
    await sortBy("Size");
    expect([(await shownHosts())[0], (await shownHosts()).slice(-2).sort()]).toEqual([
      "judge-40",
      ["judge-4", "judge-8"],
    ]);
    expect(
      await page.$$eval("#jails thead [aria-sort]", (headings: PageElement[]) =>
        headings.map((one) => [one.textContent, one.getAttribute("aria-sort")]),
      ),
    ).toEqual([["Size", "descending"]]);
    await sortBy("Changed");
    expect((await shownHosts()).at(-1)).toBe("judge-4");
  });

  test("a link to a jail opens it", async () => {
    await open(sampleFleet(40), "#jail-2");
    expect(await page.$eval("#jail-2", ({ classList }: PageElement) => classList.contains("open"))).toBe(true);
  });

  test("the colours follow the system, light or dark, or the user's choice", async () => {
    await open(sampleFleet(3));
    const seen: string[] = [];
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      seen.push(await background());
    }
    expect(seen[0]).not.toBe(seen[1]);
    // From automatic, dark here, to light, to dark, and back.
    const chosen: unknown[] = [];
    for (let press = 0; press < 3; press += 1) {
      await page.click("#theme");
      chosen.push([await page.$eval("#theme", ({ textContent }: PageElement) => textContent), await background()]);
    }
    expect(chosen).toEqual([
      ["Theme: light", seen[0]],
      ["Theme: dark", seen[1]],
      ["Theme: automatic", seen[1]],
    ]);
  });

  test.each(["light", "dark"])("axe finds no fault in the %s page with everything open", async (scheme) => {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await open(sampleFleet(12));
    expect(await violations()).toEqual([]);
    await page.click("#unfold");
    await page.click(".warnings summary");
    await sortBy("State");
    expect(await violations()).toEqual([]);
  });

  describe("on a telephone", () => {
    const narrow = async (fleet: Fleet): Promise<void> => {
      await page.setViewport({ width: 390, height: 844 });
      await open(fleet);
    };

    test("no part is wider than the screen, and no name breaks at its hyphen", async () => {
      await narrow(sampleFleet(40));
      await page.click("#unfold");
      const wide = await page.evaluate(`[document.documentElement, ...document.querySelectorAll(".scroll")]
        .filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.className || part.tagName)`);
      const lines = await page.evaluate(`Math.max(...[...document.querySelectorAll("#jails .fold")].map((name) => {
        const range = document.createRange();
        range.selectNodeContents(name);
        return range.getClientRects().length;
      }))`);
      expect([wide, lines]).toEqual([[], 1]);
    });

    test("each value has its label, the chart is described in words, and rows can be searched", async () => {
      await narrow(sampleFleet(40));
      const text = await page.$eval("#jail-2 .main", (row: PageElement) => row.innerText);
      expect(text).toMatch(/^judge-8\s/);
      const titles = await page.evaluate(`[...document.querySelectorAll("#jail-2 .main td")]
        .map((cell) => getComputedStyle(cell, "::before").content)`);
      expect(titles).toEqual(expect.arrayContaining(['"State"', '"Python"', '"Changed"']));
      const isSeen = (selector: string) => page.$eval(selector, (part: PageElement) => part.checkVisibility());
      expect([await isSeen(".timeline"), await isSeen(".waves")]).toEqual([false, true]);
      await page.type("#filters [name=text]", "judge-8");
      expect(
        await page.$$eval("#jails tbody", (rows: PageElement[]) => rows.filter((row) => row.checkVisibility()).length),
      ).toBe(1);
    });

    test("axe finds no fault", async () => {
      await narrow(sampleFleet(20));
      await page.click("#unfold");
      expect(await violations()).toEqual([]);
    });
  });

  test("a browser without scripts shows everything", async () => {
    await page.setJavaScriptEnabled(false);
    await open(sampleFleet(12));
    expect(
      await page.$$eval("#jails .more", (rows: PageElement[]) => rows.filter((row) => !row.checkVisibility()).length),
    ).toBe(0);
    expect(
      await page.$$eval(
        "#filters, #theme, thead button",
        (all: PageElement[]) => all.filter((one) => one.checkVisibility()).length,
      ),
    ).toBe(0);
    expect(await page.$eval("#jail-3-more", ({ textContent }: PageElement) => textContent)).toContain("glibc 2.36");
  });

  test("a printed report has no controls, and every row", async () => {
    await open(sampleFleet(12));
    await page.emulateMediaType("print");
    expect(
      await page.$$eval("#filters, #theme", (all: PageElement[]) => all.filter((one) => one.checkVisibility()).length),
    ).toBe(0);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  });

  test("an attack in a host's or a state's text is shown as text, and does nothing", async () => {
    await open(hostileFleet());
    await page.click("#unfold");
    await sortBy("State");
    await page.type("[name=text]", "<img");
    expect(await page.evaluate(() => (globalThis as { taken?: number }).taken)).toBeUndefined();
    expect(await page.$$eval("img, script", (all: PageElement[]) => all.map(({ tagName }) => tagName))).toEqual([
      "SCRIPT",
    ]);
    expect(await page.$eval("#jail-1 .fold", ({ textContent }: PageElement) => textContent)).toBe(attack);
  });

  test("a thousand jails can be found and sorted", async () => {
    await open(sampleFleet(1000));
    await page.select("[name=python]", "3.12.11");
    expect((await shownHosts()).length).toBe(200);
    await sortBy("Host");
    expect((await shownHosts())[0]).toBe("judge-801");
    expect(
      await page.$$eval(".timeline circle, .timeline rect:not(.ground)", ({ length }: PageElement[]) => length),
    ).toBe(999);
  });
});
