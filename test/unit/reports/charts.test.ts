import assert from "node:assert/strict";
import type { PathEvidence } from "../../../lib/model/check.js";
import type { CapturePoint } from "../../../lib/model/path.js";
import type { CaseResult } from "../../../lib/model/result.js";
import { renderCasePage } from "../../../reports/case-page.js";
import { pathCharts } from "../../../reports/charts/path-lines.js";
import { widthOf } from "../../../reports/charts/series-width.js";
import { lineChart } from "../../../reports/html/line-chart.js";
import { buildCase, buildLeg, buildMigration, buildResult } from "../../support/build.js";
import { HOSTILE } from "./hostile-corpus.js";

const LEGS = [
  buildLeg({ number: 1, startMs: 10_000, endMs: 15_000 }),
  buildLeg({ number: 2, startMs: 22_000, endMs: 30_000 }),
];

const point = (second: number, bytes: number, over: Partial<CapturePoint> = {}): CapturePoint => ({
  ...{ second, bytes, interface: "eth1", group: "data", direction: "out", side: "to" },
  ...over,
});

/** What a capture has that saw its first packet at this moment, while each leg moved a million bytes a second. */
const seenFrom = (startMs: number): CapturePoint[] =>
  LEGS.flatMap(({ startMs: from, endMs: to }) =>
    Array.from({ length: (to - from) / 1000 }, (_, index) =>
      point(Math.floor((from + index * 1000 - startMs) / 1000), 1_000_000),
    ),
  );

const evidence = (over: Partial<PathEvidence> = {}): PathEvidence => ({
  legs: [],
  totals: [],
  captures: [
    {
      host: "h1",
      packets: 1,
      startMs: 9_000,
      counts: [],
      series: [...seenFrom(9_000), point(3, 7, { group: "rpc", direction: "in" })],
    },
  ],
  cpu: [
    {
      host: "h1",
      process: "host",
      points: [
        [10_000, 0],
        [11_000, 1.9],
      ],
    },
    {
      host: "h1",
      process: "libvirt",
      points: [
        [10_000, 0],
        [10_500, 0.1],
        [11_000, 0.35],
      ],
    },
  ],
  classes: [
    {
      ...{ host: "h1", interface: "eth1", id: "1:30", rateMbps: 100, ceilMbps: 400 },
      points: [
        [10_000, 0, 0, 0, 0, 0, 0],
        [11_000, 12_500_000, 9, 0, 9, 0, 0],
        [12_000, 0, 0, 0, 0, 0, 0],
      ],
    },
  ],
  ...over,
});

const renderPage = (result: CaseResult, path: PathEvidence): string =>
  renderCasePage(result, { evidence: { path }, files: [], number: 1 });

const result = () =>
  buildResult({ legs: LEGS, migrations: [buildMigration({ startMs: 10_000, endMs: 15_000 })], phases: [] });

describe("the clock of a capture", () => {
  it("is that of the job: nothing is drawn where nobody knows when it was", () => {
    const { captures } = evidence();
    const [known] = pathCharts(evidence());
    assert.equal(known?.lines[0]?.points.find(([, value]) => (value ?? 0) > 0)?.[0], 10_000);
    const unknown = captures.map(({ startMs: _, ...capture }) => capture);
    assert.deepEqual(pathCharts(evidence({ captures: unknown }))[0]?.lines, []);
  });

  it("ticks in stretches as long as those that the capture kept", () => {
    const every = (step: number, count: number) => Array.from({ length: count }, (_, index) => point(index * step, 1));
    assert.deepEqual([widthOf(every(1, 500)), widthOf(every(4, 500)), widthOf(every(8, 20))], [1, 4, 1]);
  });
});

