import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The browser of this machine; undefined: it has none that is known here. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell", "/usr/bin/google-chrome"].find(
  existsSync,
);

/** For a test's `before`: leaves the tests out where there is no browser, and says so. */
export function needsChromium(context: Mocha.Context): void {
  if (CHROMIUM !== undefined) return;
  const suite = context.test?.parent;
  if (suite !== undefined) suite.title += " [skipped: no Chromium here; on Debian: apt-get install chromium]";
  context.skip();
}

/** Whoever starts one closes it, whatever fails: mocha does not end before. The user of a container is often root, for whom it has no sandbox. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
