import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { execa } from "execa";
import { CHROMIUM, startChromium } from "../support/chromium.js";
import { median } from "./figures.js";
import { replicate, writeSample } from "./report-job.js";
import { against, ms, type Part } from "./table.js";

const TARGETS = { buildMs: 10_000, peakMiB: 512, indexMB: 5, usableS: 2 } as const;
const CASES = 1_000;
const built = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Build {
  readonly tookMs: number;
  /** All CPUs together. */
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/**
 * The reports of a thousand cases with their evidence, in a process of its own, and their page in a browser.
 * @param job folder of a job whose cases are taken, over and over; absent: cases as the lab makes them
 */
export async function reportPart(rounds: number, job: string | undefined): Promise<Part[]> {
  const folder = await mkdtemp(join(tmpdir(), "migstorm-bench-"));
  try {
    const sample = job === undefined ? join(folder, "sample") : resolve(job);
    if (job === undefined) await writeSample(sample);
    const thousand = join(folder, "thousand");
    await replicate(sample, thousand, CASES);
    const builds: Build[] = [];
    for (let round = 0; round < rounds; round += 1) builds.push(await buildOnce(thousand));
    const single = join(folder, "single.html");
    const singleBuild = await buildOnce(thousand, single);
    const index = join(thousand, "results.html");
    const opened = CHROMIUM === undefined ? undefined : await usable(index);
    const figures = {
      buildMs: median(builds.map(({ tookMs }) => tookMs)),
      peakMiB: median(builds.map(({ peakMiB }) => peakMiB)),
      indexMB: (await stat(index)).size / 1e6,
      singleMB: (await stat(single)).size / 1e6,
      ...(await beside(join(thousand, "test-results"))),
    };
    return [
      {
        title: `reports of ${CASES} cases with evidence`,
        head: ["", "measured", "target"],
        rows: [
          ["all reports and pages, ms", ms(figures.buildMs), against(figures.buildMs, TARGETS.buildMs)],
          ["the same, ms of CPU", ms(median(builds.map(({ cpuMs }) => cpuMs))), ""],
          ["peak memory, MiB", ms(figures.peakMiB), against(figures.peakMiB, TARGETS.peakMiB)],
          ["results.html, MB", figures.indexMB.toFixed(2), against(figures.indexMB, TARGETS.indexMB)],
          ...(opened === undefined
            ? [["results.html in a browser", "no Chromium here", ""]]
            : [
                [
                  "results.html until usable, s on the clock",
                  opened.wallS.toFixed(2),
                  against(opened.wallS, TARGETS.usableS),
                ],
                ["results.html until usable, s of CPU", opened.cpuS.toFixed(2), ""],
              ]),
          [`${figures.pages} pages beside it, MB`, figures.pagesMB.toFixed(1), ""],
          ["the largest of them, MB", figures.largestMB.toFixed(2), ""],
          ["--single-file, MB", figures.singleMB.toFixed(2), against(figures.singleMB, 7)],
          ["all with --single-file, ms", ms(singleBuild.tookMs), ""],
        ],
        data: { builds, singleBuild, ...figures, ...(opened === undefined ? {} : { opened }) },
      },
      await renderersPart(),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The start of the process belongs to what one waits for. */
async function buildOnce(folder: string, ...more: readonly string[]): Promise<Build> {
  const startMs = performance.now();
  const { stdout } = await execa(process.execPath, [built("report-run.js"), folder, ...more]);
  return { ...(JSON.parse(stdout) as Build), tookMs: performance.now() - startMs };
}

async function beside(folder: string): Promise<{ pages: number; pagesMB: number; largestMB: number }> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /(?:case|logs)\.html$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return {
    pages: sizes.length,
    pagesMB: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
    largestMB: sizes.reduce((most, size) => Math.max(most, size), 0) / 1e6,
  };
}

/** From the address until the list answers to the filter. */
async function usable(path: string): Promise<{ readonly wallS: number; readonly cpuS: number }> {
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const cpuS = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "ProcessTime")?.value ?? Number.NaN;
    };
    const beforeS = await cpuS();
    const startMs = performance.now();
    await page.goto(pathToFileURL(path).href);
    await page.locator(".filter input").fill("n0007");
    await page.waitForFunction('document.querySelectorAll("table.all tbody tr:not([hidden])").length === 1');
    return { wallS: (performance.now() - startMs) / 1000, cpuS: (await cpuS()) - beforeS };
  } finally {
    await browser.close();
  }
}

/** Each report rendered alone, with the evidence left out: `name size MB time ms`. */
async function renderersPart(): Promise<Part> {
  const { stdout } = await execa(process.execPath, [built("report.js"), "1000"]);
  const lines = stdout.split("\n");
  const rows = lines.flatMap((line) => {
    const [, name, megabytes, tookMs] = /^(\S+)\s+([\d.]+) MB (\d+) ms$/.exec(line) ?? [];
    return name === undefined || megabytes === undefined || tookMs === undefined ? [] : [[name, megabytes, tookMs]];
  });
  return {
    title: `each report alone, ${lines.at(-1) ?? ""}`,
    head: ["", "MB", "ms"],
    rows,
    data: rows.map(([name, megabytes, tookMs]) => ({ name, megabytes: Number(megabytes), tookMs: Number(tookMs) })),
  };
}