describe("charts of a case", () => {
  it("are rates: MiB a second, per cent of a core, Mbit a second", () => {
    const [ports, cpu, classes] = pathCharts(evidence());
    assert.deepEqual(
      ports?.lines.map(({ name }) => name),
      ["data out", "rpc in"],
    );
    assert.equal(Math.max(...(ports?.lines[0]?.points.map(([, value]) => value ?? 0) ?? [])), 1_000_000 / 2 ** 20);
    assert.deepEqual(
      cpu?.lines.map(({ name, points }) => [name, points.map(([, percent]) => percent?.toFixed(1))]),
      [["libvirt", ["20.0", "50.0", undefined]]],
    );
    const [line] = classes?.lines ?? [];
    assert.equal(line?.name, "1:30 rate 100 ceil 400");
    assert.deepEqual(line?.points, [
      [10_000, 100],
      [11_000, null],
      [12_000, null],
    ]);
  });

  it("break off where nothing is known, and do not fall to 0 there", () => {
    const points = [
      [0, 1],
      [100, 1],
      [200, null],
      [300, 2],
      [400, null],
    ] as const;
    const chart = lineChart({ title: "x", lines: [{ name: "y", points }] }, { startMs: 0, endMs: 400 }, []);
    const drawn = [...chart.matchAll(/d="(M[^"]*)"\/><\/svg><\/div>/g)].map(([, path]) => path?.replace(/[\d.]+/g, ""));
    assert.deepEqual(drawn, ["M HM H"]);
  });

  it("of a case that lasts for days are as small as others, with each peak and each gap that can be seen", () => {
    const [points, lines] = [16_000, 8];
    const span = { startMs: 0, endMs: points * 100 };
    const values = (line: number) =>
      Array.from({ length: points }, (_, index): [number, number | null] => {
        if (index >= 5_000 && index < 6_000) return [index * 100, null];
        return [index * 100, index === 9_001 ? 7_777 : (index * 7 + line) % 900];
      });
    const all = Array.from({ length: lines }, (_, line) => ({
      ...{ name: `y${line}`, points: values(line), areReadings: line % 2 === 0 },
    }));
    const chart = lineChart({ title: "x", lines: all }, span, []);
    assert.ok(chart.length < 300_000, String(chart.length));
    assert.match(chart, />8000</);
    const drawn = [...chart.matchAll(/<path class="ln c\d" d="(M[^"]{30,})"/g)];
    assert.equal(drawn.length, lines);
    for (const [, path = ""] of drawn) {
      assert.match(path, / 21\.6|V21\.6/, "the peak");
      assert.equal(path.split("M").length, 3, "one gap");
    }
  });

  it("show a reading that stands alone, however many there are", () => {
    const points = Array.from({ length: 100 }, (_, index) => [index, index % 2 === 0 ? 1 : null] as const);
    const dotsOf = (shown: typeof points): number =>
      lineChart(
        { title: "x", lines: [{ name: "y", points: shown, areReadings: true }] },
        { startMs: 0, endMs: 99 },
        [],
      ).split("h0").length - 1;
    assert.equal(dotsOf(points), 50);
    assert.equal(dotsOf(points.map(([ms]) => [ms, 1])), 0);
  });

  it("count each packet once: on the interfaces of the host's own stack", () => {
    const [capture] = evidence().captures;
    const twice = {
      ...capture!,
      stackInterfaces: ["eth1"],
      series: [...capture!.series, point(1, 9e9, { interface: "eth0" })],
    };
    const [ports] = pathCharts(evidence({ captures: [twice] }));
    assert.deepEqual(ports, pathCharts(evidence())[0]);
  });

  it("fall to 0 where a capture saw nothing", () => {
    const [ports] = pathCharts(evidence());
    const points = ports?.lines[0]?.points ?? [];
    assert.equal(points.filter(([, value]) => value === 0).length, 3);
  });

  it("stand on one page with the legs as bands, and load nothing", () => {
    const page = renderPage(result(), evidence());
    assert.equal(page.match(/<figure class=ch>/g)?.length, 4);
    for (const figure of page.split("<figure").slice(1)) assert.equal(figure.match(/<g class=l[01]>/g)?.length, 2);
    assert.match(page, /Content-Security-Policy content="default-src 'none'; style-src 'sha256-/);
    assert.doesNotMatch(page, /<script|\s(src|style|on[a-z]+)=|url\(|@import|https?:/);
    assert.doesNotMatch(page, /NaN|Infinity|undefined/);
  });

  it("say so when nothing was measured over time", () => {
    const empty = { legs: [], totals: [], captures: [], cpu: [], classes: [] };
    const { silence: _, ...bare } = buildMigration();
    assert.match(renderPage({ ...result(), migrations: [bare] }, empty), /Nothing was measured over time/);
    assert.match(renderPage({ ...result(), migrations: [], phases: [] }, evidence()), /Nothing was measured over time/);
    assert.equal(lineChart({ title: "x", lines: [] }, { startMs: 0, endMs: 1 }, []), "");
  });

  it("make no element of what a host or a guest is called", () => {
    const tags = (page: string) =>
      page
        .slice(page.indexOf("<body>"))
        .match(/<\/?[a-z][a-z0-9]*/g)
        ?.filter((tag) => !/text/.test(tag));
    const named = (text: string) =>
      renderPage(
        {
          ...result(),
          case: buildCase({ id: text }),
          migrations: [buildMigration({ guest: text, source: text, target: text })],
        },
        {
          ...evidence(),
          captures: [
            { host: text, packets: 1, counts: [], series: seenFrom(0).map((one) => ({ ...one, group: text })) },
          ],
          cpu: [
            {
              host: text,
              process: text,
              points: [
                [1, 0],
                [2, 1],
              ],
            },
          ],
          classes: evidence().classes.map((series) => ({ ...series, host: text, id: text })),
        },
      );
    const expected = tags(named("plain"));
    for (const text of HOSTILE.filter((one) => one !== "host"))
      assert.deepEqual(tags(named(text)), expected, JSON.stringify(text.slice(0, 60)));
  });
});
