import assert from "node:assert/strict";
import type { MigrationRecord } from "../../../lib/model/migration.js";
import type { LegPath } from "../../../lib/model/path.js";
import type { CaseResult } from "../../../lib/model/result.js";
import { channelCosts } from "../../../reports/channel-cost.js";
import { channelCostLines } from "../../../reports/channel-cost-text.js";
import { renderHtml } from "../../../reports/html.js";
import { buildJob, buildMigration, buildResult } from "../../support/build.js";
import { buildLegPath } from "../../support/build-path.js";

const GIB = 2 ** 30;
const NATIVE = ["virsh", "migrate", "--p2p"];
const TUNNELLED = ["virsh", "migrate", "--p2p", "--tunnelled"];

/** A leg of half a GiB: one second and what is said. */
const moved = (leg: number, ms: number, over: Partial<MigrationRecord> = {}): MigrationRecord =>
  buildMigration({
    ...{ leg, startMs: leg * 10_000, endMs: leg * 10_000 + ms, command: NATIVE },
    stats: { reportedDowntimeMs: 30 + leg, dataProcessedBytes: GIB / 2 },
    silence: { longestMs: 60 + leg, intervalMs: 10, sent: 100, received: 95, duplicates: 0, answeredAfter: true },
    ...over,
  });

const inTurn = (migrations: readonly MigrationRecord[], path: readonly LegPath[]): CaseResult =>
  buildResult({ migrations, path });

const FOUR = inTurn(
  [moved(1, 2_000), moved(2, 4_000), moved(3, 3_000, { command: TUNNELLED }), moved(4, 5_000, { command: TUNNELLED })],
  [
    buildLegPath({ leg: 1, dataBytes: GIB / 2, rpcBytes: 0, daemonsS: [0.1, 0.2], qemuS: [1, 2] }),
    buildLegPath({ leg: 2, dataBytes: GIB / 2, rpcBytes: 0, daemonsS: [0.3, 0.4], qemuS: [3, 4] }),
    buildLegPath({ leg: 3, dataBytes: 0, rpcBytes: GIB, daemonsS: [1, 2], qemuS: [1, 1] }),
    buildLegPath({ leg: 4, dataBytes: 0, rpcBytes: GIB / 2, daemonsS: [1, 2], qemuS: [1, 1] }),
  ],
);

const costsOf = (result: CaseResult) => channelCosts(buildJob([result]));

