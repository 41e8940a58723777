import { describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { html } from "../../src/report/html.js";
import { page } from "../../src/report/page.js";
import { wavesOf } from "../../src/report/timeline.js";
import { duration, size } from "../../src/report/formats.js";
import { attack, hostileFleet, now, sampleFleet } from "./sample-fleet.js";

describe("templates", () => {
  test("escape the values that are put into them", () =>
    expect(html`<b title="${'"'}">${"<i>&'"}</b>`.text).toBe('<b title="&quot;">&lt;i&gt;&amp;&#39;</b>'));
  test("nest, join lists, and omit undefined and false", () =>
    expect(html`${[html`<i>`, "a"]}${undefined}${false}${0}`.text).toBe("<i>a0"));
});

test("the page's policy allows its own script and style, by their digests, and nothing else", () => {
  const text = page(sampleFleet(3), now);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!.replaceAll("&#39;", "'");
  const digest = (tag: string): string =>
    createHash("sha256")
      .update(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)![1]!)
      .digest("base64");
  expect(policy).toBe(
    `default-src 'none'; style-src 'sha256-${digest("style")}'; script-src 'sha256-${digest("script")}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(text.match(/<(style|script)\b/g)).toEqual(["<style", "<script"]);
  expect(text).not.toMatch(/ style=| on[a-z]+=/);
});

test("the page refers to nothing outside itself", () => {
  const references = [
    ...page(sampleFleet(20), now).matchAll(/\b(?:href|src|action|url|xlink:href)\s*[=(]\s*["']?([^"')\s>]*)/g),
  ].map(([, to]) => to!);
  expect(references.length).toBeGreaterThan(20);
  expect(references.filter((to) => !/^(#|data:image\/svg)/.test(to))).toEqual([]);
});

test("the page escapes all values from hosts and states, and all names", () => {
  const text = page(hostileFleet(), now);
  expect(text).not.toMatch(/<img|<script>window|onerror="/);
  expect(text.split("&quot;&#39;&gt;&lt;/title&gt;").length).toBeGreaterThan(25);
  expect(text).not.toContain(attack);
});

test("the page shows the facts of a host under readable names", () => {
  const text = page(sampleFleet(1), now);
  expect(text).toContain("<dt>memory</dt><dd>7.8 GB</dd>");
  expect(text).toContain("<dt>root by sudo</dt><dd>no</dd>");
  expect(text).not.toContain("distributionId");
});

test("the page of the same fleet is the same", () => expect(page(sampleFleet(5), now)).toBe(page(sampleFleet(5), now)));
test("the page of an empty fleet says that all is well", () =>
  expect(page({ stacks: [], jails: [] }, now)).toContain("All is well"));

describe("the waves of a rollout", () => {
  const minute = 60_000;
  test("are separated by long pauses", () =>
    expect(wavesOf([0, minute, 2 * minute, 1000 * minute, 1001 * minute])).toEqual([
      { start: 0, end: 2 * minute, count: 3 },
      { start: 1000 * minute, end: 1001 * minute, count: 2 },
    ]));
  test("are five at most", () =>
    expect(wavesOf(Array.from({ length: 100 }, (_, index) => index * index * minute)).length).toBe(5));
  test("are one for a single time, and none without times", () => {
    expect(wavesOf([5, 5])).toEqual([{ start: 5, end: 5, count: 2 }]);
    expect(wavesOf([])).toEqual([]);
  });
});

test.each([
  [0, "0 kB"],
  [900, "900 kB"],
  [4216, "4.1 MB"],
  [42_000, "41 MB"],
  [12_000_000, "11 GB"],
])("%d kB is %s", (kb, words) => expect(size(kb)).toBe(words));
test.each([
  [5, "5 s"],
  [200, "3 min 20 s"],
  [7300, "2 h 1 min"],
])("%d s is %s", (seconds, words) => expect(duration(seconds)).toBe(words));
