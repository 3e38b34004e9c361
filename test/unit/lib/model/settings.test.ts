import assert from "node:assert/strict";
import fc from "fast-check";
import { everyOptions, metadataAt, optionsOfLeg } from "../../../../lib/model/options-of-leg.js";
import { settingLines } from "../../../../lib/model/setting-lines.js";
import { type Carried, resolveSettings } from "../../../../lib/model/settings.js";
import { buildParams } from "../../../support/build.js";

const NOTHING: Carried = { flavor: {}, metadata: {}, image: {} };
const named = (short: string, value: string) => ({ [`hw:wrs:live_migration_${short}`]: value });
const resolved = (carried: Partial<Carried>) => resolveSettings({ ...NOTHING, ...carried });
const lines = (carried: Partial<Carried>): string[] => settingLines(resolved(carried));
const tunnel = (value: string) => named("tunnel", value);
const converge = (value: string) => named("auto_converge", value);
const downtime = (value: string) => named("max_downtime", value);
const timeout = (value: string) => named("timeout", value);

describe("settings of an instance", () => {
  const table: [carried: Partial<Carried>, line: string][] = [
    [{}, "tunnel=false by default"],
    [{ flavor: tunnel("True") }, "tunnel=true from flavor"],
    [{ metadata: tunnel("True") }, "tunnel=true from metadata"],
    [{ flavor: tunnel("True"), metadata: tunnel("False") }, "tunnel=false from metadata (overrides flavor: True)"],
    [{ flavor: tunnel("False"), metadata: tunnel("True") }, "tunnel=true from metadata (overrides flavor: False)"],
    [{ image: tunnel("True") }, "tunnel=false by default (ignores image: True)"],
    [
      { flavor: tunnel("1"), metadata: tunnel("off"), image: tunnel("yes") },
      "tunnel=false from metadata (overrides flavor: 1; ignores image: yes)",
    ],
    [{}, "auto-converge=true by default"],
    [{ flavor: converge("n") }, "auto-converge=false from flavor"],
    [{ flavor: converge("n"), metadata: converge("Y") }, "auto-converge=true from metadata (overrides flavor: n)"],
    [{ image: converge("false") }, "auto-converge=true by default (ignores image: false)"],
    [{}, "max-downtime=500 ms by default"],
    [
      { flavor: downtime("200"), metadata: downtime("300"), image: downtime("400") },
      "max-downtime=200 ms from flavor (overrides metadata: 300, image: 400)",
    ],
    [{ metadata: downtime("300"), image: downtime("400") }, "max-downtime=300 ms from metadata (overrides image: 400)"],
    [{ image: downtime("400") }, "max-downtime=400 ms from image"],
    [{ image: { hw_wrs_live_migration_max_downtime: "400" } }, "max-downtime=400 ms from image"],
    [{ flavor: downtime("50") }, "max-downtime=100 ms from flavor (raised from 50)"],
    [{ flavor: downtime("100") }, "max-downtime=100 ms from flavor"],
    [{}, "timeout=180 s by default"],
    [
      { flavor: timeout("300"), metadata: timeout("0"), image: timeout("120") },
      "timeout=120 s from image (overrides flavor: 300, metadata: 0)",
    ],
    [{ flavor: timeout("800"), metadata: timeout("799") }, "timeout=799 s from metadata (overrides flavor: 800)"],
    [{ flavor: timeout("0") }, "timeout=none from flavor"],
    [{ flavor: timeout("0"), image: timeout("0") }, "timeout=none from flavor (overrides image: 0)"],
    [
      { flavor: { "hw:wrs:live_migration_permit": "1", "hw:cpu_policy": "dedicated" } },
      "not used: flavor: hw:wrs:live_migration_permit, flavor: hw:cpu_policy",
    ],
  ];
  for (const [carried, line] of table)
    it(line, () => assert.ok(lines(carried).includes(line), lines(carried).join("\n")));

  it("are four, always in the same order", () =>
    assert.deepEqual(
      resolved({}).entries.map(({ setting }) => setting),
      ["tunnel", "autoConverge", "maxDowntimeMs", "timeoutS"],
    ));

  const wrong: [carried: Partial<Carried>, message: RegExp][] = [
    ...["maybe", "", "2", "truee"].map((value): [Partial<Carried>, RegExp] => [
      { metadata: tunnel(value) },
      /True or False/,
    ]),
    ...["-1", "1", "119", "801", "1.5", "180s", "1e3"].map((value): [Partial<Carried>, RegExp] => [
      { flavor: timeout(value) },
      /must be 0 or in the range 120 to 800/,
    ]),
    ...["-100", "fast", "0x64"].map((value): [Partial<Carried>, RegExp] => [
      { image: downtime(value) },
      /whole number/,
    ]),
  ];
  for (const [carried, message] of wrong)
    it(`tell what cannot be read, and go on without it: ${JSON.stringify(carried)}`, () => {
      const { problems, effective } = resolved(carried);
      assert.equal(problems.length, 1);
      assert.match(problems[0]?.message ?? "", message);
      assert.deepEqual(effective, resolved({}).effective);
    });

  it("do not stumble over an unreadable value of a place that has no say", () =>
    assert.deepEqual(resolved({ image: tunnel("perhaps") }).problems, []));

  it("come of anything whatever, within their limits", () => {
    const name = fc.constantFrom(
      ...["tunnel", "auto_converge", "max_downtime", "timeout"].flatMap((one) => [
        `hw:wrs:live_migration_${one}`,
        `hw_wrs_live_migration_${one}`,
      ]),
    );
    const value = fc.oneof(fc.constantFrom("True", "0", "120", "800", "99"), fc.string());
    const place = fc.dictionary(fc.oneof(name, fc.string()), value);
    fc.assert(
      fc.property(place, place, place, (flavor, metadata, image) => {
        const { effective, entries } = resolveSettings({ flavor, metadata, image });
        assert.equal(entries.length, 4);
        assert.ok(effective.maxDowntimeMs >= 100);
        assert.ok(effective.timeoutS === 0 || (effective.timeoutS >= 120 && effective.timeoutS <= 800));
      }),
    );
  });
});