describe("what each channel costs", () => {
  it("has the median and the quartiles of each figure, channel by channel", () => {
    const [cost] = costsOf(FOUR);
    assert.deepEqual(
      cost?.channels.map(({ channel, legs, measured }) => [channel, legs, measured]),
      [
        ["native", 2, 2],
        ["tunnelled", 2, 2],
      ],
    );
    const [native, tunnelled] = cost?.channels ?? [];
    assert.deepEqual(native?.timeMs, { count: 2, lower: 2_500, median: 3_000, upper: 3_500 });
    assert.deepEqual(native?.silenceMs?.median, 61.5);
    assert.deepEqual(native?.reportedMs?.median, 31.5);
    assert.deepEqual(native?.mibPerS?.median, (256 + 128) / 2);
    assert.deepEqual(native?.wireShare?.median, 1);
    assert.deepEqual(tunnelled?.wireShare, { count: 2, lower: 1.25, median: 1.5, upper: 1.75 });
    const medians = Object.entries(native?.cpuSPerGiB ?? {}).map(([name, spread]) => [name, spread?.median.toFixed(2)]);
    assert.deepEqual(medians, [
      ["sourceDaemons", "0.40"],
      ["targetDaemons", "0.60"],
      ["sourceQemu", "4.00"],
      ["targetQemu", "6.00"],
    ]);
  });

  it("leaves out what nobody measured, and never takes it for 0", () => {
    const { silence: _, stats: __, ...bare } = moved(2, 4_000, { command: TUNNELLED });
    const [cost] = costsOf(inTurn([moved(1, 2_000), bare], [buildLegPath({ leg: 1 })]));
    const tunnelled = cost?.channels[1];
    assert.deepEqual(
      [tunnelled?.silenceMs, tunnelled?.reportedMs, tunnelled?.mibPerS, tunnelled?.wireShare],
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual([...new Set(Object.values(tunnelled?.cpuSPerGiB ?? {}))], [undefined]);
    assert.equal(tunnelled?.timeMs?.median, 4_000);
    const text = channelCostLines(buildJob([inTurn([moved(1, 2_000), bare], [buildLegPath({ leg: 1 })])]), (id) => id);
    assert.match(
      text.find((line) => line.startsWith("| tunnelled")) ?? "",
      /\| 1 \| 4\.00, 4\.00 to 4\.00 \| not measured/,
    );
  });

  it("does not tell a QEMU's CPU that was not seen, nor that of daemons which did both", () => {
    const [unseen] = costsOf(
      inTurn(
        [moved(1, 2_000), moved(2, 2_000, { command: TUNNELLED })],
        [buildLegPath({ leg: 1, guest: "other" }), buildLegPath({ leg: 2 })],
      ),
    );
    assert.equal(unseen?.channels[0]?.cpuSPerGiB.sourceQemu, undefined);
    assert.equal(unseen?.channels[0]?.cpuSPerGiB.sourceDaemons?.count, 1);
    const back = moved(1, 2_000, { source: "h2", target: "h1" });
    const [crossed] = costsOf(
      inTurn(
        [moved(1, 2_000), back, moved(2, 2_000, { command: TUNNELLED })],
        [buildLegPath({ leg: 1 }), buildLegPath({ leg: 2 })],
      ),
    );
    assert.equal(crossed?.channels[0]?.cpuSPerGiB.sourceDaemons, undefined);
    assert.equal(crossed?.channels[0]?.cpuSPerGiB.sourceQemu?.count, 1);
  });

  it("measures no leg in which a migration did not complete, and says how many it measured", () => {
    const failed = moved(3, 1, { outcome: "failed" });
    const second = moved(4, 2_000, { command: TUNNELLED });
    const job = buildJob([inTurn([moved(1, 2_000), failed, second], [buildLegPath({ leg: 1 })])]);
    const [cost] = channelCosts(job);
    assert.deepEqual([cost?.channels[0]?.legs, cost?.channels[0]?.measured], [2, 1]);
    assert.equal(cost?.channels[0]?.timeMs?.median, 2_000);
    assert.match(renderHtml(job), /<th scope=row>native<td>1 of 2/);
  });

  it("says nothing of a case with one channel, or without CPU figures", () => {
    assert.deepEqual(costsOf(inTurn([moved(1, 2_000), moved(2, 2_000)], [buildLegPath({ leg: 1 })])), []);
    const noCpu = FOUR.path?.map((leg) => ({ ...leg, cpu: [] }));
    assert.deepEqual(costsOf({ ...FOUR, path: noCpu ?? [] }), []);
    assert.doesNotMatch(renderHtml(buildJob()), /What each channel costs/);
    assert.deepEqual(
      channelCostLines(buildJob(), (id) => id),
      [],
    );
  });

  it("keeps legs apart in which others wanted the link too", () => {
    const path = FOUR.path?.map((leg) => ({ ...leg, isContended: leg.leg > 2 })) ?? [];
    assert.deepEqual(
      costsOf({ ...FOUR, path })[0]?.channels.map(({ channel }) => channel),
      ["native", "tunnelled, contended"],
    );
  });

  it("leaves a leg out whose migrations went different ways", () => {
    const other = moved(1, 2_000, { command: TUNNELLED, guest: "g2" });
    assert.deepEqual(costsOf(inTurn([moved(1, 2_000), other, moved(2, 2_000)], [buildLegPath({ leg: 1 })])), []);
  });

  it("shows on the page a table, bars with their spread, and what the figures leave out", () => {
    const page = renderHtml(buildJob([FOUR]));
    assert.match(page, /<th scope=row>tunnelled<td>2<td>4\.00<small>3\.50 to 4\.50<\/small>/);
    assert.equal(page.match(/<rect class=p\d /g)?.length, 8);
    assert.equal(page.match(/<rect class=bar /g)?.length, 2);
    assert.equal(page.match(/<path class=wh /g)?.length, 10);
    assert.match(page, /up to 0\.45 s of it are missing/);
  });
});
