import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { report } from "../../harness/commands/report.js";
import { writeSample } from "../bench/report-job.js";
import { needsChromium, startChromium } from "../support/chromium.js";

const RED = "smoke.orderly.precopy.stressed.v1";

describe("the pages of a case in a browser", function () {
  this.timeout(120_000);
  let browser: Browser | undefined;
  let folder: string;

  before(async function () {
    needsChromium(this);
    folder = mkdtempSync(join(tmpdir(), "migstorm-case-"));
    await writeSample(folder);
    await report(folder, () => undefined, { singleFile: join(folder, "mail.html") });
    browser = await startChromium();
  });
  after(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page for what a test does with it, and closes it again. What was asked for besides pages of the job is trouble. */
  async function on(name: string, use: (page: Page) => Promise<void>): Promise<void> {
    assert.ok(browser !== undefined);
    const page = await browser.newPage();
    const trouble: string[] = [];
    const root = pathToFileURL(`${folder}/`).href;
    page.on("request", (request) => {
      if (!request.url().startsWith(root) || request.resourceType() !== "document") trouble.push(request.url());
    });
    page.on("pageerror", (error) => trouble.push(error.message));
    page.on("console", (message) => trouble.push(message.text()));
    try {
      await page.goto(pathToFileURL(join(folder, name)).href);
      await use(page);
      assert.deepEqual(trouble, []);
    } finally {
      await page.close();
    }
  }
  const targeted = (page: Page) => page.locator(":target").textContent();

  it("lead from the job's page to the case, from its red check to the line, and back", () =>
    on("results.html", async (page) => {
      await page.locator(`#case-1 a[href$="case.html"]`).click();
      assert.match((await page.locator("h1").textContent()) ?? "", new RegExp(RED));
      await page.locator(".checks a", { hasText: "h1 line 60" }).click();
      assert.match(page.url(), /logs\.html#h1-kernel-L60$/);
      assert.match((await targeted(page)) ?? "", /^60<6> \[.* s\] br0: port 2\(vnet59\)/);
      assert.equal(await page.locator(".log .red").count(), 1);
      await page.locator("header a", { hasText: "the case over time" }).click();
      await page.locator("header a", { hasText: "results.html" }).click();
      assert.match(page.url(), /results\.html#case-1$/);
      await page.waitForFunction('document.querySelector("#case-1").closest("details").open');
    }));

  it("can be walked through by the keyboard alone", () =>
    on(`test-results/${RED}/case.html`, async (page) => {
      const focused = () =>
        page.evaluate<string>(
          'document.activeElement.localName + " " + (document.activeElement.getAttribute("href") ?? "")',
        );
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "a ../../results.html#case-1");
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "a logs.html#h1-kernel-L60");
      await page.keyboard.press("Enter");
      await page.waitForURL(/logs\.html#h1-kernel-L60$/);
    }));

  it("have every chart on one time axis", () =>
    on(`test-results/${RED}/case.html`, async (page) => {
      const titles = await page.locator("figcaption h4").allTextContents();
      for (const title of ["Longest silence", "Memory remaining", "Dirty rate", "h1: bytes", "h1: CPU", "h1: classes"])
        assert.ok(
          titles.some((one) => one.startsWith(title)),
          title,
        );
      const axes = await page
        .locator(".tl svg")
        .evaluateAll((all) => all.map((svg) => svg.querySelector(".ax path")?.getAttribute("d")?.replace(/V\d+/g, "")));
      assert.equal(new Set(axes).size, 1);
      assert.ok(axes.length >= 9);
    }));

  it("stay within the page on a laptop, on paper and in the dark", () =>
    on(`test-results/${RED}/case.html`, async (page) => {
      const overflow = () => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      const paper = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      await page.setViewportSize({ width: 1280, height: 800 });
      assert.ok((await overflow()) <= 0, String(await overflow()));
      const light = await paper();
      await page.emulateMedia({ colorScheme: "dark" });
      assert.notEqual(await paper(), light);
      await page.emulateMedia({ colorScheme: "dark", media: "print" });
      assert.equal(await paper(), "rgb(255, 255, 255)");
      await page.setViewportSize({ width: 720, height: 1000 });
      assert.ok((await overflow()) <= 0, String(await overflow()));
    }));

  it("are in the page for mail where the case went wrong, which asks for nothing and leads nowhere", () =>
    on("mail.html", async (page) => {
      assert.ok((await page.locator("#case-1 figure.ch").count()) >= 8);
      assert.ok(await page.locator("#case-1 figure.ch").first().isVisible());
      assert.equal(await page.locator("#case-2 figure.ch").count(), 0);
      assert.equal(await page.locator('a:not([href^="#"])').count(), 0);
    }));
});
