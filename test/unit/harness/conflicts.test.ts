import assert from "node:assert/strict";
import { CONFLICTS, conflictsIn } from "../../../harness/conflicts.js";
import { conflictsOf, OPTION_CONFLICTS } from "../../../harness/option-conflicts.js";
import { buildParams } from "../../support/build.js";
import { cpuMs } from "../../support/cpu.js";

const AT_ONCE = { guests: { count: 2 }, movement: { pattern: "simultaneous" } };
const specs = (tunnel: string) => ({ "hw:wrs:live_migration_tunnel": tunnel });
const tunnelling = { extraSpecs: specs("True") };
const P2P = { migration: { control: "p2p" } };
const POST = { migration: { control: "p2p", mode: "postcopy" } };
const CHANGE = { beforeLeg: 2, metadata: {} };
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
    [{ migration: { timeoutAction: "abort" } }, "migration", /abort says what to do/],
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
    [{ ...AT_ONCE, guests: { count: 2, boot: "volume" }, booting: { migrating: true } }, "booting", /forgets what/],
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
    [{ migration: { channel: "tunnelled", control: "p2p", copyStorage: "all" } }, "migration", /copied storage/],
    [{ movement: { turns: [{}, { channel: "tunnelled" }], rounds: 2 } }, "movement", /needs control: p2p/],
    [
      { movement: { turns: [{ connections: 2 }] }, migration: { mode: "postcopy" } },
      "movement",
      /postcopy with parallel connections/,
    ],
    [{ guests: { flavor: tunnelling } }, "guests", /needs control: p2p/],
    [{ guests: { imageProperties: {}, metadata: specs("yes") } }, "guests", /needs control: p2p/],
    [
      { ...P2P, guests: { metadata: {}, metadataChanges: [{ beforeLeg: 2, metadata: specs("1") }] }, ...POST },
      "guests",
      /postcopy in a/,
    ],
    [{ guests: { metadata: {} }, limits: { totalTime: "180s" } }, "guests", /totalTime is not longer/],
    [
      { guests: { metadata: {} }, migration: { channel: "tls" } },
      "migration",
      /migration\.channel: .*said by its flavor/,
    ],
    [{ guests: { metadata: {} }, migration: { autoConverge: true } }, "migration", /migration\.autoConverge/],
    [{ guests: { imageProperties: {} }, migration: { maxDowntime: "1s" } }, "migration", /migration\.maxDowntime/],
    [{ guests: { flavor: {} }, migration: { timeout: "200s" } }, "migration", /migration\.timeout/],
    [{ guests: { flavor: {} }, movement: { turns: [{}] } }, "movement", /exclude each other/],
    [{ guests: { metadataChanges: [{ beforeLeg: 2, metadata: {} }] } }, "guests", /need guests that carry/],
    [{ guests: { metadata: {}, metadataChanges: [{ beforeLeg: 3, metadata: {} }] } }, "guests", /does not have/],
    [{ guests: { metadata: {}, metadataChanges: [CHANGE, CHANGE] } }, "guests", /same leg/],
    [
      { guests: { metadata: specs("maybe") } },
      "guests",
      /live_migration_tunnel: "maybe" cannot be read: write True or/,
    ],
    [
      { guests: { flavor: { extraSpecs: { "hw:wrs:live_migration_timeout": "119" } } } },
      "guests",
      /must be 0 or in the range 120 to 800/,
    ],
    [{ expect: { error: "no route" } }, "expect", /say expect\.outcome: failed too/],
    [{ expect: { redSays: "no route" } }, "expect", /name them in expect\.red/],
    [{ expect: { red: ["outcom"] } }, "expect", /there is no check outcom/],
    [{ expect: { red: ["compression"] } }, "expect", /check compression does not judge this case/],
  ];
  for (const [given, section, reason] of refused)
    it(`refuses ${JSON.stringify(given)}`, () => {
      const found = conflictsIn(buildParams(given));
      assert.deepEqual(
        found.map((one) => one.section),
        [section],
      );
      assert.match(found[0]?.reason ?? "", reason);
    });

  it("has a row here for every row of the table", () => {
    const reached = new Set(refused.flatMap(([given]) => conflictsIn(buildParams(given)).map(({ reason }) => reason)));
    assert.deepEqual(
      [...OPTION_CONFLICTS, ...CONFLICTS].map(({ reason }) => reason).filter((reason) => !reached.has(reason)),
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
    ["an instance that is tunnelled", { ...P2P, guests: { flavor: tunnelling } }],
    [
      "an instance whose metadata wins over a flavor that could not be",
      { guests: { flavor: tunnelling, metadata: specs("0") } },
    ],
    ["an image that asks for a tunnel, which it cannot", { ...POST, guests: { imageProperties: specs("True") } }],
    ["turns that are not all taken", { movement: { turns: [{}, { channel: "tunnelled" }] } }],
    [
      "storage that libvirt is to refuse",
      {
        migration: { channel: "tunnelled", control: "p2p", copyStorage: "all" },
        expect: { outcome: "failed", error: "non-shared storage" },
      },
    ],
    ["a check that is to say FAIL", { expect: { red: ["outcome", "residue"], redSays: "left" } }],
    ["load on every machine", { load: [load, { ...load, on: "source" }, { ...load, on: "target" }] }],
  ];
  for (const [name, given] of accepted)
    it(`accepts ${name}`, () => assert.deepEqual(conflictsIn(buildParams(given)), []));

  it("tells the place of a setting that cannot be read", () => {
    const [found] = conflictsIn(
      buildParams({ guests: { metadata: {}, metadataChanges: [{ beforeLeg: 2, metadata: specs("perhaps") }] } }),
    );
    assert.deepEqual(found?.at, ["metadataChanges", 0, "metadata", "hw:wrs:live_migration_tunnel"]);
  });

  it("looks at one migration by itself, when its options are known", () => {
    const params = buildParams(P2P);
    assert.deepEqual(conflictsOf({ ...params.migration, channel: "tunnelled" }, params), []);
    assert.match(
      conflictsOf({ ...params.migration, channel: "tunnelled", control: "direct" }, params).join(),
      /needs control: p2p/,
    );
  });

  it("does not go through every round of a case that has a million", async () => {
    const params = buildParams({ movement: { rounds: 1_000_000, turns: [{}, { channel: "tunnelled" }] } });
    assert.ok((await cpuMs(() => assert.equal(conflictsIn(params).length, 1))) < 500);
  });
});
