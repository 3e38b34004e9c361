import assert from "node:assert/strict";
import { CONFLICTS, conflictsIn } from "../../../harness/conflicts.js";
import { buildParams } from "../../support/build.js";

const AT_ONCE = { guests: { count: 2 }, movement: { pattern: "simultaneous" } };
const load = { on: "guests", tool: "stress", args: ["--cpu", "1"] };

describe("conflicts", () => {
  const refused: [given: unknown, section: string, reason: RegExp][] = [
    [{ migration: { channel: "tunnelled", control: "p2p", mode: "postcopy" } }, "migration", /postcopy in a tunnelled/],
    [
      { migration: { channel: "tunnelled", control: "p2p", connections: 2 } },
      "migration",
      /parallel connections in a tunnelled/,
    ],
    [{ migration: { channel: "tunnelled" } }, "migration", /needs control: p2p/],
    [{ migration: { mode: "postcopy", connections: 4 } }, "migration", /QEMU before 10\.1/],
    [{ migration: { compression: "xbzrle", connections: 4 } }, "migration", /XBZRLE/],
    [{ migration: { mode: "postcopy", timeoutAction: "postcopy" } }, "migration", /there is no timeout/],
    [{ migration: { timeout: "5s", timeoutAction: "postcopy" } }, "migration", /needs mode: postcopy/],
    [{ guests: { count: 2 }, movement: { concurrency: 2 } }, "movement", /one at a time/],
    [{ movement: { pattern: "cross" } }, "movement", /two guests/],
    [{ movement: { pattern: "simultaneous" } }, "movement", /two guests/],
    [{ guests: { count: 2 }, movement: { pattern: "cross", concurrency: 1 } }, "movement", /nothing crosses/],
    [
      { guests: { count: 2 }, movement: { pattern: "simultaneous", concurrency: 1 } },
      "movement",
      /nothing is simultaneous/,
    ],
    [{ stress: { tool: "stress" } }, "stress", /no place/],
    [{ stress: { guests: true } }, "stress", /no tool/],
    [{ stress: { tool: "stress", guests: true, hostMemory: "half" } }, "stress", /names none/],
    [{ booting: { migrating: true } }, "booting", /only with pattern: simultaneous/],
    [
      { guests: { count: 3 }, movement: { pattern: "simultaneous", concurrency: 2 }, booting: { migrating: true } },
      "booting",
      /cannot wait/,
    ],
    [{ ...AT_ONCE, booting: { migrating: true }, load: [load] }, "booting", /still booting/],
    [{ ...AT_ONCE, booting: { migrating: true }, expect: { outcome: "failed" } }, "booting", /cannot be reset/],
    [{ limits: { downtime: "1s", warnDowntime: "2s" } }, "limits", /warnDowntime is longer/],
    [{ limits: { totalTime: "5s" }, migration: { timeout: "5s" } }, "limits", /totalTime is not longer/],
  ];
  for (const [given, section, reason] of refused)
    it(`refuses ${JSON.stringify(given)}`, () => {
      const found = conflictsIn(buildParams(given));
      assert.deepEqual(
        found.map((conflict) => conflict.section),
        [section],
      );
      assert.match(found[0]?.reason ?? "", reason);
    });

  it("has a row here for every row of the table", () => {
    const reached = new Set(refused.flatMap(([given]) => conflictsIn(buildParams(given))));
    assert.deepEqual(
      CONFLICTS.filter((conflict) => !reached.has(conflict)).map(({ reason }) => reason),
      [],
    );
  });

  const accepted: [name: string, given: unknown][] = [
    ["the defaults", {}],
    [
      "a tunnel with its bandwidth limited",
      { migration: { channel: "tunnelled", control: "p2p", bandwidthMiBps: 10 } },
    ],
    ["a tunnel with XBZRLE", { migration: { channel: "tunnelled", control: "p2p", compression: "xbzrle" } }],
    ["TLS with parallel connections", { migration: { channel: "tls", connections: 2 } }],
    ["postcopy with XBZRLE, which helps until the switch", { migration: { mode: "postcopy", compression: "xbzrle" } }],
    ["postcopy at the timeout", { migration: { mode: "postcopy", timeout: "5s", timeoutAction: "postcopy" } }],
    ["more concurrency than guests", { guests: { count: 2 }, movement: { pattern: "simultaneous", concurrency: 8 } }],
    ["warning and failing at the same length", { limits: { downtime: "1s", warnDowntime: "1s" } }],
    ["stress everywhere", { stress: { tool: "stress", guests: true, hosts: "both", hostMemory: "short" } }],
    ["guests that boot beside others, or themselves", { ...AT_ONCE, booting: { besides: 2, migrating: true } }],
    ["load on every machine", { load: [load, { ...load, on: "source" }, { ...load, on: "target" }] }],
  ];
  for (const [name, given] of accepted)
    it(`accepts ${name}`, () => assert.deepEqual(conflictsIn(buildParams(given)), []));
});