describe("the options of a leg", () => {
  it("are the scenario's for a guest that carries nothing", () => {
    const params = buildParams({ migration: { channel: "tls", timeout: "5s" } });
    assert.deepEqual(optionsOfLeg(params, 7), params.migration);
    assert.deepEqual(everyOptions(params), [params.migration]);
  });

  it("are those of the turn, round by round", () => {
    const params = buildParams({
      migration: { control: "p2p" },
      movement: { rounds: 5, turns: [{ channel: "native" }, { channel: "tunnelled" }, { connections: 4 }] },
    });
    const told = [1, 2, 3, 4, 5, 6, 7, 8].map((leg) => {
      const { channel, connections = 1 } = optionsOfLeg(params, leg);
      return `${channel} ${connections}`;
    });
    assert.deepEqual(told, [
      ...["native 1", "native 1", "tunnelled 1", "tunnelled 1"],
      ...["native 4", "native 4", "native 1", "native 1"],
    ]);
    assert.equal(everyOptions(params).length, 3);
  });

  it("are those of the instance, with the defaults of one", () => {
    const params = buildParams({ guests: { flavor: {} }, migration: { bandwidthMiBps: 8 } });
    assert.deepEqual(optionsOfLeg(params, 1), {
      ...params.migration,
      ...{ channel: "native", autoConverge: true, maxDowntime: 500, timeout: 180_000, timeoutAction: "abort" },
    });
  });

  it("have no timeout where 0 is said", () =>
    assert.equal(optionsOfLeg(buildParams({ guests: { metadata: timeout("0") } }), 1).timeout, undefined));

  it("follow the metadata from the leg on for which it is changed, in whatever order that is written", () => {
    const params = buildParams({
      guests: {
        metadata: tunnel("0"),
        metadataChanges: [
          { beforeLeg: 5, metadata: {} },
          { beforeLeg: 3, metadata: tunnel("1") },
        ],
      },
    });
    const channels = [1, 2, 3, 4, 5, 6].map((leg) => optionsOfLeg(params, leg).channel);
    assert.deepEqual(channels, ["native", "native", "tunnelled", "tunnelled", "native", "native"]);
    assert.deepEqual(metadataAt(params, 9), {});
  });

  it("follow what was read from the guest rather than what the scenario says", () =>
    assert.equal(
      optionsOfLeg(buildParams({ guests: { metadata: tunnel("0") } }), 1, tunnel("1")).channel,
      "tunnelled",
    ));
});
