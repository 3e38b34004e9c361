import assert from "node:assert/strict";
import { busyMs, channelText, processedBy, wayOf } from "../../../../lib/model/way.js";
import { buildMigration } from "../../../support/build.js";
import { buildLegPath } from "../../../support/build-path.js";

describe("the way of a leg", () => {
  const told: readonly (readonly [string[] | undefined, string | undefined])[] = [
    [["virsh", "migrate", "--live"], "native"],
    [["virsh", "migrate", "--p2p", "--tunnelled"], "tunnelled"],
    [["virsh", "migrate", "--tls", "--tls-destination", "h2"], "TLS"],
    [["virsh", "migrate", "--parallel", "--parallel-connections", "4"], "native, 4 connections"],
    [["virsh", "migrate", "--tls", "--parallel", "--parallel-connections", "2"], "TLS, 2 connections"],
    [["virsh", "migrate", "--parallel-connections"], "native"],
    [undefined, undefined],
  ];
  for (const [command, text] of told)
    it(`is ${text ?? "not known"} by ${command?.slice(2).join(" ") ?? "no command"}`, () =>
      assert.equal(channelText(command === undefined ? {} : { command }), text));

  it("counts what leaves the source for the target's ports", () => {
    const record = buildMigration({ stats: { dataProcessedBytes: 1_000_000 } });
    assert.deepEqual(wayOf([record], buildLegPath({ rpcBytes: 5_000, dataBytes: 1_001_000 })), {
      is: "native",
      processedBytes: 1_000_000,
      rpcBytes: 5_000,
      dataBytes: 1_001_000,
    });
    assert.equal(wayOf([record], { counters: [] }), undefined);
    assert.equal(wayOf([buildMigration({ stats: {} })], buildLegPath()), undefined);
  });

  it("does not know the bytes of several migrations when one does not tell", () => {
    const one = buildMigration({ stats: { dataProcessedBytes: 5 } });
    assert.equal(processedBy([one, one]), 10);
    assert.equal(processedBy([one, buildMigration({ stats: {} })]), undefined);
    assert.equal(processedBy([]), undefined);
  });

  it("counts the time in which something migrated once", () => {
    const spans = [
      { startMs: 30, endMs: 40 },
      { startMs: 0, endMs: 10 },
      { startMs: 5, endMs: 12 },
      { startMs: 6, endMs: 8 },
      { startMs: 50 },
    ];
    assert.equal(busyMs(spans), 22);
  });
});
